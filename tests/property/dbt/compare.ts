import type { Content } from '../../rig/dbt/content.ts'
import type { SoakProject } from './state.ts'
import type { Node, Status } from './twin.ts'

/** A difference between a folder with a history and a build from nothing. */
export interface Fault {
  readonly what: string
  readonly text: string
}

/** What a build from nothing gives. */
export interface Oracle {
  readonly content: Content
  /** The SQL and Python that dbt compiled, by path. */
  readonly compiled: Readonly<Record<string, string>>
}

/** Reasons for which an asset that builds on its own content is built in full. */
const IN_FULL = new Set(['missing', 'code', 'deps', 'drifted'])
const LONGEST = 1_500

/**
 * The first relation that differs from what a build from nothing gives. Relations below a tainted asset
 * may differ. `status`: the verdicts before the build, if there was a status.
 */
export function compareBuilds(
  found: Content,
  expected: Content,
  project: SoakProject,
  tainted: ReadonlySet<string>,
  status: Status | null,
): Fault | null {
  const skipped = withReaders(tainted, project)
  for (const [relation, content] of Object.entries(expected)) {
    const asset = assetOf(relation, project)
    if (asset !== null && skipped.has(asset)) continue
    const old = found[relation]
    if (textOf(old) === textOf(content)) continue
    const verdicts = status?.assets.map(({ name, verdict }) => `${name} ${verdict}`).join(', ')
    const verdict = status?.assets.find(({ name }) => name === asset)?.verdict
    const nothing = status?.assets.every((each) => each.verdict === 'fresh') ?? false
    return {
      what: verdict === 'fresh' || nothing ? 'false-fresh' : 'built, but not as from nothing',
      text: `${relation} holds ${shown(old)}\nfrom nothing it holds ${shown(content)}\nstatus before the build: ${verdicts}`,
    }
  }
  return null
}

/**
 * The assets that build on their own content and hold what depends on the history: they were built on top,
 * and differ from a build from nothing. `reasons`: of the assets that were built; null if a build failed.
 */
export function taintedAfter(
  before: ReadonlySet<string>,
  project: SoakProject,
  reasons: ReadonlyMap<string, readonly string[]> | null,
  found: Content,
  expected: Content,
): ReadonlySet<string> {
  const tainted = new Set(before)
  for (const [asset, how] of Object.entries(project.accumulating)) {
    const relation = Object.keys(expected).find((name) => assetOf(name, project) === asset)
    if (relation === undefined) continue
    const isEqual = textOf(found[relation]) === textOf(expected[relation])
    const why = reasons?.get(asset)
    const onTop = how === 'snapshot' || !why?.some((reason) => IN_FULL.has(reason))
    if (isEqual || (why !== undefined && !onTop)) tainted.delete(asset)
    else if (reasons === null || why !== undefined) tainted.add(asset)
  }
  return tainted
}

/** The causes of assets that are stale for code or dependencies, although nothing that they hold changed. */
export function falseStale(
  { assets }: Status,
  before: Oracle,
  after: Oracle,
  project: SoakProject,
): readonly string[] {
  return assets.flatMap((node) => {
    const parts = codeParts(node)
    if (parts === null) return []
    const relations = Object.keys({ ...before.content, ...after.content }).filter(
      (relation) => assetOf(relation, project) === node.name,
    )
    const sameContent = relations.every(
      (relation) => textOf(before.content[relation]) === textOf(after.content[relation]),
    )
    const sameCode =
      compiledOf(before.compiled, node.name, project) ===
      compiledOf(after.compiled, node.name, project)
    return relations.length > 0 && sameContent && sameCode ? [parts] : []
  })
}

/** The kinds of parts that changed, such as `macro, var`; null if the code is no reason. */
function codeParts({ verdict, reasons }: Node): string | null {
  const own = reasons.filter(({ reason }) => reason === 'code' || reason === 'deps')
  if (verdict !== 'stale' || own.length === 0) return null
  const labels = own.flatMap(({ reason, parts }) =>
    parts === undefined || parts.length === 0 ? [reason] : parts.map((part) => kindOf(part)),
  )
  return [...new Set(labels)].sort().join(', ')
}

/** `macro p.amount` is a macro, `var rate` a var. */
function kindOf(part: string | { readonly label: string }): string {
  const label = typeof part === 'string' ? part : part.label
  return /^(?:macro|var|env) /.test(label) ? label.split(' ')[0]! : label
}

function compiledOf(
  compiled: Oracle['compiled'],
  asset: string,
  project: SoakProject,
): string | undefined {
  const model = project.models[asset] ?? asset
  const path = Object.keys(compiled).find((name) =>
    new RegExp(`/${model}\\.(?:sql|py)$`).test(name),
  )
  return path === undefined ? undefined : compiled[path]
}

/** The asset of a relation: its name begins with that of the asset, or of its model. */
function assetOf(relation: string, { deps, models }: SoakProject): string | null {
  const name = relation.split('.')[1]!
  const fitting = Object.keys(deps).filter((asset) => name.startsWith(models[asset] ?? asset))
  return fitting.sort((a, b) => b.length - a.length)[0] ?? null
}

/** Assets, and everything that reads them. */
function withReaders(names: ReadonlySet<string>, { deps }: SoakProject): ReadonlySet<string> {
  const all = new Set(names)
  for (let size = -1; size !== all.size; ) {
    size = all.size
    for (const [asset, reads] of Object.entries(deps)) {
      if (reads.some((read) => all.has(read))) all.add(asset)
    }
  }
  return all
}

/** A relation as text. A template that prints a macro prints its address, another one in each process. */
function textOf(relation: Content[string] | undefined): string {
  return (JSON.stringify(relation) ?? 'nothing').replace(/ at 0x[0-9a-f]+>/g, ' at 0x…>')
}

function shown(value: Content[string] | undefined): string {
  const text = textOf(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

import { groupBy } from '../lib/group-by.ts'
import { hash } from '../lib/hash.ts'
import type { Asset, KindName, Policy } from '../model/asset.ts'
import { type DbtGraph, mergeDbt } from '../model/dbt-facts.ts'
import type { Check, Definition } from '../model/definition.ts'
import type { Problem } from '../model/problem.ts'
import type { AssetTable, Trait } from '../model/tables/asset-table.ts'
import { CodeVersionTable } from '../model/tables/code-version-table.ts'
import type { Words } from '../model/words.ts'
import type { Defined, Kind } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import { withWaivers } from './check-waivers.ts'
import { clocksIn } from './clock-policy.ts'
import { allPolicyProblems } from './policy-problems.ts'
import { PIN } from './reasons.ts'

/** The kinds by name, created on first use. */
export type Kinds = (name: KindName) => Promise<Kind>

/** What all kinds together define of a project's assets. */
export interface DefinedProject {
  readonly definitions: ReadonlyMap<string, Definition>
  readonly codes: CodeVersionTable
  readonly words: ReadonlyMap<string, Words>
  readonly checks: readonly Check[]
  readonly problems: readonly Problem[]
  /** The assets whose code names the clock. */
  readonly clocks: readonly string[]
  readonly later: Defined['later']
  /** The kinds that build everything that is ready in one call. */
  readonly together: ReadonlySet<KindName>
  /** Starts in the background what these kinds need for a build. */
  warm(kinds: ReadonlySet<KindName>): void
  /** What dbt's selection methods look at; empty if dbt's project was not read. */
  dbt(): DbtGraph
}

/** What one kind defines; null for what was defined before. */
interface Part {
  readonly kind: Kind | null
  readonly defined: Pick<Defined, 'definitions' | 'checks' | 'problems'> & Partial<Defined>
}

/** Asks each kind for its definitions. A `code_version` in YAML replaces the kind's. */
export async function define(
  assets: AssetTable,
  kinds: Kinds,
  site: Site,
): Promise<DefinedProject> {
  const parts = await Promise.all(
    [...groupBy(assets.all, ({ kind }) => kind)].map(async ([name, group]): Promise<Part> => {
      const kind = await kinds(name)
      return { kind, defined: await kind.define(group, site) }
    }),
  )
  return join(parts, assets, () => true)
}

/** Adds the definitions that took longer. */
export function defineMore(
  known: DefinedProject,
  more: Defined,
  assets: AssetTable,
): DefinedProject {
  const { definitions, checks, problems } = known
  const parts = [
    { kind: null, defined: { definitions, checks, problems } },
    { kind: null, defined: more },
  ]
  const joined = join(parts, assets, (name) => more.definitions.has(name))
  const { together, warm } = known
  return { ...joined, together, warm, dbt: () => mergeDbt([known.dbt(), joined.dbt()]) }
}

/** `isNew`: assets whose policies are compared with their definitions. */
function join(
  parts: readonly Part[],
  assets: AssetTable,
  isNew: (name: string) => boolean,
): DefinedProject {
  const definitions = new Map<string, Definition>()
  for (const { defined } of parts) {
    for (const [name, definition] of defined.definitions) definitions.set(name, definition)
  }
  pinCodeVersions(definitions, assets)
  const unfit = allPolicyProblems(assets, (name) =>
    isNew(name) ? definitions.get(name) : undefined,
  )
  const all = parts.map(({ defined }) => defined)
  return {
    definitions,
    codes: codeVersionsOf(assets.all, definitions),
    words: wordsOf([definitions]),
    checks: withWaivers(
      all.flatMap(({ checks }) => checks),
      assets,
    ),
    problems: [...all.flatMap(({ problems }) => problems), ...unfit],
    clocks: clocksIn(definitions.values()),
    later: all.find(({ later }) => later != null)?.later ?? null,
    ...capabilities(parts),
  }
}

/** What a joined project asks of its parts later. */
export function capabilities(
  parts: readonly Part[],
): Pick<DefinedProject, 'together' | 'warm' | 'dbt'> {
  const kinds = parts.flatMap(({ kind }) => (kind === null ? [] : [kind]))
  return {
    together: new Set(
      kinds.filter(({ batches }) => batches === 'together').map(({ name }) => name),
    ),
    warm: (names) => {
      for (const { kind, defined } of parts) if (kind && names.has(kind.name)) defined.warm?.()
    },
    dbt: () => mergeDbt(parts.flatMap(({ defined }) => defined.dbt?.() ?? [])),
  }
}

/** Whether the YAML gives the code version. */
export function isPinned({ policy }: Trait): boolean {
  return policy.codeVersion !== null
}

function pinCodeVersions(definitions: Map<string, Definition>, assets: AssetTable): void {
  for (const { name, policy, file } of assets.withTrait(isPinned)) {
    const pin = policy.codeVersion!
    const definition = definitions.get(name)
    if (definition === undefined) continue
    const parts = [{ label: PIN, version: pin, file }]
    definitions.set(name, { ...definition, codeVersion: hash('pinned', pin), parts })
  }
}

/** The words of the assets that have some. */
export function wordsOf(
  maps: readonly ReadonlyMap<string, Definition>[],
): ReadonlyMap<string, Words> {
  const found = new Map<string, Words>()
  for (const definitions of maps) {
    for (const [name, { words }] of definitions) if (words !== undefined) found.set(name, words)
  }
  return found
}

/** The code versions of those assets of whose definitions a decision needs nothing else. */
export function codeVersionsOf(
  assets: readonly Asset[],
  definitions: ReadonlyMap<string, Definition>,
): CodeVersionTable {
  const codes = new CodeVersionTable(assets.length)
  for (const [i, { name, policy }] of assets.entries()) {
    const definition = definitions.get(name)
    if (definition === undefined || !isPlainPolicy(policy)) continue
    const { form, unit, freshness, codeVersion, relation } = definition
    const isPlain = form === 'stored' && unit === null && freshness === undefined
    if (isPlain) codes.set(i, codeVersion, relation)
  }
  return codes
}

/** Whether a policy needs nothing but the record for a decision. A pinned code version covers no files. */
export function isPlainPolicy({ freshness, dataVersion, codeVersion }: Policy): boolean {
  return freshness === null && dataVersion === 'default' && codeVersion === null
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, ok, type Problem, ProblemError, type Result } from '../../model/problem.ts'
import type { Rebuilt } from '../../model/rebuilt.ts'
import type { RebuildStep } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import type { Fingerprint, Loan, ScratchSchema } from '../../ports/warehouse.ts'
import { columnDifferences } from '../column-differences.ts'
import { type ShownFiles, shownFiles } from '../shown-files.ts'
import { nodeFailed, notReported, projectFailed } from './problems.ts'
import type { DbtProject } from './project.ts'
import type { NodeResult, Worker } from './worker/worker.ts'

type ReportRebuilt = (name: string, rebuilt: Rebuilt) => void

/**
 * Builds each asset twice with dbt, under its own name in two scratch schemas, and compares both results
 * with the stored one. No asset reads another, so all of them read stored inputs. Reports every asset
 * unless the command is aborted. Returns what the comparison does not cover.
 */
export async function rebuildBatch(
  assets: readonly RebuildStep[],
  report: ReportRebuilt,
  site: Site,
  project: DbtProject,
): Promise<readonly string[]> {
  const open = new Map(assets.map((step) => [nodeOf(step).node, step]))
  const finish = (node: string, rebuilt: Rebuilt) => {
    const step = open.get(node)
    if (step !== undefined && open.delete(node)) report(step.asset.name, rebuilt)
  }
  const problems = await rebuildAll(open, finish, site, project)
  const notes = assets.some(dependsOnHooks) ? [HOOKS_NOT_RUN] : []
  if (site.signal.aborted) return notes
  for (const [node, { asset }] of open) {
    const problem = problems[0] ?? notReported(asset.name)
    finish(node, { is: 'failed', problem: { ...problem, asset: asset.name } })
  }
  return notes
}

const HOOKS_NOT_RUN =
  'on-run-start statements were not run: what they make is used as it is in the warehouse'

/** Whether `on-run-start` statements are part of its code (SEMANTICS 32). They write outside of scratch. */
function dependsOnHooks({ definition }: RebuildStep): boolean {
  return definition.parts.some(({ label }) => label.startsWith('on-run-start '))
}

/** Builds and compares. Problems: why assets may be left in `open`. */
async function rebuildAll(
  open: ReadonlyMap<string, RebuildStep>,
  finish: (node: string, rebuilt: Rebuilt) => void,
  site: Site,
  project: DbtProject,
): Promise<readonly Problem[]> {
  const [warehouse, worker] = await Promise.all([site.warehouse(), project.worker()])
  if (!warehouse.ok) return warehouse.problems
  if (!worker.ok) return worker.problems
  const lent = await warehouse.value.lend(async (loan): Promise<readonly Problem[]> => {
    const { scratch } = loan
    const interrupt = () => worker.value.interrupt()
    site.signal.addEventListener('abort', interrupt, { once: true })
    try {
      const relations = [...open.values()].flatMap(({ definition }) => definition.relation ?? [])
      const prepare = await scratch.prepare(relations)
      if (!prepare.ok) return prepare.problems
      for (const schema of scratch.schemas) {
        const built = await buildIn(schema, prepare.value, open, project.envOf(loan), worker.value)
        if (!built.ok) return [projectFailed(built.failure, project.dir, site.target.secrets)]
        if (site.signal.aborted) return []
        for (const result of built.results) {
          const rebuilt = notBuilt(result, open.get(result.node), site)
          if (rebuilt !== null) finish(result.node, rebuilt)
        }
      }
      await compareAll(open, finish, loan, worker.value, site)
      return []
    } catch (error) {
      if (error instanceof ProblemError) return error.problems
      throw error
    } finally {
      site.signal.removeEventListener('abort', interrupt)
      await worker.value.release()
    }
  })
  return lent.ok ? lent.value : lent.problems
}

async function buildIn(
  { database, prefix, folder }: ScratchSchema,
  prepare: readonly string[],
  open: ReadonlyMap<string, RebuildStep>,
  env: Loan['env'],
  worker: Worker,
) {
  const results: NodeResult[] = []
  const steps = [...open].map(([node, { definition }]) => ({
    node,
    relation: definition.relation,
    full: true,
    after: [],
  }))
  const reply = await worker.run(
    { steps, env, scratch: { database, prefix, folder, prepare } },
    {
      starting: async () => 'go',
      finished: (result) => results.push(result),
      // In scratch, such a statement is refused instead.
      writing: async () => undefined,
    },
  )
  return reply.ok ? { ...reply, results } : reply
}

/** The outcome of a node that dbt did not build; null if it did. */
function notBuilt(result: NodeResult, step: RebuildStep | undefined, site: Site): Rebuilt | null {
  if (step === undefined || result.status === 'success') return null
  if (result.status === 'refused') return { is: 'left_out', because: result.message ?? '' }
  const { file } = nodeOf(step)
  const source = { name: step.asset.name, file, text: readText(join(site.root, file)) }
  return { is: 'failed', problem: nodeFailed(result, source, null, site.target.secrets) }
}

async function compareAll(
  open: ReadonlyMap<string, RebuildStep>,
  finish: (node: string, rebuilt: Rebuilt) => void,
  loan: Loan,
  worker: Worker,
  { root }: Site,
): Promise<void> {
  const run = (sql: string) => worker.query(sql)
  const [first, second] = loan.scratch.schemas
  const readers = [loan.reader(run), first.reader(run), second.reader(run)] as const
  for (const [node, step] of [...open]) {
    const compared = await compare(step, readers, root)
    const problem = compared.ok ? null : compared.problems[0]!
    finish(node, compared.ok ? compared.value : { is: 'failed', problem: problem! })
  }
}

type ContentReader = ReturnType<ScratchSchema['reader']>

/** Compares the stored relation with both rebuilt ones. Problems: one of them can't be read. */
async function compare(
  { asset, definition }: RebuildStep,
  [stored, first, second]: readonly [ContentReader, ContentReader, ContentReader],
  root: string,
): Promise<Result<Rebuilt>> {
  const { relation } = definition
  if (relation === null) throw new Error(`${asset.name} has no relation and can't be built`)
  const files = shownFiles(root, null, definition)
  if (files !== null && files.state !== 'exist') {
    return fail(filesMissing(asset.name, files, definition.outputs[0]!))
  }
  const volatile = { volatile: asset.policy.volatileColumns }
  const fingerprints: Fingerprint[] = []
  for (const reader of [stored, first, second]) {
    const fingerprint = await reader.fingerprint(relation, { ...volatile, content: true })
    if (!fingerprint.ok) return fingerprint
    fingerprints.push(fingerprint.value)
  }
  const [a, b, c] = fingerprints as [Fingerprint, Fingerprint, Fingerprint]
  const pair =
    b.version !== c.version ? [first, second] : a.version !== b.version ? [stored, first] : null
  const digests = await Promise.all((pair ?? []).map((one) => one.digests(relation, volatile)))
  const problems = digests.flatMap((one) => (one.ok ? [] : one.problems))
  if (problems.length > 0) return fail(...problems)
  const [before, after] = digests.flatMap((one) => (one.ok ? [one.value] : []))
  return ok({
    is: 'compared',
    versions: [a.version, b.version, c.version],
    rows: [a.rows, b.rows, c.rows],
    differing: before === undefined ? null : columnDifferences(before, after!),
  })
}

function filesMissing(
  name: string,
  files: Exclude<ShownFiles, { state: 'exist' }>,
  place: string,
): Problem {
  const what = files.state === 'absent' ? `${place} does not exist` : files.message
  return {
    code: 'relation-missing',
    message: `${name}: ${what}`,
    asset: name,
    hint: `assets materialize ${name}`,
  }
}

/** dbt's unique_id and file, which `definitionOf` stored in `build`. */
function nodeOf({ definition }: RebuildStep): { readonly node: string; readonly file: string } {
  return definition.build as { node: string; file: string }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

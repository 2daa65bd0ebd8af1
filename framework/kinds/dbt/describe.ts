import { ok, type Problem, ProblemError, type Result } from '../../model/problem.ts'
import type { DefinedAsset } from '../../ports/batch.ts'
import type { Described, Inspections } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import type { Loan } from '../../ports/warehouse.ts'
import { commentsFailed, projectFailed } from './problems.ts'
import type { DbtProject } from './project.ts'
import type { Reply, Worker } from './worker/worker.ts'

/** Sets the comments of the relations of these assets with dbt's own macros (SEMANTICS 34). Never throws. */
export async function describeAssets(
  assets: readonly DefinedAsset[],
  site: Site,
  project: DbtProject,
): Promise<Described> {
  const [warehouse, worker] = await Promise.all([site.warehouse(), project.worker()])
  if (!warehouse.ok) return nothing(warehouse.problems)
  if (!worker.ok) return nothing(worker.problems)
  const unchanged = project.unchanged()
  if (!unchanged.ok) return nothing(unchanged.problems)
  const lent = await warehouse.value.lend((loan) =>
    describeWith(loan, worker.value, assets, site, project),
  )
  return lent.ok ? lent.value : nothing(lent.problems)
}

async function describeWith(
  loan: Loan,
  worker: Worker,
  assets: readonly DefinedAsset[],
  site: Site,
  project: DbtProject,
): Promise<Described> {
  const interrupt = () => worker.interrupt()
  site.signal.addEventListener('abort', interrupt, { once: true })
  const resultOf = <T>(reply: Reply<T>): Result<T> =>
    reply.ok
      ? ok(reply.value)
      : { ok: false, problems: [projectFailed(reply.failure, project.dir, site.target.secrets)] }
  try {
    const connected = resultOf(await worker.connect({ env: project.envOf(loan) }))
    if (!connected.ok) return nothing(connected.problems)
    const reader = loan.reader((sql) => worker.query(sql))
    const relations = assets.flatMap(({ definition }) => definition.relation ?? [])
    const before = await reader.inspect(relations)
    const failed = resultOf(await worker.setWords(assets.map(stepOf)))
    if (!failed.ok) return nothing(failed.problems)
    const after = await reader.inspect(relations)
    const set = new Map<string, Inspections>()
    const problems: Problem[] = []
    for (const { asset, definition } of assets) {
      const message = failed.value[nodeOf(definition)]
      const [was, is] = [before, after].map((found) => found.get(definition.relation ?? ''))
      if (message === undefined) set.set(asset.name, { before: was ?? null, after: is ?? null })
      else problems.push(commentsFailed(asset.name, message, site.target.secrets))
    }
    return { set, problems }
  } catch (error) {
    if (error instanceof ProblemError) return nothing(error.problems)
    return nothing([commentsFailed(null, String(error), site.target.secrets)])
  } finally {
    site.signal.removeEventListener('abort', interrupt)
    await worker.release()
  }
}

const nothing = (problems: readonly Problem[]): Described => ({ set: new Map(), problems })

function stepOf({ definition }: DefinedAsset) {
  return { node: nodeOf(definition), relation: definition.relation }
}

/** dbt's unique_id, which `definitionOf` stored in `build`. */
function nodeOf({ build }: DefinedAsset['definition']): string {
  return (build as { readonly node: string }).node
}

import { fail, ok, type Result } from '../../model/problem.ts'
import type { DefinedAsset } from '../../ports/batch.ts'
import type { Site } from '../../ports/site.ts'
import type { Loan, ViewComparison, ViewStatement } from '../../ports/warehouse.ts'
import { withSession } from '../with-session.ts'
import { projectFailed } from './problems.ts'
import type { DbtProject } from './project.ts'
import type { Worker } from './worker/worker.ts'

/**
 * Compares views that exist with the statements that dbt would send for them now (SEMANTICS 43). dbt compiles the
 * models, which may ask the warehouse and may not write to it; then the warehouse compares. Problems: those of dbt's
 * environment and of the warehouse, `dbt-project-failed`, `dbt-project-changed`.
 */
export async function compareViews(
  views: readonly DefinedAsset[],
  site: Site,
  project: DbtProject,
): Promise<Result<ReadonlyMap<string, ViewComparison>>> {
  const [warehouse, worker] = await Promise.all([site.warehouse(), project.worker()])
  if (!warehouse.ok) return warehouse
  if (!worker.ok) return worker
  const unchanged = project.unchanged()
  if (!unchanged.ok) return unchanged
  const lent = await warehouse.value.lend((loan) =>
    statementsOf(loan, worker.value, views, site, project),
  )
  if (!lent.ok) return lent
  if (!lent.value.ok) return lent.value
  const statements = lent.value.value
  const named = views.flatMap(({ asset, definition }) => {
    const statement = statements.get(nodeOf(definition))
    const { relation } = definition
    return statement === undefined || relation === null
      ? []
      : [{ name: asset.name, relation, statement }]
  })
  if (named.length === 0) return ok(new Map())
  const wanted = new Map(named.map(({ relation, statement }) => [relation, statement]))
  const compared = await withSession(warehouse.value, (session) => session.compareViews(wanted))
  if (!compared.ok) return compared
  return ok(
    new Map(
      named.flatMap(({ name, relation }) => {
        const comparison = compared.value.get(relation)
        return comparison === undefined ? [] : [[name, comparison] as const]
      }),
    ),
  )
}

/** The statements by dbt's unique_id, without the nodes of which dbt can't say what it would send. */
async function statementsOf(
  loan: Loan,
  worker: Worker,
  views: readonly DefinedAsset[],
  site: Site,
  project: DbtProject,
): Promise<Result<ReadonlyMap<string, ViewStatement>>> {
  const interrupt = () => worker.interrupt()
  site.signal.addEventListener('abort', interrupt, { once: true })
  try {
    const connected = await worker.connect({ env: project.envOf(loan) })
    const steps = views.map(({ definition }) => ({
      node: nodeOf(definition),
      relation: definition.relation,
    }))
    const reply = connected.ok ? await worker.viewStatements(steps) : connected
    if (reply.ok) return ok(new Map(Object.entries(reply.value)))
    return fail(projectFailed(reply.failure, project.dir, site.target.secrets))
  } finally {
    site.signal.removeEventListener('abort', interrupt)
    await worker.release()
  }
}

/** dbt's unique_id, which `definitionOf` stored in `build`. */
function nodeOf({ build }: DefinedAsset['definition']): string {
  return (build as { readonly node: string }).node
}

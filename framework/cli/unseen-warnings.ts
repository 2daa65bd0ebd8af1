import { ok, type Problem } from '../model/problem.ts'
import { databaseOf } from '../model/relation-name.ts'
import type { DefinedProject } from '../staleness/define.ts'
import type { Workspace } from './workspace.ts'

/**
 * A warning for each database that dbt reads or writes and sessions of the warehouse can't see, so that what
 * reads it is built in each run (SEMANTICS 44). Opens nothing: only what the settings say is known.
 */
export async function unseenWarnings(
  { site }: Pick<Workspace, 'site'>,
  { definitions }: Pick<DefinedProject, 'definitions'>,
): Promise<readonly Problem[]> {
  const elsewhere = [...definitions.values()].filter(
    ({ relation }) => databaseOf(relation) !== null,
  )
  const warehouse = elsewhere.length === 0 ? ok(null) : await site.warehouse()
  if (!warehouse.ok || warehouse.value === null) return []
  const assets = new Map<string, string[]>()
  for (const { asset, relation } of elsewhere) {
    const why = warehouse.value.whyUnseen(relation!)
    if (why !== null) assets.set(why, [...(assets.get(why) ?? []), asset])
  }
  return [...assets].map(([why, names]) => ({
    code: 'database-unseen',
    message: `${listed(names)}: ${why}`,
    hint: HINT,
  }))
}

const HINT =
  "what reads them is built in each run; to build only for changes, have dbt read them from a DuckDB file or from the target's own database"

function listed([first, ...rest]: readonly string[]): string {
  return rest.length === 0 ? `${first}` : `${first} and ${rest.length} more`
}

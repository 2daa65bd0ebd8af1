import type { RunStatement } from '../../engines/duckdb/engine.ts'
import { qualified, relationName } from '../../engines/duckdb/names.ts'
import type { Inspected, ViewComparison, ViewStatement } from '../../ports/warehouse.ts'
import { createReader } from './reader.ts'

/**
 * Compares views with what statements would create: each statement is sent in a transaction of its own, the
 * view is inspected as always, and the transaction is rolled back. A rolled back transaction leaves nothing in the
 * file, so its change token stays. `run` must be a connection that nothing else uses meanwhile. A statement that
 * fails is left out.
 */
export async function compareViews(
  run: RunStatement,
  file: string,
  wanted: ReadonlyMap<string, ViewStatement>,
): Promise<ReadonlyMap<string, ViewComparison>> {
  const reader = createReader(run, file)
  const existing = await reader.inspect([...wanted.keys()])
  const compared = new Map<string, ViewComparison>()
  for (const [relation, { statement }] of wanted) {
    const was = existing.get(relation)
    if (was === undefined || was.installed === null) continue
    const would = await inspectCreated(run, reader, relation, statement)
    if (would === null) continue
    const isSame = was.installed === would.installed && was.shape.columns === would.shape.columns
    compared.set(relation, { is: isSame ? 'same' : 'other', installed: was.installed })
  }
  return compared
}

/** The view that a statement creates; null if it can't be created. Leaves nothing behind. */
async function inspectCreated(
  run: RunStatement,
  reader: Pick<ReturnType<typeof createReader>, 'inspect'>,
  relation: string,
  statement: string,
): Promise<Inspected | null> {
  try {
    const [[database] = []] = await run('select current_database()')
    const address = qualified(String(database), relationName(relation))
    await run('begin transaction')
    await run(`drop view if exists ${address}`)
    await run(statement)
    return (await reader.inspect([relation])).get(relation) ?? null
  } catch {
    return null
  } finally {
    await run('rollback').catch(() => undefined)
  }
}

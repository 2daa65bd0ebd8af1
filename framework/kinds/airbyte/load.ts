import { makeTemporaryFolder, removeTemporaryFolder } from '../../lib/temporary-folder.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Loader } from '../../ports/connection.ts'
import type { TableLoader } from '../../ports/warehouse.ts'
import { streamOf } from './stream.ts'
import { failAll, type Group, type Work } from './work.ts'

/** Loads streams connection by connection, all in one session with the warehouse. */
export async function loadGroups(groups: readonly Group<Loader>[], work: Work): Promise<void> {
  if (groups.length === 0) return
  const warehouse = await work.site.warehouse()
  const session = warehouse.ok ? await warehouse.value.open(work.batch.signal) : warehouse
  if (!session.ok) {
    for (const { steps } of groups) await failAll(steps, session.problems, work.report)
    return
  }
  try {
    const { loader } = session.value
    for (const group of groups) {
      if (loader !== null) await loadGroup(group, loader, work)
      else await failAll(group.steps, [unsupported(work)], work.report)
    }
  } finally {
    await session.value.close()
  }
}

async function loadGroup(
  { connection, steps }: Group<Loader>,
  loader: TableLoader,
  { batch, report, site }: Work,
): Promise<void> {
  const scratch = openScratch(site.home)
  if (!scratch.ok) return failAll(steps, scratch.problems, report)
  try {
    await connection.load({
      run: batch.run,
      streams: steps.map(({ asset, step }) => ({ stream: streamOf(asset, site.target), step })),
      loader,
      report,
      signal: batch.signal,
      scratch: scratch.value,
    })
  } finally {
    removeTemporaryFolder(scratch.value)
  }
}

function unsupported({ site }: Work): Problem {
  return {
    code: 'load-unsupported',
    message: `rows can't be loaded into the ${site.target.warehouse?.type} warehouse of ${site.target.name}: they get there by Airbyte`,
    hint: 'give the target a connection of type airbyte, and keep the postgres connection for DuckDB',
  }
}

function openScratch(home: string): Result<string> {
  try {
    return ok(makeTemporaryFolder(home))
  } catch (error) {
    return fail({
      code: 'scratch-unwritable',
      message: `no room for spool files under ${home}: ${(error as Error).message}`,
      hint: 'make the folder writable and see that the disk is not full',
    })
  }
}

import { makeTemporaryFolder, removeTemporaryFolder } from '../../lib/temporary-folder.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Loader } from '../../ports/connection.ts'
import type { TableLoader, Warehouse } from '../../ports/warehouse.ts'
import { type BatchWork, type ConnectionGroup, failAll } from './batch-work.ts'
import { streamOf } from './stream.ts'

/** Runs loaders one after another, in one session of the warehouse. Reports every step. */
export async function runLoaders(
  groups: readonly ConnectionGroup<Loader>[],
  work: BatchWork,
): Promise<void> {
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
      if (loader !== null) {
        await loadGroup(group, loader, work)
      } else if (warehouse.ok) {
        await failAll(group.steps, [unsupported(work, warehouse.value)], work.report)
      }
    }
  } finally {
    await session.value.close()
  }
}

async function loadGroup(
  { connection, steps }: ConnectionGroup<Loader>,
  loader: TableLoader,
  { batch, report, onWait, site }: BatchWork,
): Promise<void> {
  const scratch = openScratch(site.home)
  if (!scratch.ok) return failAll(steps, scratch.problems, report)
  try {
    await connection.load({
      run: batch.run,
      streams: steps.map(({ asset, step }) => ({ stream: streamOf(asset, site.target), step })),
      loader,
      report,
      onWait,
      signal: batch.signal,
      scratch: scratch.value,
    })
  } finally {
    onWait(null)
    removeTemporaryFolder(scratch.value)
  }
}

function unsupported({ site }: BatchWork, { type }: Pick<Warehouse, 'type'>): Problem {
  return {
    code: 'load-unsupported',
    message: `the ${type} warehouse of target ${site.target.name} cannot be loaded by a postgres connection`,
    hint: 'use a connection of type airbyte in this target; a postgres connection loads only DuckDB',
  }
}

function openScratch(home: string): Result<string> {
  try {
    return ok(makeTemporaryFolder(home))
  } catch (error) {
    return fail({
      code: 'scratch-unwritable',
      message: `${home} can't hold spool files: ${(error as Error).message}`,
      hint: 'make the folder writable, and check that the disk is not full',
    })
  }
}

import { fail, ok, type Problem, ProblemError, type Result } from '../model/problem.ts'
import type { StateTools } from '../ports/state-tools.ts'
import { copyRows, countRows, deleteRows } from './copy-rows.ts'
import { attempt, type Transaction } from './database.ts'
import { liveLease, type StateContext } from './lease-row.ts'
import { stateContextOf } from './sql-state.ts'
import { TABLES } from './tables.ts'

/**
 * Copies the data of a target to another state, in one transaction there. The caller holds the lease on the
 * target in the source state; the run of that lease is not copied. Run numbers stay the same, because
 * records refer to them. Problems: `state-not-empty`, `state-run-numbers`, `busy`,
 * `state-copy-differs`, and those of both databases.
 */
export const copyState: StateTools['copy'] = async (from, to, { target, replace, lease }) => {
  const [sourceContext, sinkContext] = [stateContextOf(from), stateContextOf(to)]
  return attempt(() =>
    sourceContext.database.transaction('read', (source) =>
      sinkContext.database.transaction('durable', async (sink) => {
        const emptied = await emptySink(sink, sinkContext, target, replace)
        if (!emptied.ok) throw new ProblemError(...emptied.problems)
        await refuseUsedNumbers(source, sink, target, lease.run)
        const copied = await copyRows(source, sink, target, lease.run)
        for (const table of TABLES) {
          const [expected, found] = await Promise.all([
            countRows(source, table, target, lease.run),
            countRows(sink, table, target, lease.run),
          ])
          if (expected !== found) throw new ProblemError(differs(table.name, expected, found))
        }
        return copied
      }),
    ),
  )
}

/** Deletes the data of the target in the sink if `replace` is set. Problems: `busy`, `state-not-empty`. */
async function emptySink(
  sink: Transaction,
  context: StateContext,
  target: string,
  replace: boolean,
): Promise<Result<void>> {
  const held = await liveLease(sink, target, context)
  if (held !== null) return fail(busy(target, held.run))
  let rows = 0
  for (const table of TABLES) rows += await countRows(sink, table, target)
  if (rows > 0 && !replace) return fail(notEmpty(target, rows))
  await deleteRows(sink, target)
  return ok(undefined)
}

/** Throws `state-run-numbers` if a run number is used already: they are unique within a state. */
export async function refuseUsedNumbers(
  source: Transaction,
  sink: Transaction,
  target: string,
  except: number | null,
): Promise<void> {
  const used = new Map(await sink.all<[number, string]>('select id, target from runs'))
  const runs = await source.all<[number]>('select id from runs where target = ?', [target])
  for (const [id] of runs) {
    const other = used.get(id)
    if (id !== except && other !== undefined) throw new ProblemError(numberUsed(id, other))
  }
}

function notEmpty(target: string, rows: number): Problem {
  return {
    code: 'state-not-empty',
    message: `the state to copy to already has ${rows} rows of target ${target}`,
    hint: 'add --replace to delete them, or copy to another state',
  }
}

export function busy(target: string, run: number): Problem {
  return {
    code: 'busy',
    message: `the state to write to is in use: run ${run} is building target ${target}`,
    hint: 'run the same command again when that run has ended',
  }
}

function numberUsed(run: number, target: string): Problem {
  return {
    code: 'state-run-numbers',
    message: `the state to copy to already has a run ${run}, of target ${target}; run numbers must be unique`,
    hint: 'copy to an empty state: set another `schema` (postgres) or `path` (sqlite) in the settings of `state:`',
  }
}

function differs(table: string, expected: number, found: number): Problem {
  return {
    code: 'state-copy-differs',
    message: `table ${table} has ${found} rows after the copy instead of ${expected}; nothing was copied`,
    hint: 'run the same command again; if it fails again, please report it',
  }
}

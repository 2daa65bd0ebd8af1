import { fail, ok, type Problem, ProblemError, type Result } from '../model/problem.ts'
import type { CopyState } from '../ports/state.ts'
import { attempt, type Transaction, type Value } from './database.ts'
import { liveLease, type StateContext } from './lease-row.ts'
import { stateContextOf } from './sql-state.ts'

interface CopiedTable {
  readonly name: string
  /** The key columns come first. */
  readonly columns: readonly string[]
  /** Selects the rows of a target; `?` is the target. */
  readonly where: string
}

const targetTable = (name: string, ...columns: readonly string[]): CopiedTable => ({
  name,
  columns: ['target', ...columns],
  where: 'target = ?',
})

/** The tables with data of a target, except `NOT_COPIED`. */
export const TABLES: readonly CopiedTable[] = [
  {
    name: 'runs',
    columns: [
      ...['id', 'target', 'command', 'job', 'started_at'],
      ...['finished_at', 'outcome', 'counts', 'balance'],
    ],
    where: 'target = ?',
  },
  {
    name: 'steps',
    columns: ['run', 'name', 'finished_at', 'outcome', 'body'],
    where: 'run in (select id from runs where target = ?)',
  },
  targetTable('records', 'name', 'written_by', 'version', 'body'),
  targetTable('past_records', 'name', 'version', 'body'),
  targetTable('checks', 'name', 'body'),
  targetTable('journal', 'name', 'run', 'at', 'state', 'message', 'reference'),
  targetTable('marks', 'name', 'mark'),
  targetTable('remembered', 'asset', 'versions'),
  targetTable('observed', 'name', 'at', 'body'),
  targetTable('leftovers', 'place', 'body'),
  targetTable('gates', 'subject', 'token'),
  targetTable('durations', 'name', 'seconds'),
]

/** Tables with data of a target that are not copied: leases, and `sheets`, which the next run rewrites. */
export const NOT_COPIED: readonly string[] = ['leases', 'sheets']

const PAGE = 500

/** Not the number of a run: they begin at 1. */
const NO_RUN = 0
/** The run of a row in a table without runs. It differs from all runs and from `NO_RUN`. */
const ANY_RUN = -1

/**
 * Copies the data of a target to another state, in one transaction there. The caller holds the lease on the
 * target in the source state; the run of that lease is not copied. Run numbers stay the same, because
 * records refer to them. Problems: `state-not-empty`, `state-run-numbers`, `busy`,
 * `state-copy-differs`, and those of both databases.
 */
export const copyState: CopyState = async (from, to, { target, replace, lease }) => {
  const [sourceContext, sinkContext] = [stateContextOf(from), stateContextOf(to)]
  return attempt(() =>
    sourceContext.database.transaction('read', (source) =>
      sinkContext.database.transaction('durable', async (sink) => {
        const emptied = await emptySink(sink, sinkContext, target, replace)
        if (!emptied.ok) throw new ProblemError(...emptied.problems)
        const copied: Record<string, number> = {}
        for (const table of TABLES) {
          await copyTable(source, sink, table, target, lease.run)
          const [expected, found] = await Promise.all([
            count(source, table, target, lease.run),
            count(sink, table, target, lease.run),
          ])
          if (expected !== found) throw new ProblemError(differs(table.name, expected, found))
          copied[table.name] = found
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
  for (const table of TABLES) rows += await count(sink, table, target, null)
  if (rows > 0 && !replace) return fail(notEmpty(target, rows))
  // Steps are found through their runs, so they are deleted first.
  for (const { name, where } of TABLES.toReversed()) {
    await sink.run(`delete from ${name} where ${where}`, [target])
  }
  for (const name of NOT_COPIED) await sink.run(`delete from ${name} where target = ?`, [target])
  return ok(undefined)
}

async function copyTable(
  source: Transaction,
  sink: Transaction,
  table: CopiedTable,
  target: string,
  except: number,
): Promise<void> {
  const { name, columns } = table
  const names = columns.join(', ')
  const parameters = columns.map(() => '?').join(', ')
  const insert = `insert into ${name} (${names}) values (${parameters})`
  for (let offset = 0; ; offset += PAGE) {
    const rows = await source.all<readonly Value[]>(
      `select ${names} from ${name} where ${rowsToCopy(table)}
       order by ${columns.slice(0, 3).join(', ')} limit ${PAGE} offset ${offset}`,
      [target, except],
    )
    if (name === 'runs') await refuseUsedNumbers(sink, rows)
    await Promise.all(
      rows.map((row) => sink.run(insert, name === 'durations' ? row : row.map(rounded))),
    )
    if (rows.length < PAGE) return
  }
}

/** Old SQLite states have times with a fraction in `bigint` columns, which PostgreSQL refuses. */
function rounded(value: Value): Value {
  return typeof value === 'number' ? Math.round(value) : value
}

/** Selects the rows of a target (first `?`), except those of one run (second `?`). */
function rowsToCopy({ name, where }: CopiedTable): string {
  const run = { runs: 'id', steps: 'run' }[name]
  return `${where} and ${run ?? ANY_RUN} <> ?`
}

/** Throws `state-run-numbers` if a run number is used already: they are unique within a state. */
async function refuseUsedNumbers(
  sink: Transaction,
  runs: readonly (readonly Value[])[],
): Promise<void> {
  for (const [id = null] of runs) {
    const [used] = await sink.all<[string]>('select target from runs where id = ?', [id])
    if (used !== undefined) throw new ProblemError(numberUsed(Number(id), used[0]))
  }
}

async function count(
  tx: Transaction,
  table: CopiedTable,
  target: string,
  except: number | null,
): Promise<number> {
  const [row] = await tx.all<[number]>(
    `select count(*) from ${table.name} where ${rowsToCopy(table)}`,
    [target, except ?? NO_RUN],
  )
  return row![0]
}

function notEmpty(target: string, rows: number): Problem {
  return {
    code: 'state-not-empty',
    message: `the state to copy to already has ${rows} rows of target ${target}`,
    hint: 'add --replace to delete them, or copy to another state',
  }
}

function busy(target: string, run: number): Problem {
  return {
    code: 'busy',
    message: `the state to copy to is in use: run ${run} is building target ${target}`,
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

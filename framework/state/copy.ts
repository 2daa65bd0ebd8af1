import { fail, ok, type Problem, ProblemError, type Result } from '../model/problem.ts'
import type { CopyState } from '../ports/state.ts'
import { attempt, type Transaction, type Value } from './database.ts'
import { liveLease, type StateContext } from './lease.ts'
import { stateContextOf } from './sql-state.ts'

interface Table {
  readonly name: string
  /** The first ones are its key. */
  readonly columns: readonly string[]
  /** Which of its rows are a target's; `?` is the target. */
  readonly where: string
}

const targetTable = (name: string, ...columns: readonly string[]): Table => ({
  name,
  columns: ['target', ...columns],
  where: 'target = ?',
})

/** Everything that is a target's, but for leases, and for sheets, which the next run makes anew. */
export const TABLES: readonly Table[] = [
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
  targetTable('gates', 'subject', 'token'),
  targetTable('durations', 'name', 'seconds'),
]

/** Tables that hold something of a target and are not carried over. */
export const NOT_COPIED: readonly string[] = ['leases', 'sheets']

const PAGE = 500

/** Runs are counted from one. */
const NO_RUN = 0
/** In place of a run where a row has none: unlike any, and unlike no run. */
const ANY_RUN = -1

/**
 * Carries what one state holds of a target over to another, in one transaction there: all of it or
 * nothing. Whoever calls holds the lease at the origin, and that run is left out. Run numbers stay,
 * for they are what records name. Problems: `state-not-empty`, `state-run-numbers`, `busy`,
 * `state-copy-differs`, and those of either database.
 */
export const copyState: CopyState = async (from, to, { target, replace, lease }) => {
  const [origin, goal] = [stateContextOf(from), stateContextOf(to)]
  return attempt(() =>
    origin.database.transaction('read', (source) =>
      goal.database.transaction('durable', async (sink) => {
        const free = await makeRoom(sink, goal, target, replace)
        if (!free.ok) throw new ProblemError(...free.problems)
        const copied: Record<string, number> = {}
        for (const table of TABLES) {
          await copyTable(source, sink, table, target, lease.run)
          const [wanted, got] = await Promise.all([
            count(source, table, target, lease.run),
            count(sink, table, target, lease.run),
          ])
          if (wanted !== got) throw new ProblemError(differs(table.name, wanted, got))
          copied[table.name] = got
        }
        return copied
      }),
    ),
  )
}

async function makeRoom(
  sink: Transaction,
  goal: StateContext,
  target: string,
  replace: boolean,
): Promise<Result<void>> {
  const held = await liveLease(sink, target, goal)
  if (held !== null) return fail(busy(target, held.run))
  let rows = 0
  for (const table of TABLES) rows += await count(sink, table, target, null)
  if (rows > 0 && !replace) return fail(notEmpty(target, rows))
  // Steps belong to runs, so they go before them.
  for (const { name, where } of TABLES.toReversed()) {
    await sink.run(`delete from ${name} where ${where}`, [target])
  }
  for (const name of NOT_COPIED) await sink.run(`delete from ${name} where target = ?`, [target])
  return ok(undefined)
}

async function copyTable(
  source: Transaction,
  sink: Transaction,
  table: Table,
  target: string,
  except: number,
): Promise<void> {
  const { name, columns } = table
  const names = columns.join(', ')
  const places = columns.map(() => '?').join(', ')
  const insert = `insert into ${name} (${names}) values (${places})`
  for (let offset = 0; ; offset += PAGE) {
    const rows = await source.all<readonly Value[]>(
      `select ${names} from ${name} where ${rest(table)}
       order by ${columns.slice(0, 3).join(', ')} limit ${PAGE} offset ${offset}`,
      [target, except],
    )
    if (name === 'runs') await refuseTaken(sink, rows)
    await Promise.all(
      rows.map((row) => sink.run(insert, name === 'durations' ? row : row.map(rounded))),
    )
    if (rows.length < PAGE) return
  }
}

/** SQLite keeps a time with a fraction in a `bigint`, as old states hold them; servers refuse it. */
function rounded(value: Value): Value {
  return typeof value === 'number' ? Math.round(value) : value
}

/** A table's rows of a target but for those of one run, which the second `?` is. */
function rest({ name, where }: Table): string {
  const run = { runs: 'id', steps: 'run' }[name]
  return `${where} and ${run ?? ANY_RUN} <> ?`
}

/** A run number is one for all targets of a state. */
async function refuseTaken(sink: Transaction, runs: readonly (readonly Value[])[]): Promise<void> {
  for (const [id = null] of runs) {
    const [taken] = await sink.all<[string]>('select target from runs where id = ?', [id])
    if (taken !== undefined) throw new ProblemError(numberTaken(Number(id), taken[0]))
  }
}

async function count(
  tx: Transaction,
  table: Table,
  target: string,
  except: number | null,
): Promise<number> {
  const [row] = await tx.all<[number]>(`select count(*) from ${table.name} where ${rest(table)}`, [
    target,
    except ?? NO_RUN,
  ])
  return row![0]
}

function notEmpty(target: string, rows: number): Problem {
  return {
    code: 'state-not-empty',
    message: `the state to copy to holds ${rows} rows of target ${target} already`,
    hint: 'give --replace to throw them away, or name another place',
  }
}

function busy(target: string, run: number): Problem {
  return {
    code: 'busy',
    message: `run ${run} is building ${target} with the state to copy to`,
    hint: 'run the same command again when it has ended',
  }
}

function numberTaken(run: number, target: string): Problem {
  return {
    code: 'state-run-numbers',
    message: `run ${run} of the state to copy to is one of target ${target}, and records name runs by number`,
    hint: 'copy into a state of its own: another `schema:` in the settings of `state:`, or another file',
  }
}

function differs(table: string, wanted: number, got: number): Problem {
  return {
    code: 'state-copy-differs',
    message: `${wanted} rows of ${table} were to be copied and ${got} arrived, so nothing was`,
    hint: 'run the same command again; if it says so again, please report it',
  }
}

/** A table of the state. */
export interface StateTable {
  readonly name: TableName
  /** The key columns come first. Without `seal`. */
  readonly columns: readonly string[]
  /** The number of key columns. */
  readonly keys: number
  /** Selects the rows of a target; `?` is the target. */
  readonly where: string
  /** Whether a row has a checksum of its columns, in the column `seal`. */
  readonly sealed: boolean
}

export type TableName =
  | 'runs'
  | 'steps'
  | 'records'
  | 'past_records'
  | 'checks'
  | 'journal'
  | 'marks'
  | 'remembered'
  | 'observed'
  | 'leftovers'
  | 'gates'
  | 'durations'

const ofTarget = (
  name: TableName,
  sealed: boolean,
  keys: readonly string[],
  others: readonly string[],
): StateTable => ({
  name,
  columns: ['target', ...keys, ...others],
  keys: keys.length + 1,
  where: 'target = ?',
  sealed,
})

/** The tables with data of a target, except `DERIVED`. The history (runs, steps, durations) decides nothing. */
export const TABLES: readonly StateTable[] = [
  {
    name: 'runs',
    columns: [
      ...['id', 'target', 'command', 'job', 'started_at'],
      ...['finished_at', 'outcome', 'counts', 'balance'],
    ],
    keys: 1,
    where: 'target = ?',
    sealed: false,
  },
  {
    name: 'steps',
    columns: ['run', 'name', 'finished_at', 'outcome', 'body'],
    keys: 2,
    where: 'run in (select id from runs where target = ?)',
    sealed: true,
  },
  ofTarget('records', true, ['name'], ['written_by', 'version', 'body']),
  ofTarget('past_records', true, ['name', 'version'], ['body']),
  ofTarget('checks', true, ['name'], ['body']),
  ofTarget('journal', true, ['name'], ['run', 'at', 'state', 'message', 'reference']),
  ofTarget('marks', true, ['name'], ['mark']),
  ofTarget('remembered', true, ['asset'], ['versions']),
  ofTarget('observed', true, ['name'], ['at', 'body']),
  ofTarget('leftovers', true, ['place'], ['body']),
  ofTarget('gates', true, ['subject'], ['token']),
  ofTarget('durations', false, ['name'], ['seconds']),
]

/**
 * Tables with data of a target that another state does not need: leases; `sheets`, which the next run rewrites; and what
 * pages show of runs while they run.
 */
export const DERIVED: readonly string[] = ['leases', 'sheets', 'run_events', 'run_progress']

export function tableOf(name: TableName): StateTable {
  return TABLES.find((table) => table.name === name)!
}

/** All columns of a table, the checksum last. */
export function storedColumns({ columns, sealed }: StateTable): readonly string[] {
  return sealed ? [...columns, 'seal'] : columns
}

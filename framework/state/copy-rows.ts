import type { Row, Transaction, Value } from './database.ts'
import { opened, sealOf } from './sealed-rows.ts'
import { DERIVED, type StateTable, storedColumns, TABLES } from './tables.ts'

const PAGE = 500

/** Not the number of a run: they begin at 1. */
const NO_RUN = 0
/** The run of a row in a table without runs. It differs from all runs and from `NO_RUN`. */
const ANY_RUN = -1

/**
 * Copies the rows of a target from one transaction to another, except those of the run `except`. Returns the number of
 * rows by table. Throws `state-corrupted` for a damaged row.
 */
export async function copyRows(
  source: Transaction,
  sink: Transaction,
  target: string,
  except: number | null = null,
): Promise<Record<string, number>> {
  const copied: Record<string, number> = {}
  for (const table of TABLES)
    copied[table.name] = await copyTable(source, sink, table, target, except)
  return copied
}

async function copyTable(
  source: Transaction,
  sink: Transaction,
  table: StateTable,
  target: string,
  except: number | null,
): Promise<number> {
  const { name } = table
  const columns = storedColumns(table)
  const names = columns.join(', ')
  const insert = `insert into ${name} (${names}) values (${columns.map(() => '?').join(', ')})`
  const order = columns.slice(0, table.keys).join(', ')
  for (let offset = 0; ; offset += PAGE) {
    const rows = await source.all(
      `select ${names} from ${name} where ${rowsToCopy(table)}
       order by ${order} limit ${PAGE} offset ${offset}`,
      [target, except ?? NO_RUN],
    )
    const copies = rows.map((row) => copyOf(source, table, row))
    await Promise.all(copies.map((row) => sink.run(insert, row)))
    if (rows.length < PAGE) return offset + rows.length
  }
}

/** A row as it is written to another state. */
function copyOf(source: Transaction, { name, sealed }: StateTable, row: Row): Row {
  if (!sealed) return name === 'durations' ? row : row.map(rounded)
  const values = opened<Row>(source, name, row).map(rounded)
  return [...values, sealOf(name, values)]
}

/** Old SQLite states have times with a fraction in `bigint` columns, which PostgreSQL refuses. */
function rounded(value: Value): Value {
  return typeof value === 'number' ? Math.round(value) : value
}

/** Selects the rows of a target (first `?`), except those of one run (second `?`). */
function rowsToCopy({ name, where }: StateTable): string {
  const run = name === 'runs' ? 'id' : name === 'steps' ? 'run' : ANY_RUN
  return `${where} and ${run} <> ?`
}

/** The number of rows of a target in a table, without those of the run `except`. */
export async function countRows(
  tx: Transaction,
  table: StateTable,
  target: string,
  except: number | null = null,
): Promise<number> {
  const [row] = await tx.all<[number]>(
    `select count(*) from ${table.name} where ${rowsToCopy(table)}`,
    [target, except ?? NO_RUN],
  )
  return row![0]
}

/** Deletes everything of a target. */
export async function deleteRows(tx: Transaction, target: string): Promise<void> {
  // Steps are found through their runs, so they are deleted first.
  for (const { name, where } of TABLES.toReversed()) {
    await tx.run(`delete from ${name} where ${where}`, [target])
  }
  for (const name of DERIVED) await tx.run(`delete from ${name} where target = ?`, [target])
}

/** The targets of which a state has rows, in order. */
export async function targetsIn(tx: Transaction): Promise<readonly string[]> {
  const targets = new Set<string>()
  for (const { name, columns } of TABLES) {
    if (!columns.includes('target')) continue
    const rows = await tx.all<[string]>(`select distinct target from ${name}`)
    for (const [target] of rows) targets.add(target)
  }
  return [...targets].sort()
}

import { randomUUID } from 'node:crypto'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Spool, StreamColumn, StreamType } from '../../framework/ports/warehouse.ts'

/** A value of a spool as text, or null. */
export type Cell = string | null

/** Tests read and write Parquet with DuckDB, which does not share code with the loader. */
const duckdb = DuckDBInstance.create(':memory:')

/** Runs `use` with its own connection: an appender ends what runs on its connection. */
async function connected<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const connection = await (await duckdb).connect()
  try {
    await connection.run("set TimeZone = 'UTC'")
    return await use(connection)
  } finally {
    connection.closeSync()
  }
}

const literal = (value: Cell) => (value === null ? 'null' : `'${value.replaceAll("'", "''")}'`)

/** Writes a spool for `TableLoad`. A row may have its changes as an additional cell. */
export function writeSpool(
  path: string,
  columns: readonly StreamColumn[],
  rows: readonly (readonly Cell[])[],
): Promise<Spool> {
  return connected((connection) => write(connection, path, columns, rows))
}

async function write(
  connection: DuckDBConnection,
  path: string,
  columns: readonly StreamColumn[],
  rows: readonly (readonly Cell[])[],
): Promise<Spool> {
  const names = [...columns.map((_, index) => `c${index}`), 'changes']
  const table = `"${randomUUID()}"`
  await connection.run(
    `create temp table ${table} (${names.map((it) => `${it} varchar`).join(', ')})`,
  )
  const appender = await connection.createAppender(table.slice(1, -1))
  for (const row of rows) {
    for (const at of names.keys()) {
      const cell = row[at] ?? null
      if (cell === null) appender.appendNull()
      else appender.appendVarchar(cell)
    }
    appender.endRow()
  }
  appender.closeSync()
  const values = columns.map(({ type }, index) => `c${index}::${spoolType(type)} as c${index}`)
  const query = `select ${[...values, 'changes'].join(', ')} from ${table}`
  await connection.run(
    `copy (${query}) to ${literal(path)} (format parquet, compression uncompressed, row_group_size 20480)`,
  )
  await connection.run(`drop table ${table}`)
  const sizes = `select coalesce(max(row_group_bytes), 0)::varchar from parquet_metadata(${literal(path)})`
  const [size] = (await connection.runAndReadAll(sizes)).getRows()
  return { path, largest: Number(size?.[0]) }
}

function spoolType(type: StreamType): string {
  switch (type.type) {
    case 'integer':
      return type.bits === 64 ? 'bigint' : 'decimal(38, 0)'
    case 'number':
      return 'double'
    case 'boolean':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return type.type
    case 'string':
    case 'timetz':
    case 'array':
    case 'object':
      return 'varchar'
  }
}

/** The DuckDB types of the columns of a spool, and its rows as text. */
export function readSpool(path: string): Promise<{ types: string[]; rows: Cell[][] }> {
  return connected((connection) => read(connection, path))
}

async function read(
  connection: DuckDBConnection,
  path: string,
): Promise<{ types: string[]; rows: Cell[][] }> {
  const from = `read_parquet(${literal(path)}, hive_partitioning = false)`
  const described = await connection.runAndReadAll(
    `select column_type from (describe from ${from})`,
  )
  const types = described.getRows().map(([type]) => String(type))
  const names = types.map((_, index) => `c${index}`)
  const texts = names.map((name) => `${name}::varchar`).join(', ')
  const result = await connection.runAndReadAll(
    `select ${texts} from ${from} as t(${names.join(', ')})`,
  )
  return { types, rows: result.getRows() as Cell[][] }
}

import { randomUUID } from 'node:crypto'
import type { Binds, Connection } from 'snowflake-sdk'
import type { StreamType, TableLoad } from '../../../framework/ports/warehouse.ts'
import { readSpool } from '../spool.ts'

/** The Snowflake column types that Airbyte's destination uses. */
const TYPES: Readonly<Record<StreamType['type'], string>> = {
  integer: 'number(38, 0)',
  number: 'float',
  string: 'varchar',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  timetz: 'varchar',
  timestamp: 'timestamp_ntz',
  timestamptz: 'timestamp_tz',
  array: 'array',
  object: 'object',
}
const BOOKKEEPING = [
  '"_AIRBYTE_RAW_ID" varchar not null',
  '"_AIRBYTE_EXTRACTED_AT" timestamp_tz not null',
  '"_AIRBYTE_META" variant not null',
  '"_AIRBYTE_GENERATION_ID" number(38, 0)',
]

/** Loads rows into a table like Airbyte's destination: replaces or appends. */
export async function loadAsAirbyte(
  url: string,
  database: string,
  load: Pick<
    TableLoad,
    'relation' | 'columns' | 'mode' | 'extractedAt' | 'syncId' | 'generationId'
  >,
  rows: readonly (readonly (string | null)[])[],
): Promise<void> {
  const [schema, name] = load.relation.toUpperCase().split('.') as [string, string]
  const table = `${quoted(schema)}.${quoted(name)}`
  const columns = load.columns.map(
    (one) => `${quoted(one.name.toUpperCase())} ${TYPES[one.type.type]}`,
  )
  const { how } = load.mode
  const create = how === 'replace' ? 'create or replace table' : 'create table if not exists'
  const connection = await connect(url, database)
  try {
    await execute(connection, `create schema if not exists ${quoted(schema)}`)
    await execute(connection, `${create} ${table} (${[...BOOKKEEPING, ...columns].join(', ')})`)
    if (rows.length === 0) return
    const marks = load.columns.map(({ type }) =>
      type.type === 'array' || type.type === 'object' ? 'parse_json(?)' : '?',
    )
    const sql = `insert into ${table} select ${['?', '?', 'parse_json(?)', '?', ...marks].join(', ')}`
    const meta = JSON.stringify({ sync_id: load.syncId, changes: [] })
    const at = new Date(load.extractedAt).toISOString()
    const own = () => [randomUUID(), at, meta, String(load.generationId)]
    const binds = rows.map((row) => [...own(), ...row.slice(0, columns.length)])
    await execute(connection, sql, binds)
  } finally {
    await new Promise((resolve) => connection.destroy(resolve))
  }
}

/** The rows of the spools of a load. */
export async function spooledRows(load: TableLoad): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = []
  for await (const { path } of load.spools) rows.push(...(await readSpool(path)).rows)
  return rows
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

async function connect(url: string, database: string): Promise<Connection> {
  const { default: driver } = await import('snowflake-sdk')
  driver.configure({ logLevel: 'OFF', additionalLogToConsole: false })
  const connection = driver.createConnection({
    accessUrl: url,
    account: 'lookalike',
    username: 'airbyte',
    password: 'hunter22',
    database,
    schema: 'PUBLIC',
    queryTag: 'airbyte',
    arrayBindingThreshold: 100_000_000,
    // A setting of the whole process, on which the sessions of the warehouse rely.
    representNullAsStringNull: false,
  })
  await new Promise<void>((resolve, reject) =>
    connection.connect((error) => (error ? reject(error) : resolve())),
  )
  return connection
}

function execute(connection: Connection, sqlText: string, binds?: Binds): Promise<void> {
  return new Promise((resolve, reject) => {
    const complete = (error: Error | undefined) => (error ? reject(error) : resolve())
    connection.execute({ sqlText, complete, ...(binds === undefined ? {} : { binds }) })
  })
}

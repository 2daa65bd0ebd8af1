import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { StreamColumn, StreamType } from '../../../framework/ports/warehouse.ts'
import { REPOSITORY } from '../cli.ts'
import type { PostgresRig } from '../postgres.ts'
import { Pgoutput, type RowChange } from './pgoutput.ts'

/** A table of the source. */
export interface SourceTable {
  readonly name: string
  readonly columns: readonly StreamColumn[]
  readonly key: readonly string[]
}

/** The values of a row as text, or null. */
export type SourceRow = readonly (string | null)[]

const FILES = [
  'assets/sample/schema.sql',
  'assets/sample/rows.sql',
  'assets/sample/keys.sql',
  'deploy/cdc.sql',
]
const SLOT = `'airbyte_slot', null, null, 'proto_version', '1', 'publication_names', 'airbyte_publication'`

/**
 * The sample database in a real PostgreSQL, set up for change data capture by `deploy/cdc.sql`. Reads rows
 * and the replication slot as Airbyte does.
 */
export class Source {
  readonly url: string
  readonly tables: readonly SourceTable[]
  readonly #client: pg.Client

  private constructor(url: string, client: pg.Client, tables: readonly SourceTable[]) {
    this.url = url
    this.#client = client
    this.tables = tables
  }

  static async open(server: PostgresRig): Promise<Source> {
    const url = await server.database()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    for (const file of FILES) await client.query(readFileSync(join(REPOSITORY, file), 'utf8'))
    return new Source(url, client, await tablesOf(client))
  }

  /** Runs a statement and returns its rows. */
  async sql(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return (await this.#client.query(statement)).rows
  }

  /** Reads some columns of a table: all rows, or those with one of the keys. */
  async rows(
    table: SourceTable,
    columns: readonly StreamColumn[],
    keys: readonly RowChange['key'][] | null = null,
  ): Promise<readonly SourceRow[]> {
    const list = columns.map(({ name, type }) =>
      type.type === 'array' ? `to_json(${name})::text` : shown(name),
    )
    const wanted = (keys ?? []).map((key) => `(${table.key.map((name) => key[name]).join(', ')})`)
    const where = keys === null ? '' : `where (${table.key.join(', ')}) in (${wanted.join(', ')})`
    const text = `select ${list.join(', ')} from ${table.name} ${where}`
    return (await this.#client.query({ text, rowMode: 'array' })).rows
  }

  /**
   * The row changes since the last `confirm`, oldest first, and the WAL position up to which they
   * reach.
   */
  async changes(): Promise<{ readonly changes: readonly RowChange[]; readonly upTo: string }> {
    const [end] = await this.sql('select pg_current_wal_lsn()::text as lsn')
    const messages = await this.sql(`select data from pg_logical_slot_peek_binary_changes(${SLOT})`)
    const decoder = new Pgoutput()
    const changes = messages.flatMap(({ data }) => decoder.read(data as Buffer))
    return { changes, upTo: String(end?.lsn) }
  }

  /** Advances the slot, so that it drops the WAL before `upTo`. */
  async confirm(upTo: string): Promise<void> {
    await this.sql(`select pg_replication_slot_advance('airbyte_slot', '${upTo}')`)
  }

  async close(): Promise<void> {
    await this.sql(`select pg_drop_replication_slot('airbyte_slot')`)
    await this.#client.end()
  }
}

/** A column as text. `concat` keeps the padding of char(n), which a cast to text would remove. */
const shown = (name: string): string => `case when ${name} is not null then concat(${name}) end`

async function tablesOf(client: pg.Client): Promise<readonly SourceTable[]> {
  const { rows } = await client.query(`
    select c.relname as table, a.attname as name, i.indkey::int2[] @> array[a.attnum] as is_key,
      case when t.typcategory = 'A' then 'array' else coalesce(b.typname, t.typname) end as type
    from pg_publication_tables p
    join pg_class c on c.oid = format('%I.%I', p.schemaname, p.tablename)::regclass
    join pg_index i on i.indrelid = c.oid and i.indisprimary
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = t.typbasetype
    where c.relname <> 'airbyte_heartbeat' order by c.relname, a.attnum`)
  return [...new Set(rows.map(({ table }) => String(table)))].map((name) => {
    const own = rows.filter(({ table }) => table === name)
    return {
      name,
      columns: own.map((row) => ({ name: row.name, type: typeOf(row.type) })),
      key: own.filter((row) => row.is_key).map((row) => row.name),
    }
  })
}

/** The Airbyte type of each PostgreSQL type in the sample. */
function typeOf(type: string): StreamType {
  switch (type) {
    case 'int2':
    case 'int4':
      return { type: 'integer', bits: 64 }
    case 'numeric':
      return { type: 'number' }
    case 'bool':
      return { type: 'boolean' }
    case 'array':
    case 'date':
    case 'timestamp':
      return { type }
    default:
      return { type: 'string' }
  }
}

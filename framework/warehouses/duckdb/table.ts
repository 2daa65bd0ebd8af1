import type { Spool, StreamColumn, StreamType, TableLoad } from '../../ports/warehouse.ts'
import type { Column } from './fingerprint.ts'
import { literal, quoted } from './names.ts'

/** Airbyte's own columns, first in every raw table. */
const BOOKKEEPING: readonly Column[] = [
  { name: '_airbyte_raw_id', type: 'UUID' },
  { name: '_airbyte_extracted_at', type: 'TIMESTAMP WITH TIME ZONE' },
  { name: '_airbyte_meta', type: 'JSON' },
  { name: '_airbyte_generation_id', type: 'BIGINT' },
]

/** The columns of a raw table: Airbyte's, then the stream's in lower case. Types as DuckDB spells them. */
export function tableColumns(columns: readonly StreamColumn[]): readonly Column[] {
  return [
    ...BOOKKEEPING,
    ...columns.map(({ name, type }) => ({ name: name.toLowerCase(), type: duckdbType(type) })),
  ]
}

/** The first name that two columns would share, since case doesn't tell names apart here. */
export function sharedName(columns: readonly Column[]): string | null {
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (seen.has(name)) return name
    seen.add(name)
  }
  return null
}

export function createStatement(table: string, columns: readonly Column[]): string {
  const definitions = columns.map(({ name, type }, index) =>
    index < BOOKKEEPING.length ? `${quoted(name)} ${type} not null` : `${quoted(name)} ${type}`,
  )
  return `create table ${table} (${definitions.join(', ')})`
}

/** What a spool's last column is called while it is read; streams have no such names. */
const CHANGES = '_airbyte_changes'

/** Appends one spool to a table. */
export function insertStatement(table: string, load: TableLoad, spool: Spool): string {
  const columns = tableColumns(load.columns).slice(BOOKKEEPING.length)
  const whole = `'{"sync_id":${load.syncId},"changes":[]}'`
  // Nearly all rows are whole, and a text that is put together for each takes as long as reading it.
  const meta = `case when ${CHANGES} is null then ${whole} else '{"sync_id":${load.syncId},"changes":' || ${CHANGES} || '}' end`
  const values = [
    'uuid()',
    `timestamptz '${new Date(load.extractedAt).toISOString()}'`,
    `${meta}::json`,
    String(load.generationId),
    ...columns.map(({ name, type }) => `${quoted(name)}::${type}`),
  ]
  // By position, since the file may call them anything; and a folder called `a=b` is no column.
  const names = [...columns.map(({ name }) => quoted(name)), CHANGES]
  const rows = `read_parquet(${literal(spool.path)}, hive_partitioning = false) as spool(${names.join(', ')})`
  return `insert into ${table} select ${values.join(', ')} from ${rows}`
}

/** Drops all but the last loaded of the rows with one key; a NULL in a key equals a NULL. */
export function dedupStatement(table: string, key: readonly string[]): string {
  const names = key.map((name) => quoted(name.toLowerCase())).join(', ')
  return `delete from ${table} as t using (select ${names}, max(rowid) as newest from ${table} group by ${names} having count(*) > 1) as d where ${sameKey('t', 'd', key)} and t.rowid <> d.newest`
}

/** What has the wanted table's name now. */
export interface Existing {
  readonly kind: 'table' | 'view'
  readonly columns: readonly Column[]
}

/**
 * The statements, one transaction, that turn a table loaded aside into the table itself, whose place
 * nothing, the table of an earlier load or some view may have. A view has no rows to keep.
 *
 * Rows are added in place where the columns are the same; where they differ, the old rows that stay
 * are copied to the new ones, so that the order of columns is always the stream's.
 */
export function takeOver(
  names: { readonly table: string; readonly aside: string; readonly name: string },
  wanted: readonly Column[],
  existing: Existing | null,
  mode: TableLoad['mode'],
): readonly string[] {
  const { table, aside, name } = names
  const rename = `alter table ${aside} rename to ${quoted(name)}`
  if (existing === null) return [rename]
  const swap = [`drop ${existing.kind} ${table}`, rename]
  if (mode.how === 'replace' || existing.kind === 'view') return swap
  if (!sameColumns(wanted, existing.columns)) {
    const kept = mode.how === 'merge' ? notIn(aside, mode.key) : ''
    const values = wanted.map((column) => carriedOver(column, existing.columns))
    return [`insert into ${aside} select ${values.join(', ')} from ${table} as t${kept}`, ...swap]
  }
  const insert = `insert into ${table} select * from ${aside}`
  if (mode.how === 'append') return [insert, `drop table ${aside}`]
  return [
    `delete from ${table} as t using ${aside} as a where ${sameKey('t', 'a', mode.key)}`,
    insert,
    `drop table ${aside}`,
  ]
}

function carriedOver(column: Column, current: readonly Column[]): string {
  const old = current.find(({ name }) => name.toLowerCase() === column.name)
  return old === undefined ? `null::${column.type}` : `t.${quoted(old.name)}::${column.type}`
}

function notIn(aside: string, key: readonly string[]): string {
  return ` where not exists (select 1 from ${aside} as a where ${sameKey('t', 'a', key)})`
}

function sameKey(left: string, right: string, key: readonly string[]): string {
  return key
    .map((name) => quoted(name.toLowerCase()))
    .map((name) => `${left}.${name} is not distinct from ${right}.${name}`)
    .join(' and ')
}

function sameColumns(wanted: readonly Column[], current: readonly Column[]): boolean {
  return (
    wanted.length === current.length &&
    wanted.every(
      ({ name, type }, index) =>
        name === current[index]?.name.toLowerCase() && type === current[index]?.type,
    )
  )
}

function duckdbType(type: StreamType): string {
  switch (type.type) {
    case 'integer':
      return type.bits === 64 ? 'BIGINT' : 'HUGEINT'
    case 'number':
      return 'DOUBLE'
    case 'string':
    case 'timetz':
      return 'VARCHAR'
    case 'boolean':
      return 'BOOLEAN'
    case 'date':
      return 'DATE'
    case 'time':
      return 'TIME'
    case 'timestamp':
      return 'TIMESTAMP'
    case 'timestamptz':
      return 'TIMESTAMP WITH TIME ZONE'
    case 'array':
    case 'object':
      return 'JSON'
  }
}

import { literal, quoted } from '../../engines/duckdb/names.ts'
import type { Spool, StreamColumn, StreamType, TableLoad } from '../../ports/warehouse.ts'
import type { Column } from './fingerprint.ts'

/** Airbyte's bookkeeping columns. They come first in every raw table. */
const BOOKKEEPING: readonly Column[] = [
  { name: '_airbyte_raw_id', type: 'UUID' },
  { name: '_airbyte_extracted_at', type: 'TIMESTAMP WITH TIME ZONE' },
  { name: '_airbyte_meta', type: 'JSON' },
  { name: '_airbyte_generation_id', type: 'BIGINT' },
]

/** The columns of a raw table: Airbyte's, then the stream's in lower case, with DuckDB's types. */
export function tableColumns(columns: readonly StreamColumn[]): readonly Column[] {
  return [
    ...BOOKKEEPING,
    ...columns.map(({ name, type }) => ({ name: name.toLowerCase(), type: duckdbType(type) })),
  ]
}

/** The first name that two columns have, or null. Names are in lower case. */
export function duplicateName(columns: readonly Column[]): string | null {
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (seen.has(name)) return name
    seen.add(name)
  }
  return null
}

/** Creates the table. Airbyte's columns are `not null`. */
export function createStatement(table: string, columns: readonly Column[]): string {
  const definitions = columns.map(({ name, type }, index) =>
    index < BOOKKEEPING.length ? `${quoted(name)} ${type} not null` : `${quoted(name)} ${type}`,
  )
  return `create table ${table} (${definitions.join(', ')})`
}

/** Name for the last column of a spool. No stream has a column of that name. */
const CHANGES = '_airbyte_changes'

/** Appends the rows of one spool to a table. */
export function insertStatement(table: string, load: TableLoad, spool: Spool): string {
  const columns = tableColumns(load.columns).slice(BOOKKEEPING.length)
  const unchanged = `'{"sync_id":${load.syncId},"changes":[]}'`
  // Nearly all rows are unchanged. Building the text for every row takes as long as reading the rows.
  const meta = `case when ${CHANGES} is null then ${unchanged} else '{"sync_id":${load.syncId},"changes":' || ${CHANGES} || '}' end`
  const values = [
    'uuid()',
    `timestamptz '${new Date(load.extractedAt).toISOString()}'`,
    `${meta}::json`,
    String(load.generationId),
    ...columns.map(({ name, type }) => `${quoted(name)}::${type}`),
  ]
  // Columns are taken by position, whatever their names in the file. A folder named `a=b` is not a column.
  const names = [...columns.map(({ name }) => quoted(name)), CHANGES]
  const rows = `read_parquet(${literal(spool.path)}, hive_partitioning = false) as spool(${names.join(', ')})`
  return `insert into ${table} select ${values.join(', ')} from ${rows}`
}

/** Deletes all rows of a key but the last loaded. A NULL in a key equals another NULL. */
export function dedupStatement(
  table: string,
  columns: readonly Column[],
  key: readonly string[],
): string {
  const names = keyNames(key).join(', ')
  // The rows of a group have one exact key, so any of their metas holds it.
  const [meta, exact] = canLose(columns, key)
    ? [', any_value(_airbyte_meta) as _airbyte_meta', `, ${exactKey('t')}`]
    : ['', '']
  const newest = `select ${names}, max(rowid) as newest${meta} from ${table} as t group by ${names}${exact} having count(*) > 1`
  return `delete from ${table} as t using (${newest}) as d where ${sameKey('t', 'd', columns, key)} and t.rowid <> d.newest`
}

/** The relation that has the name of the raw table now. */
export interface ExistingRelation {
  readonly kind: 'table' | 'view'
  readonly columns: readonly Column[]
}

/**
 * The statements of the transaction that publishes the staging table under the name of the raw table.
 * `existing` is what has that name now: nothing, the table of an earlier load, or a view, which is
 * dropped.
 *
 * If the columns are the same, rows are added to the existing table. If they differ, the remaining old
 * rows are copied to the staging table, so the columns are always in the stream's order.
 */
export function publishStatements(
  names: { readonly table: string; readonly staging: string; readonly name: string },
  wanted: readonly Column[],
  existing: ExistingRelation | null,
  mode: TableLoad['mode'],
): readonly string[] {
  const { table, staging, name } = names
  const rename = `alter table ${staging} rename to ${quoted(name)}`
  if (existing === null) return [rename]
  const swap = [`drop ${existing.kind} ${table}`, rename]
  if (mode.how === 'replace' || existing.kind === 'view') return swap
  if (!sameColumns(wanted, existing.columns)) {
    const kept = mode.how === 'merge' ? notIn(staging, wanted, mode.key) : ''
    const values = wanted.map((column) => carriedOver(column, existing.columns))
    return [`insert into ${staging} select ${values.join(', ')} from ${table} as t${kept}`, ...swap]
  }
  const insert = `insert into ${table} select * from ${staging}`
  if (mode.how === 'append') return [insert, `drop table ${staging}`]
  return [
    `delete from ${table} as t using ${staging} as a where ${sameKey('t', 'a', wanted, mode.key)}`,
    insert,
    `drop table ${staging}`,
  ]
}

function carriedOver(column: Column, current: readonly Column[]): string {
  const old = current.find(({ name }) => name.toLowerCase() === column.name)
  return old === undefined ? `null::${column.type}` : `t.${quoted(old.name)}::${column.type}`
}

function notIn(staging: string, columns: readonly Column[], key: readonly string[]): string {
  return ` where not exists (select 1 from ${staging} as a where ${sameKey('t', 'a', columns, key)})`
}

/** Whether two rows have the same key in the source (SEMANTICS 37): the columns alone may have become equal. */
function sameKey(
  left: string,
  right: string,
  columns: readonly Column[],
  key: readonly string[],
): string {
  const same = keyNames(key).map((name) => `${left}.${name} is not distinct from ${right}.${name}`)
  const exact = `${exactKey(left)} is not distinct from ${exactKey(right)}`
  return [...same, ...(canLose(columns, key) ? [exact] : [])].join(' and ')
}

const keyNames = (key: readonly string[]): readonly string[] =>
  key.map((name) => quoted(name.toLowerCase()))

/** The types whose values always arrive as they are. Those of all others may be listed in `changes`. */
const LOSSLESS = ['BIGINT', 'VARCHAR', 'BOOLEAN', 'JSON']

const canLose = (columns: readonly Column[], key: readonly string[]): boolean =>
  columns.some(
    ({ name, type }) => key.some((one) => one.toLowerCase() === name) && !LOSSLESS.includes(type),
  )

/** The exact values of a row's key as text; null, without parsing, for a row whose key arrived as it is. */
const exactKey = (row: string): string =>
  `case when contains(${row}._airbyte_meta::varchar, '"exact":') then json_extract(${row}._airbyte_meta, '$.changes[*].exact')::varchar end`

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

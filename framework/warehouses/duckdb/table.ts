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

/** Where the spool's column of changes goes while a row is read. */
const CHANGES = '_assets_changes'

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

/** Appends one spool to a table. */
export function insertStatement(table: string, load: TableLoad, spool: Spool): string {
  const columns = tableColumns(load.columns).slice(BOOKKEEPING.length)
  const read = load.changes ? [...columns, { name: CHANGES, type: 'VARCHAR' }] : columns
  const types = read.map(
    ({ name, type }) => `${literal(name)}: ${literal(ESCAPED.has(type) ? 'VARCHAR' : type)}`,
  )
  const whole = `'{"sync_id":${load.syncId},"changes":[]}'`
  // Nearly all rows are whole, and a text that is put together for each takes as long as reading it.
  const meta = load.changes
    ? `case when ${quoted(CHANGES)} is null then ${whole} else '{"sync_id":${load.syncId},"changes":' || ${unescaped(CHANGES)} || '}' end`
    : whole
  const values = [
    'uuid()',
    `timestamptz '${new Date(load.extractedAt).toISOString()}'`,
    `${meta}::json`,
    String(load.generationId),
    ...columns.map(({ name, type }) =>
      ESCAPED.has(type) ? `${unescaped(name)}::${type}` : quoted(name),
    ),
  ]
  // Each option earned its place: the defaults sniff types, read '' as NULL and '"' as a quote.
  const options = [
    'auto_detect = false',
    'header = false',
    `columns = {${types.join(', ')}}`,
    "delim = '\t'",
    "quote = ''",
    "escape = ''",
    "comment = ''",
    "new_line = '\\n'",
    "nullstr = '\\N'",
    ...roomFor(spool.longest),
  ]
  return `insert into ${table} select ${values.join(', ')} from read_csv(${literal(spool.path)}, ${options.join(', ')})`
}

/** Rows up to this many bytes are safe to read in parallel: twice as long ones were seen to be. */
const LONG = 256 * 1024

/**
 * Several threads fail at a row longer than what each of them takes, or lose it when it fills a whole
 * buffer (DuckDB 1.5); one thread with a buffer that holds any row does neither. Left alone the
 * buffer is sixteen rows long, which no memory limit survives; a larger one is no faster.
 */
function roomFor(longest: number): readonly string[] {
  return longest <= LONG
    ? ['max_line_size = 2000000', 'buffer_size = 8000000']
    : [
        `max_line_size = ${longest + 1}`,
        `buffer_size = ${Math.max(8_000_000, longest + 1)}`,
        'parallel = false',
      ]
}

/** Types whose values may hold a character that a spool escapes. */
const ESCAPED: ReadonlySet<string> = new Set(['VARCHAR', 'JSON'])

/** What `\` and one of these letters stands for in a spool, as a code point. */
const ESCAPES = { b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 } as const

/**
 * SQL for a spooled text as it was. Between two escaped backslashes no escape can be misread, so the
 * text is taken apart there.
 */
function unescaped(column: string): string {
  const part = Object.entries(ESCAPES).reduce(
    (text, [letter, code]) => `replace(${text}, '\\${letter}', chr(${code}))`,
    'part',
  )
  const text = quoted(column)
  const parts = `list_transform(string_split(${text}, '\\\\'), lambda part: ${part})`
  return `case when contains(${text}, '\\') then array_to_string(${parts}, '\\') else ${text} end`
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

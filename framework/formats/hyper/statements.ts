// SQL of Hyper (tableau.github.io/hyper-db/docs/sql). A file is a database with one table, `"Extract"."Extract"`, which
// Tableau Server before 2019.4 expects and later ones accept.

const TABLE = '"file"."Extract"."Extract"'

/** A column of the table, its type as Hyper spells it. */
export interface HyperColumn {
  readonly name: string
  readonly type: string
}

/** Statements that create a file with the rows of a Parquet file, and close it. Absolute paths. */
export function createStatements(parquet: string, file: string): readonly string[] {
  return [
    `create database ${quoted(file)}`,
    attach(file),
    'create schema "file"."Extract"',
    `create table ${TABLE} as (select * from external(${literal(parquet)}, format => 'parquet'))`,
    detach,
  ]
}

/** Statements that make the texts of values the same on every machine: all digits of a double, times in UTC. */
export const SETTINGS = ['set extra_float_digits = 3', "set timezone = 'UTC'"] as const

export const attach = (file: string): string => `attach database ${quoted(file)} as "file"`
export const detach = 'detach database "file"'

/** All tables of the attached file. */
export const tablesStatement = `
  select n.nspname::text || '.' || c.relname::text
  from "file".pg_catalog.pg_class c join "file".pg_catalog.pg_namespace n on c.relnamespace = n.oid
  where c.relkind = 'r' and n.nspname not like 'pg%'
  order by 1`

/** The columns of the table in the attached file, in order, with their types and whether they are `not null`; no rows without such a table. */
export const columnsStatement = `
  select a.attname::text, format_type(a.atttypid, a.atttypmod)::text, a.attnotnull::text
  from "file".pg_catalog.pg_attribute a
    join "file".pg_catalog.pg_class c on a.attrelid = c.oid
    join "file".pg_catalog.pg_namespace n on c.relnamespace = n.oid
  where n.nspname = 'Extract' and c.relname = 'Extract' and a.attnum > 0
  order by a.attnum`

/** All rows of the attached file, each value as text. */
export function rowsStatement(columns: readonly HyperColumn[]): string {
  return `select ${columns.map(({ name }) => `${quoted(name)}::text`).join(', ')} from ${TABLE}`
}

/**
 * The number of rows, and two sums over the SHA-256 of each row: 112 bits that no order of the rows changes. Hyper
 * stores rows in several threads, and a table has no order.
 */
export function contentStatement(columns: readonly HyperColumn[]): string {
  const row = joined(columns.map(valueText))
  return `select count(*)::text, ${sum(0)}, ${sum(7)} from (select sha256(${row}) as h from ${TABLE}) as hashed`
}

/** Texts with commas between, nested in halves: Hyper refuses a thousand levels. */
function joined(texts: readonly string[]): string {
  if (texts.length === 1) return texts[0]!
  const half = Math.ceil(texts.length / 2)
  return `(${joined(texts.slice(0, half))} || ',' || ${joined(texts.slice(half))})`
}

/** Each value with its length, so that no two rows give one text. */
function valueText({ name }: HyperColumn): string {
  const text = `${quoted(name)}::text`
  return `coalesce(length(${text})::text || ':' || ${text}, '-')`
}

/** The sum of seven bytes of each hash as a number, from byte `from`. */
function sum(from: number): string {
  const bytes = Array.from(
    { length: 7 },
    (_, at) => `get_byte(h, ${from + at}::int)::bigint * ${256 ** at}`,
  )
  return `coalesce(sum((${bytes.join(' + ')})::numeric(38, 0)), 0)::text`
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

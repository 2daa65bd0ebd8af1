import { hash } from '../../../lib/hash.ts'
import { type Json, stableJson } from '../../../lib/json.ts'
import type { Client } from './client.ts'
import type { BaseType } from './column-expression.ts'
import { IS_ORDERED } from './cursor-type.ts'
import { readThrough } from './read-through.ts'

/** A table, view, materialized view or foreign table of the source. */
export interface SourceTable {
  readonly oid: string
  readonly namespace: string
  readonly name: string
  readonly columns: readonly SourceColumn[]
  /**
   * Hash of what the table is: its oid and those of its partitions, children and of what a view reads, the
   * text of views, and policies with the role they apply to. Not of the file: a rewrite that changes rows
   * gives them new versions, and VACUUM FULL changes none.
   */
  readonly identity: string
  /** What rows are read from, if they have versions; else null. */
  readonly heaps: Heaps | null
  /** Why equal row versions (xmin) would not prove equal rows; null if they do. */
  readonly noVersions: NoVersions | null
  /** The number of heap pages; 0 if rows cannot be read by page range. */
  readonly pages: number
  /** The number of rows, as the statistics of the server estimate it; null for a view, and without statistics. */
  readonly estimatedRows: number | null
  /** The column sets of unique indexes that cover all rows. Those of a parent don't cover its children. */
  readonly unique: readonly (readonly string[])[]
}

/** A table with its partitions and children. */
export type Heaps = {
  /** Hash of what the table itself is. */
  readonly own: string
  /** The oids of its partitions and children at any depth, in order. */
  readonly others: readonly string[]
}

export type NoVersions =
  | 'view'
  | 'denied'
  | 'catalog'
  | 'unlogged'
  | 'policies'
  | 'names'
  | 'unpopulated'

export interface SourceColumn extends BaseType {
  /** Whether the text of its values depends on the names of other objects, as that of `regclass` does. */
  readonly hasNames: boolean
  readonly column: string
  /** Everything that defines the column's values, as text to be hashed. */
  readonly definition: string
  /** Whether its values can be compared and have a largest one, as a cursor needs. */
  readonly isOrdered: boolean
}

export interface TableName {
  readonly namespace: string
  readonly name: string
}

/** Reads tables from the catalog, in the order of `names`; null for a table that does not exist. */
export async function readTables(
  client: Client,
  names: readonly TableName[],
): Promise<readonly (SourceTable | null)[]> {
  const values = [names.map(({ namespace }) => namespace), names.map(({ name }) => name)]
  const tables = await client.query<TableRow>(TABLES, values)
  const columns = await client.query<ColumnRow>(COLUMNS, [tables.rows.map(({ oid }) => oid)])
  const columnsOf = new Map<string, SourceColumn[]>(tables.rows.map(({ oid }) => [oid, []]))
  for (const row of columns.rows) columnsOf.get(row.oid)?.push(sourceColumn(row))
  const byOrdinal = new Map(tables.rows.map((row) => [row.ordinal, row]))
  return names.map((name, index) => {
    const row = byOrdinal.get(index + 1)
    if (row === undefined) return null
    return {
      ...name,
      oid: row.oid,
      columns: columnsOf.get(row.oid) ?? [],
      identity: hash(stableJson(row.identity)),
      heaps: row.no_versions === null ? heapsOf(row) : null,
      noVersions: row.no_versions,
      pages: Number(row.pages),
      estimatedRows: row.estimated_rows === null ? null : Math.round(row.estimated_rows),
      unique: row.unique,
    }
  })
}

/** The names of all tables and views of a schema, for suggestions. */
export async function readNames(client: Client, namespace: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(NAMES, [namespace])
  return rows.map(({ name }) => name)
}

/** Hash of column definitions. A changed default or enum label changes values without a row write. */
export function hashColumns(columns: readonly SourceColumn[]): string {
  return hash(...columns.map(({ definition }) => definition))
}

/** Without policies and views, what is read through the table is the heaps of its tree. */
function heapsOf({ oid, identity }: TableRow): Heaps {
  const own = identity.find(([each]) => String(each) === oid)!
  const others = identity.map(([each]) => String(each)).filter((each) => each !== oid)
  return { own: hash(stableJson(own)), others }
}

interface TableRow {
  readonly ordinal: number
  readonly oid: string
  /** What a relation is, and all that it is read through: each with its oid first, in order of the oids. */
  readonly identity: readonly (readonly [oid: number, ...facts: Json[]])[]
  readonly no_versions: NoVersions | null
  readonly pages: string
  readonly estimated_rows: number | null
  readonly unique: readonly (readonly string[])[]
}

interface ColumnRow {
  readonly oid: string
  readonly column: string
  readonly type_schema: string
  readonly type_name: string
  readonly array: boolean
  readonly modifier: number
  readonly facts: Json
  readonly has_names: boolean
  readonly ordered: boolean
}

function sourceColumn(row: ColumnRow): SourceColumn {
  const own = row.type_schema === 'pg_catalog'
  return {
    column: row.column,
    name: own ? row.type_name : `${row.type_schema}.${row.type_name}`,
    array: row.array,
    modifier: row.modifier,
    hasNames: row.has_names,
    definition: stableJson([row.column, row.type_schema, row.type_name, row.modifier, row.facts]),
    isOrdered: row.ordered,
  }
}

const NAMES = `
select c.relname::text as name
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by c.relname`

/*
 * Rows can be compared by xmin if the table and everything read through it (partitions, inheriting tables) is
 * a logged heap without policies for this user. `below` is everything that can change what the table shows:
 * also what a view reads. Reading by page range is fast since PostgreSQL 14; older servers read the whole
 * table for each range. The statistics hold the density of rows at the last ANALYZE; the size is that of now.
 */
const TABLES = `
with recursive wanted as (
  select ordinal, namespace, name
  from unnest($1::text[], $2::text[]) with ordinality as w(namespace, name, ordinal)
), found as (
  select w.ordinal, c.oid, c.relkind, c.relispopulated as is_populated, n.oid as schema_oid
  from wanted w
  join pg_catalog.pg_namespace n on n.nspname = w.namespace
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
), tree(ordinal, oid) as (
  select ordinal, oid from found
  union
  select t.ordinal, i.inhrelid from tree t join pg_catalog.pg_inherits i on i.inhparent = t.oid
), below(ordinal, oid) as (
  select ordinal, oid from found
  union
  select b.ordinal, next.oid
  from below b
  cross join lateral (${readThrough('b.oid')}
  ) next(oid)
), heaps as (
  select t.ordinal,
    bool_and(c.relkind = 'p' or c.relkind in ('r', 'm') and am.amname = 'heap') as all_heaps,
    bool_or(c.oid < 16384) as any_catalog,
    bool_or(c.relpersistence <> 'p') as any_unlogged,
    sum(size.estimated_rows) as estimated_rows,
    bool_and(size.estimated_rows is not null) as has_statistics
  from tree t
  join pg_catalog.pg_class c on c.oid = t.oid
  left join pg_catalog.pg_am am on am.oid = c.relam
  cross join lateral (
    select case
      when c.relkind = 'p' then 0
      when c.relkind not in ('r', 'm') then null
      when pg_catalog.pg_relation_size(c.oid) = 0 then 0
      when c.reltuples >= 0 and c.relpages > 0
        then c.reltuples::float8 / c.relpages * pg_catalog.pg_relation_size(c.oid)
          / pg_catalog.current_setting('block_size')::int
    end as estimated_rows
  ) size
  group by t.ordinal
), identities as (
  select b.ordinal, json_agg(json_build_array(
    c.oid::int8, c.relkind,
    (select pg_catalog.md5(string_agg(r.ev_action::text, ';' order by r.oid))
     from pg_catalog.pg_rewrite r where r.ev_class = c.oid and r.ev_type = '1'),
    case when c.relrowsecurity then json_build_array(
      current_user, c.relforcerowsecurity,
      (select json_agg(json_build_array(p.polname, p.polcmd, p.polpermissive, p.polroles::text, p.polqual::text)
         order by p.polname)
       from pg_catalog.pg_policy p where p.polrelid = c.oid)
    ) end
  ) order by c.oid) as identity
  from below b join pg_catalog.pg_class c on c.oid = b.oid
  group by b.ordinal
), keys as (
  select f.ordinal, json_agg(k.columns) as unique
  from found f
  join lateral (
    select json_agg(a.attname) as columns
    from pg_catalog.pg_index i
    cross join lateral unnest(i.indkey::int2[]) with ordinality as part(attnum, position)
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = part.attnum
    where i.indrelid = f.oid and i.indisunique and i.indisvalid and i.indimmediate
      and i.indpred is null and i.indexprs is null and part.position <= i.indnkeyatts
      and (f.relkind = 'p' or not exists (select from pg_catalog.pg_inherits c where c.inhparent = f.oid))
    group by i.indexrelid
    having bool_and(a.attnotnull)
  ) k on true
  group by f.ordinal
)
select f.ordinal::int, f.oid::text, i.identity,
  case
    when not h.all_heaps then 'view'
    when not pg_catalog.has_schema_privilege(f.schema_oid, 'usage')
      or not pg_catalog.has_table_privilege(f.oid, 'select') then 'denied'
    when not f.is_populated then 'unpopulated'
    when h.any_catalog then 'catalog'
    when h.any_unlogged then 'unlogged'
    when pg_catalog.row_security_active(f.oid) then 'policies'
  end as no_versions,
  case when f.relkind in ('r', 'm') and pg_catalog.current_setting('server_version_num')::int >= 140000
    then pg_catalog.pg_relation_size(f.oid) / pg_catalog.current_setting('block_size')::int
    else 0 end as pages,
  case when h.has_statistics then h.estimated_rows end as estimated_rows,
  coalesce(k.unique, '[]') as unique
from found f join heaps h using (ordinal) join identities i using (ordinal) left join keys k using (ordinal)`

/*
 * The type modifier of a domain is that of its base type, also over several domains. The facts of a column
 * include its number, because a column that was dropped and added again under the same name is a different
 * column. They include every type of which its values are made, at any depth: domains, elements of arrays,
 * fields of composites, bounds of ranges, labels of enums. The text of an amount of money depends on a setting.
 */
const COLUMNS = `
with recursive listed as (
  select a.* from pg_catalog.pg_attribute a
  where a.attrelid = any ($1::oid[]) and a.attnum > 0 and not a.attisdropped
), parts(root, oid) as (
  select distinct atttypid, atttypid from listed
  union
  select p.root, next.oid
  from parts p
  join pg_catalog.pg_type t on t.oid = p.oid
  cross join lateral (
    select t.typbasetype where t.typtype = 'd'
    union all
    select t.typelem where t.typelem <> 0
    union all
    select r.rngsubtype from pg_catalog.pg_range r where r.rngtypid = t.oid
    union all
    select r.rngtypid from pg_catalog.pg_range r where (to_jsonb(r) ->> 'rngmultitypid')::oid = t.oid
    union all
    select f.atttypid from pg_catalog.pg_attribute f
    where t.typrelid <> 0 and f.attrelid = t.typrelid and f.attnum > 0 and not f.attisdropped
  ) next(oid)
), types as (
  select p.root,
    json_agg(json_build_array(
      t.oid::int8, t.typtype, t.typtypmod,
      (select json_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid),
      (select json_agg(json_build_array(f.attname, f.atttypid::int8, f.atttypmod) order by f.attnum)
       from pg_catalog.pg_attribute f
       where t.typrelid <> 0 and f.attrelid = t.typrelid and f.attnum > 0 and not f.attisdropped)
    ) order by t.oid) filter (where t.typtype <> 'b') as facts,
    bool_or(t.typname = any ('{regclass,regproc,regprocedure,regoper,regoperator,regtype,regrole,regnamespace,regconfig,regdictionary,regcollation,aclitem}')) as has_names,
    bool_or(t.typname = 'money') as has_money
  from parts p join pg_catalog.pg_type t on t.oid = p.oid
  group by p.root
)
select a.attrelid::text as oid, a.attname::text as column,
  tn.nspname::text as type_schema, t.typname::text as type_name,
  t.typlen = -1 and t.typelem <> 0 and t.typcategory = 'A' as array,
  base.modifier, types.has_names, ${IS_ORDERED} as ordered,
  json_build_array(
    a.attnum, a.attgenerated, pg_catalog.md5(d.adbin::text), types.facts,
    case when types.has_money then pg_catalog.current_setting('lc_monetary') end
  ) as facts
from listed a
join types on types.root = a.atttypid
left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
cross join lateral (
  with recursive chain(oid, modifier, depth) as (
    select a.atttypid, a.atttypmod, 0
    union all
    select ct.typbasetype, case when ct.typtypmod = -1 then chain.modifier else ct.typtypmod end, depth + 1
    from chain join pg_catalog.pg_type ct on ct.oid = chain.oid and ct.typtype = 'd'
  )
  select oid, modifier from chain order by depth desc limit 1
) base
join pg_catalog.pg_type t on t.oid = base.oid
join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
order by a.attrelid, a.attnum`

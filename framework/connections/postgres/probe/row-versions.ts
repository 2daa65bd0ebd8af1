import type { SourceTable } from '../source/catalog.ts'
import type { Client } from '../source/client.ts'
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../source/sql.ts'
import type { RowsPosition } from './position.ts'

/** The rows whose versions are queried: a whole table, or the rows from a cursor value on. */
export interface VersionedRows {
  readonly table: SourceTable
  readonly cursor: { readonly column: string; readonly value: string } | null
}

/**
 * Queries the count and the hash of row versions, in the session's snapshot. Every write gives a row a new
 * xmin; vacuum, freeze and analyze keep it. Without a cursor the query reads the whole table. With one, it
 * can use an index, and covers the same rows as an incremental load.
 */
export async function readRowVersions(
  client: Client,
  asked: readonly VersionedRows[],
): Promise<readonly RowsPosition[]> {
  if (asked.length === 0) return []
  const parts = asked.map(({ table, cursor }, index) => {
    const { namespace, name } = table
    const rows =
      cursor === null
        ? ''
        : ` where ${quoteIdentifier(cursor.column)} >= ${quoteLiteral(cursor.value)}`
    return (
      `select ${index} as part, count(*)::text as count, ` +
      `coalesce(sum(hashtextextended(xmin::text, 0)), 0)::text as hash ` +
      `from ${qualifiedName(namespace, name)}${rows}`
    )
  })
  const { rows } = await client.query<RowsPosition>(
    `select count, hash from (${parts.join(' union all ')}) as parts order by part`,
  )
  return rows.map(({ count, hash }) => ({ count, hash }))
}

/** The largest cursor value as text, in the session's snapshot; null if there are no rows. */
export async function readLastCursor(
  client: Client,
  from: string,
  cursor: string,
): Promise<string | null> {
  const { rows } = await client.query<{ last: string | null }>(
    `select max(${quoteIdentifier(cursor)})::text as last from ${from}`,
  )
  return rows[0]?.last ?? null
}

/**
 * Whether a table, or one read through it (partitions, the tables of a view), was truncated or rewritten
 * since the session's snapshot. Such a table looks empty to the snapshot
 * (https://www.postgresql.org/docs/current/mvcc-caveats.html). The catalog of the snapshot then names
 * another file than the current one.
 */
export async function wasRewritten(client: Client, { oid }: SourceTable): Promise<boolean> {
  const { rows } = await client.query<{ rewritten: boolean }>(REWRITTEN, [oid])
  return rows[0]?.rewritten ?? false
}

const REWRITTEN = `
with recursive tree(oid) as (
  select $1::oid
  union
  select below.oid
  from tree t
  cross join lateral (
    select i.inhrelid from pg_catalog.pg_inherits i where i.inhparent = t.oid
    union all
    select d.refobjid
    from pg_catalog.pg_rewrite r
    join pg_catalog.pg_depend d on d.objid = r.oid and d.classid = 'pg_catalog.pg_rewrite'::regclass
    where r.ev_class = t.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
  ) below(oid)
)
select bool_or(c.relfilenode <> pg_catalog.pg_relation_filenode(c.oid)) as rewritten
from tree t join pg_catalog.pg_class c on c.oid = t.oid
where c.relfilenode <> 0`

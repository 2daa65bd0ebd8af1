import type { SourceTable } from '../source/catalog.ts'
import type { Client } from '../source/client.ts'
import { identifier, literal, qualified } from '../source/sql.ts'
import type { RowsPosition } from './position.ts'

/** Rows whose versions are asked for: a whole table, or what lies from a cursor value on. */
export interface VersionedRows {
  readonly table: SourceTable
  readonly cursor: { readonly column: string; readonly value: string } | null
}

/**
 * Count and hash of row versions, in the snapshot that the session is in. Every write gives a row a
 * new xmin, and vacuum, freeze and analyze keep it. A whole table is read whole; from a cursor value
 * on an index is enough, and an incremental stream reads no further back.
 */
export async function readRowVersions(
  client: Client,
  asked: readonly VersionedRows[],
): Promise<readonly RowsPosition[]> {
  if (asked.length === 0) return []
  const parts = asked.map(({ table, cursor }, index) => {
    const { namespace, name } = table
    const rows =
      cursor === null ? '' : ` where ${identifier(cursor.column)} >= ${literal(cursor.value)}`
    return (
      `select ${index} as part, count(*)::text as count, ` +
      `coalesce(sum(hashtextextended(xmin::text, 0)), 0)::text as hash ` +
      `from ${qualified(namespace, name)}${rows}`
    )
  })
  const { rows } = await client.query<RowsPosition>(
    `select count, hash from (${parts.join(' union all ')}) as parts order by part`,
  )
  return rows.map(({ count, hash }) => ({ count, hash }))
}

/** The largest cursor value as text, in the snapshot that the session is in; null without rows. */
export async function readLastCursor(
  client: Client,
  from: string,
  cursor: string,
): Promise<string | null> {
  const { rows } = await client.query<{ last: string | null }>(
    `select max(${identifier(cursor)})::text as last from ${from}`,
  )
  return rows[0]?.last ?? null
}

/**
 * Whether a table, or one that is read through it (partitions, a view's tables), was truncated or rewritten since the session's
 * snapshot, to which it then looks empty (https://www.postgresql.org/docs/current/mvcc-caveats.html):
 * the catalog as of the snapshot names another file than there is now.
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

import type { SourceTable } from '../source/catalog.ts'
import type { Client } from '../source/client.ts'
import { readThrough } from '../source/read-through.ts'
import { qualifiedName } from '../source/sql.ts'
import type { RowsPosition } from './position.ts'

/**
 * Queries the count and the hash of the row versions of whole tables, in the session's snapshot. Every write gives
 * a row a new xmin; vacuum, freeze and analyze keep it.
 */
export async function readRowVersions(
  client: Client,
  tables: readonly SourceTable[],
): Promise<readonly RowsPosition[]> {
  if (tables.length === 0) return []
  const parts = tables.map(
    ({ namespace, name }, index) =>
      `select ${index} as part, count(*)::text as count, ` +
      `coalesce(sum(hashtextextended(xmin::text, 0)), 0)::text as hash ` +
      `from ${qualifiedName(namespace, name)}`,
  )
  const { rows } = await client.query<RowsPosition>(
    `select count, hash from (${parts.join(' union all ')}) as parts order by part`,
  )
  return rows.map(({ count, hash }) => ({ count, hash }))
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
  cross join lateral (${readThrough('t.oid')}
  ) below(oid)
)
select bool_or(c.relfilenode <> pg_catalog.pg_relation_filenode(c.oid)) as rewritten
from tree t join pg_catalog.pg_class c on c.oid = t.oid
where c.relfilenode <> 0`

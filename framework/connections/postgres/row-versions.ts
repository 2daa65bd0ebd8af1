import type { SourceTable } from './catalog.ts'
import type { Client } from './client.ts'
import type { RowsPosition } from './position.ts'
import { identifier, qualified } from './sql.ts'

/**
 * Count and hash of the row versions of each table, in the snapshot that the session is in; reads
 * the tables whole. Every write gives a row a new xmin, and vacuum, freeze and analyze keep it.
 */
export async function readRowVersions(
  client: Client,
  tables: readonly SourceTable[],
): Promise<readonly RowsPosition[]> {
  if (tables.length === 0) return []
  const parts = tables.map(
    ({ namespace, name }, index) =>
      `select ${index} as table, count(*)::text as count, ` +
      `coalesce(sum(hashtextextended(xmin::text, 0)), 0)::text as hash from ${qualified(namespace, name)}`,
  )
  const { rows } = await client.query<RowsPosition & { table: number }>(
    `select "table", count, hash from (${parts.join(' union all ')}) as parts order by "table"`,
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

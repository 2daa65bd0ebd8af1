import { hash } from '../../../lib/hash.ts'
import { stableJson } from '../../../lib/json.ts'
import type { SourceColumn, SourceTable } from '../source/catalog.ts'
import type { Client } from '../source/client.ts'
import { isPoint } from '../source/cursor-type.ts'
import { RELATION_TREE } from '../source/relation-tree.ts'
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../source/sql.ts'
import type {
  CursorPosition,
  CursorRows,
  LoadedVersions,
  RelationIdentity,
} from './cursor-position.ts'
import type { RowsPosition } from './position.ts'

/** The rows of a stream with a cursor. */
export interface StreamRows {
  readonly table: SourceTable
  /** The loaded columns. */
  readonly columns: readonly SourceColumn[]
  readonly cursor: string
}

/** Larger lists of row versions are not recorded. They need a transaction that runs as long as so many others. */
const LATER_VERSIONS = 10_000

/** Half of the numbers that an xid has. Versions further apart can't be compared. */
const XID_HALF = 2n ** 31n

/**
 * Reads how the rows of a stream are spread over its cursor, in the session's snapshot, in one pass over the table.
 * `recorded`: the position to compare with, or null. Row versions are hashed; of a view, which has none, the rows.
 */
export async function readCursorRows(
  client: Client,
  stream: StreamRows,
  recorded: CursorPosition | null,
): Promise<CursorRows> {
  const { table, cursor } = stream
  const relation = await readIdentity(client, table)
  const name = quoteIdentifier(cursor)
  const point = pointOf(stream)
  const value = recorded === null ? null : quoteLiteral(recorded.value)
  const loaded = table.hasRowVersions ? (recorded?.versions ?? null) : null
  const parts: readonly (readonly [alias: string, sql: string])[] = [
    ['last', `(max(${name}) filter (where ${point}))::text`],
    ['points', `(count(*) filter (where ${point}))::text`],
    ...versionsOf(stream, 'apart', `(${point}) is not true`),
    ...(value === null
      ? []
      : [
          ...versionsOf(stream, 'at', `${name} = ${value}`),
          ...versionsOf(stream, 'from', `${point} and ${name} >= ${value}`),
        ]),
    ...(table.hasRowVersions
      ? ([
          ['first', `${SNAPSHOT_FROM}::text`],
          ['end', `(select txid_snapshot_xmax(txid_current_snapshot()))::text`],
          ['later', `(count(*) filter (where ${isSince(SNAPSHOT_FROM)}))::text`],
        ] as const)
      : []),
    ...(loaded === null
      ? []
      : ([
          ['left', `(count(*) filter (where not ${isUnloaded(loaded)}))::text`],
          [
            'new_below',
            `(count(*) filter (where ${isUnloaded(loaded)} and ${point} and ${name} < ${value}))::text`,
          ],
        ] as const)),
  ]
  const { rows } = await client.query<Record<string, string | null>>(
    `select ${parts.map(([alias, sql]) => `${sql} as "${alias}"`).join(', ')} from ${fromOf(table)}`,
  )
  const row = rows[0]!
  const rowsAs = (part: string): RowsPosition => ({
    count: row[`${part}_count`]!,
    hash: row[`${part}_hash`]!,
  })
  const isComparable = loaded !== null && BigInt(row.end!) - BigInt(loaded.from) < XID_HALF
  return {
    relation,
    last: row.last!,
    points: row.points!,
    apart: rowsAs('apart'),
    versions: table.hasRowVersions
      ? await readVersions(client, table, row.first!, row.later!)
      : null,
    since:
      recorded === null
        ? null
        : {
            at: rowsAs('at'),
            from: rowsAs('from'),
            versions: isComparable ? { left: row.left!, newBelow: row.new_below! } : null,
          },
  }
}

/** The position of the rows that were read; null if no row has a cursor that others follow. */
export async function cursorPositionOf(
  client: Client,
  stream: StreamRows,
  { last, points, apart, versions, relation }: CursorRows,
): Promise<CursorPosition | null> {
  if (last === null) return null
  const { cursor, table } = stream
  const [count, sum] = versionsOf(stream, 'at', null).map(([alias, sql]) => `${sql} as ${alias}`)
  const { rows } = await client.query<{ at_count: string; at_hash: string }>(
    `select ${count}, ${sum} from ${fromOf(table)} where ${quoteIdentifier(cursor)} = ${quoteLiteral(last)}`,
  )
  const at = { count: rows[0]!.at_count, hash: rows[0]!.at_hash }
  const below = String(Number(points) - Number(at.count))
  return { column: cursor, value: last, below, at, apart, versions, relation }
}

/** An SQL condition: whether the snapshot that `versions` describes did not show the version of a row. */
export function isUnloaded({ from, later }: LoadedVersions): string {
  const since = isSince(from)
  return later.length === 0
    ? `(${since})`
    : `(${since} and not xmin = any ('{${later.join(',')}}'::xid[]))`
}

/** An SQL condition: whether the version of a row is of a transaction or a later one. An xmin has the lowest 32 bits. */
const isSince = (transaction: string): string =>
  `((xmin::text::int8 - ${transaction}) & 4294967295) < 2147483648`

/** The oldest transaction that ran in the session's snapshot: all before it had ended. */
const SNAPSHOT_FROM = '(select txid_snapshot_xmin(txid_current_snapshot()))'

async function readVersions(
  client: Client,
  table: SourceTable,
  from: string,
  count: string,
): Promise<LoadedVersions | null> {
  if (count === '0') return { from, later: [] }
  const { rows } = await client.query<{ xmin: string }>(
    `select distinct xmin::text from ${fromOf(table)} where ${isSince(from)} limit ${LATER_VERSIONS + 1}`,
  )
  return rows.length > LATER_VERSIONS ? null : { from, later: rows.map(({ xmin }) => xmin).sort() }
}

/** SQL of the count and the hash of those rows that a condition holds for. */
function versionsOf(
  { table, columns }: StreamRows,
  part: string,
  condition: string | null,
): readonly (readonly [alias: string, sql: string])[] {
  const version = table.hasRowVersions
    ? 'xmin::text'
    : `row(${columns.map(({ column }) => quoteIdentifier(column)).join(', ')})::text`
  const filter = condition === null ? '' : ` filter (where ${condition})`
  return [
    [`${part}_count`, `(count(*)${filter})::text`],
    [`${part}_hash`, `coalesce(sum(hashtextextended(${version}, 0))${filter}, 0)::text`],
  ]
}

function pointOf({ table, cursor }: StreamRows): string {
  return isPoint(table.columns.find(({ column }) => column === cursor)!)
}

const fromOf = ({ namespace, name }: SourceTable): string => qualifiedName(namespace, name)

async function readIdentity(client: Client, { oid }: SourceTable): Promise<RelationIdentity> {
  const { rows } = await client.query<{ oid: string; view: string | null }>(TREE, [oid])
  const views = rows.filter(({ view }) => view !== null).map((row) => [row.oid, row.view])
  return {
    self: hash(oid, stableJson(views)),
    tree: hash(...rows.map((row) => row.oid)),
  }
}

/** Everything that the relation is read through. A view shows its definition. */
const TREE = `${RELATION_TREE}
select c.oid::text,
  case when c.relkind in ('v', 'm') then pg_catalog.md5(pg_catalog.pg_get_viewdef(c.oid)) end as view
from tree t join pg_catalog.pg_class c on c.oid = t.oid
order by c.oid`

import type { SourceColumn, SourceTable } from '../source/catalog.ts'
import type { Client } from '../source/client.ts'
import { isPoint } from '../source/cursor-type.ts'
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../source/sql.ts'
import type {
  ComparedRows,
  CursorPosition,
  CursorRows,
  LoadedVersions,
  ShownTransactions,
} from './cursor-position.ts'
import type { RowsPosition } from './position.ts'

/** The rows of a stream with a cursor. */
export interface StreamRows {
  readonly table: SourceTable
  /** The loaded columns. */
  readonly columns: readonly SourceColumn[]
  readonly cursor: string
  /** The oids of partitions and children that the table got since the recorded position. */
  readonly attached: readonly string[]
}

/** Larger lists of row versions are not recorded. They need a transaction that runs as long as so many others. */
const LATER_VERSIONS = 10_000

/** Half of the numbers that an xid has. */
const XID_HALF = 2n ** 31n
/**
 * Positions further apart than so many transactions are not compared: then a row that was not very old at the one
 * does not look like a later one at the other.
 */
const XIDS_APART = 2n ** 30n

/**
 * Reads how the rows of a stream are spread over its cursor, in the session's snapshot, in one pass over the table,
 * and a second one if there are row versions that `recorded` may not have. `recorded`: the position to compare with,
 * or null. Row versions are hashed; of a view, which has none, the rows.
 */
export async function readCursorRows(
  client: Client,
  stream: StreamRows,
  recorded: CursorPosition,
): Promise<ComparedRows>
export async function readCursorRows(
  client: Client,
  stream: StreamRows,
  recorded: null,
): Promise<CursorRows>
export async function readCursorRows(
  client: Client,
  stream: StreamRows,
  recorded: CursorPosition | null,
): Promise<CursorRows> {
  const { table, cursor } = stream
  const name = quoteIdentifier(cursor)
  const point = pointOf(stream)
  const value = recorded === null ? null : quoteLiteral(recorded.value)
  const loaded = table.noVersions === null ? (recorded?.versions ?? null) : null
  const shown = table.noVersions === null ? await readShown(client) : null
  const isComparable =
    loaded !== null && shown !== null && BigInt(shown.end) - BigInt(loaded.from) < XIDS_APART
  const from = isComparable ? loaded.from : shown?.from
  const isAttached = attachedTo(stream)
  const parts: readonly (readonly [alias: string, sql: string])[] = [
    ['last', `(max(${name}) filter (where ${point}))::text`],
    ['rows', 'count(*)::text'],
    ['points', `(count(*) filter (where ${point}))::text`],
    ...versionsOf(stream, 'apart', `(${point}) is not true`),
    ...(value === null
      ? []
      : [
          ...versionsOf(stream, 'at', `${name} = ${value}`),
          ...versionsOf(stream, 'from', `${point} and ${name} >= ${value}`),
          ['attached', countIf(isAttached)] as const,
          [
            'attached_below',
            countIf(`${isAttached} and (${point} and ${name} > ${value}) is not true`),
          ] as const,
        ]),
    ...(from === undefined ? [] : [['recent', countIf(isSince(from, XID_HALF))] as const]),
  ]
  const row = await readRow(client, `select ${listOf(parts)} from ${fromOf(table)}`)
  const rowsAs = (part: string): RowsPosition => ({
    count: row[`${part}_count`]!,
    hash: row[`${part}_hash`]!,
  })
  const isRecent = row.recent !== '0'
  const below = `${point} and ${name} < ${value}`
  const found =
    shown !== null && isRecent
      ? await readRecent(client, stream, shown, isComparable ? { loaded, below } : null)
      : NO_RECENT
  return {
    last: row.last ?? null,
    points: row.points!,
    apart: rowsAs('apart'),
    shown: shown === null ? null : { ...shown, isRecent, isWhole: found.old === 0 },
    since:
      recorded === null
        ? null
        : {
            at: rowsAs('at'),
            from: rowsAs('from'),
            attached: Number(row.attached_below),
            isComparable,
            versions:
              isComparable && loaded.isWhole
                ? {
                    left: Number(row.rows) - Number(row.attached) - found.all,
                    newBelow: found.below,
                  }
                : null,
          },
  }
}

/** The position of the rows that were read; null if no row has a cursor that others follow. */
export async function cursorPositionOf(
  client: Client,
  stream: StreamRows,
  { last, points, apart, shown }: CursorRows,
): Promise<CursorPosition | null> {
  if (last === null) return null
  const { cursor, table } = stream
  const parts: readonly (readonly [alias: string, sql: string])[] = [
    ...versionsOf(stream, 'at', null),
    ...(shown === null ? [] : [['old', countIf(isSince(shown.end, XID_HALF))] as const]),
  ]
  const row = await readRow(
    client,
    `select ${listOf(parts)} from ${fromOf(table)} where ${quoteIdentifier(cursor)} = ${quoteLiteral(last)}`,
  )
  const at = { count: row.at_count!, hash: row.at_hash! }
  const below = String(Number(points) - Number(at.count))
  const isKnown = shown !== null && row.old === '0'
  const versions = isKnown ? await readVersions(client, table, shown) : null
  return { column: cursor, value: last, below, at, apart, versions }
}

/**
 * An SQL condition: whether the snapshot that `versions` describes did not show the version of a row, which one that
 * ends with the transaction `end` does.
 */
export function isUnloaded({ from, later }: LoadedVersions, end: string): string {
  const since = isSince(from, BigInt(end) - BigInt(from))
  return later.length === 0
    ? `(${since})`
    : `(${since} and not xmin = any ('{${later.join(',')}}'::xid[]))`
}

/**
 * An SQL condition: whether the version of a row is of a transaction or of one of the `count` from it on. An xmin
 * has the lowest 32 bits of a number.
 */
const isSince = (transaction: string, count: bigint): string =>
  `((xmin::text::int8 - ${transaction}) & 4294967295) < ${count}`

/** The transactions of the session's snapshot. The functions have these names in all versions. */
async function readShown(client: Client): Promise<{ readonly from: string; readonly end: string }> {
  const row = await readRow(
    client,
    `select txid_snapshot_xmin(s)::text as "from", txid_snapshot_xmax(s)::text as "end" from txid_current_snapshot() s`,
  )
  return { from: row.from!, end: row.end! }
}

const NO_RECENT = { old: 0, all: 0, below: 0 }

/** An SQL condition: whether a row is of a table that was attached since the recorded position. */
const attachedTo = ({ attached }: StreamRows): string =>
  attached.length === 0 ? 'false' : `tableoid = any ('{${attached.join(',')}}'::oid[])`

/**
 * Counts row versions that may be recent: the very old ones, and compared with a recorded position all that were not
 * loaded, and those below its value. None of attached tables is among the latter two.
 */
async function readRecent(
  client: Client,
  stream: StreamRows,
  shown: { readonly from: string; readonly end: string },
  compared: { readonly loaded: LoadedVersions; readonly below: string } | null,
): Promise<typeof NO_RECENT> {
  const from = compared?.loaded.from ?? shown.from
  const unloaded =
    compared === null
      ? 'false'
      : `${isUnloaded(compared.loaded, shown.end)} and not ${attachedTo(stream)}`
  const row = await readRow(
    client,
    `select ${countIf(isSince(shown.end, XID_HALF))} as old, ${countIf(unloaded)} as "all",
       ${countIf(`${unloaded} and ${compared?.below ?? 'false'}`)} as below
     from ${fromOf(stream.table)} where ${isSince(from, XID_HALF)}`,
  )
  return { old: Number(row.old), all: Number(row.all), below: Number(row.below) }
}

async function readVersions(
  client: Client,
  table: SourceTable,
  { from, end, isRecent, isWhole }: ShownTransactions,
): Promise<LoadedVersions | null> {
  if (!isRecent || from === end) return { from, later: [], isWhole }
  const { rows } = await client.query<{ xmin: string }>(
    `select distinct xmin::text from ${fromOf(table)}
     where ${isSince(from, BigInt(end) - BigInt(from))} limit ${LATER_VERSIONS + 1}`,
  )
  if (rows.length > LATER_VERSIONS) return null
  return { from, later: rows.map(({ xmin }) => xmin).sort(), isWhole }
}

const countIf = (condition: string): string => `(count(*) filter (where ${condition}))::text`

const listOf = (parts: readonly (readonly [alias: string, sql: string])[]): string =>
  parts.map(([alias, sql]) => `${sql} as "${alias}"`).join(', ')

type Row = Readonly<Record<string, string | null>>

async function readRow(client: Client, sql: string): Promise<Row> {
  const { rows } = await client.query<Row>(sql)
  return rows[0]!
}

/** SQL of the count and the hash of those rows that a condition holds for. */
function versionsOf(
  { table, columns }: StreamRows,
  part: string,
  condition: string | null,
): readonly (readonly [alias: string, sql: string])[] {
  const version =
    table.noVersions === null
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

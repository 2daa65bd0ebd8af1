import type { LoadMode } from '../source/stream-mode.ts'
import type { RowsPosition } from './position.ts'

/**
 * What a stream with a cursor held in the snapshot of its load (SEMANTICS 38). Every row is below the largest
 * cursor, at it, or apart: without a cursor that others follow (null, infinity, NaN).
 */
export type CursorPosition = {
  readonly column: string
  /** The largest cursor as text: the next load continues there. */
  readonly value: string
  /** The number of rows below `value`. */
  readonly below: string
  /** The rows at `value`: there may be more of them later. */
  readonly at: RowsPosition
  readonly apart: RowsPosition
  /** Which row versions the snapshot shows. null if that can't be said: of views, or with too many to list. */
  readonly versions: LoadedVersions | null
}

/**
 * The row versions that a snapshot shows: those with an xmin before `from`, and those with an xmin in `later`,
 * which ended while an older transaction was still running.
 */
export type LoadedVersions = {
  /** A transaction number of 64 bits. */
  readonly from: string
  readonly later: readonly string[]
  /**
   * Whether that is known of all rows, not only of those at the cursor. A row keeps the lowest 32 bits of its xmin,
   * so a very old row looks like one of a later transaction.
   */
  readonly isWhole: boolean
}

/** What a source holds now, compared with a recorded position. */
export interface CursorRows {
  /** The largest cursor; null if no row has one. */
  readonly last: string | null
  /** The number of rows with a cursor that others follow. */
  readonly points: string
  readonly apart: RowsPosition
  /** The transactions that the snapshot shows; null if rows have no versions. */
  readonly shown: ShownTransactions | null
  /** The rows relative to the recorded value; null if nothing was recorded. */
  readonly since: CursorRowsSince | null
}

/** All transactions before `from` had ended, and none from `end` on. Numbers of 64 bits. */
export interface ShownTransactions {
  readonly from: string
  readonly end: string
  /** Whether there may be rows of a transaction from `from` on. */
  readonly isRecent: boolean
  /** False if there are very old rows (`LoadedVersions`). */
  readonly isWhole: boolean
}

/** What a source holds now, with the rows relative to a recorded value. */
export type ComparedRows = CursorRows & { readonly since: CursorRowsSince }

export interface CursorRowsSince {
  /** The rows at the recorded value. */
  readonly at: RowsPosition
  /** The rows at and above it. */
  readonly from: RowsPosition
  /** The number of rows of attached tables that are not above it. */
  readonly attached: number
  /** Whether new row versions at the value can be told from the recorded ones. */
  readonly isComparable: boolean
  /** How many recorded row versions are left, and how many below the value are new. null if that can't be known. */
  readonly versions: { readonly left: number; readonly newBelow: number } | null
}

/** What became of the rows of a stream since a recorded position. */
export type CursorChange =
  | { readonly is: 'none' }
  /**
   * Rows from the recorded value on. `unloaded`: new row versions that are read besides the rows above the value:
   * those at it, or those anywhere below it too.
   */
  | { readonly is: 'newer'; readonly unloaded: 'none' | 'at' | 'below' }
  /** Something that the rows from the recorded value on don't tell. */
  | { readonly is: 'other'; readonly why: keyof typeof WHY_IN_FULL }

/** What happened, if the rows from the recorded value on don't tell all of it. Of the stream as `it`. */
export const WHY_IN_FULL = {
  fewer: 'it has fewer rows than at the last load',
  attached: 'a partition or child with rows up to its cursor was attached since the last load',
  lower: 'its largest cursor is lower than at the last load',
  apart: 'rows whose cursor is null, infinite or NaN changed since the last load',
  refilled: 'none of its rows is left from the last load',
  late: 'rows below its cursor were written since the last load',
  ties: "rows at its cursor changed, and new ones can't be told from loaded ones",
} as const

/** Compares what a source holds now with a recorded position of the same server. Pure. */
export function changeSince(
  recorded: CursorPosition,
  now: ComparedRows,
  { merges, isKeyUnique }: LoadMode,
): CursorChange {
  const { since } = now
  if (rowCount(now) < recordedRowCount(recorded)) return inFull('fewer')
  if (since.attached > 0) return inFull('attached')
  if (!isSame(recorded.apart, now.apart)) return inFull('apart')
  if (since.from.count === '0') return inFull('lower')

  const { isComparable, versions } = since
  const isNewBelow = versions !== null && versions.newBelow > 0
  // Appended rows are a history: it ends only if it is certain that rows were replaced.
  if (versions?.left === 0 && (merges || isNewBelow)) return inFull('refilled')
  const added = total(now.points) - total(since.from.count) - total(recorded.below)
  if (added > 0 || (merges && isNewBelow)) {
    // It does no harm to merge a very old row again. To append it would.
    const isTold = merges ? isComparable && isKeyUnique : versions !== null
    return isTold ? { is: 'newer', unloaded: 'below' } : inFull('late')
  }
  if (isSame(recorded.at, since.from)) return { is: 'none' }
  if (merges) return { is: 'newer', unloaded: 'none' }
  if (isComparable) return { is: 'newer', unloaded: 'at' }
  return isSame(recorded.at, since.at) ? { is: 'newer', unloaded: 'none' } : inFull('ties')
}

export const recordedRowCount = ({ below, at, apart }: CursorPosition): number =>
  total(below, at.count, apart.count)

export const rowCount = ({ points, apart }: CursorRows): number => total(points, apart.count)

const inFull = (why: keyof typeof WHY_IN_FULL): CursorChange => ({ is: 'other', why })

const isSame = (a: RowsPosition, b: RowsPosition): boolean =>
  a.count === b.count && a.hash === b.hash

const total = (...counts: readonly string[]): number =>
  counts.reduce((sum, count) => sum + Number(count), 0)

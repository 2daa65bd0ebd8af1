import type { ColumnChunk } from '../../lib/parquet/column-chunk.ts'
import { int32 } from './big-endian.ts'
import type { Fields } from './fields.ts'

/** PostgreSQL counts from 2000-01-01, Parquet from 1970-01-01. */
const EPOCH_DAYS = 10_957
/** 0001-01-01 and 9999-12-31 in days from PostgreSQL's epoch; its infinities lie far beyond. */
const FIRST_DAY = -730_119
const LAST_DAY = 2_921_939

export function dates(
  { bytes, rows, width, starts }: Fields,
  column: number,
  into: ColumnChunk,
  misfits: number[],
): void {
  into.reserve(rows * 4)
  const { words } = into
  let to = into.used >> 2
  for (let row = 0; row < rows; row++) {
    const at = starts[row * width + column]!
    const day = at < 0 ? 0 : int32(bytes, at)
    if (at < 0 || day < FIRST_DAY || day > LAST_DAY) {
      into.skip(into.rows + row)
      if (at >= 0) misfits.push(row)
    } else words[to++] = day + EPOCH_DAYS
  }
  into.used = to << 2
  into.rows += rows
}

const WORD = 2 ** 32
const DAY_MICROSECONDS = 86_400_000_000

/** PostgreSQL has 24:00:00; a day's last microsecond is the latest that others know. */
export function times(
  { bytes, rows, width, starts }: Fields,
  column: number,
  into: ColumnChunk,
  misfits: number[],
): void {
  into.reserve(rows * 8)
  const { words } = into
  let to = into.used >> 2
  for (let row = 0; row < rows; row++) {
    const at = starts[row * width + column]!
    const high = at < 0 ? 0 : int32(bytes, at)
    const low = at < 0 ? 0 : int32(bytes, at + 4)
    if (at < 0 || high * WORD + (low >>> 0) >= DAY_MICROSECONDS) {
      into.skip(into.rows + row)
      if (at >= 0) misfits.push(row)
    } else {
      words[to++] = low
      words[to++] = high
    }
  }
  into.used = to << 2
  into.rows += rows
}

const EPOCH_MICROSECONDS = 946_684_800_000_000n
/** 0001-01-01 00:00:00 and the end of 9999-12-31, from PostgreSQL's epoch. */
const FIRST_MOMENT = -63_082_281_600_000_000n
const END_OF_MOMENTS = 252_455_616_000_000_000n
const highWord = (number: bigint): number => Number(number >> 32n)
const lowWord = (number: bigint): number => Number(number & 0xffff_ffffn)
const EPOCH_HIGH = highWord(EPOCH_MICROSECONDS)
const EPOCH_LOW = lowWord(EPOCH_MICROSECONDS)
const FIRST_HIGH = highWord(FIRST_MOMENT)
const FIRST_LOW = lowWord(FIRST_MOMENT)
const END_HIGH = highWord(END_OF_MOMENTS)
const END_LOW = lowWord(END_OF_MOMENTS)

export function timestamps(
  { bytes, rows, width, starts }: Fields,
  column: number,
  into: ColumnChunk,
  misfits: number[],
): void {
  into.reserve(rows * 8)
  const { words } = into
  let to = into.used >> 2
  for (let row = 0; row < rows; row++) {
    const at = starts[row * width + column]!
    if (at < 0) {
      into.skip(into.rows + row)
      continue
    }
    const high = int32(bytes, at)
    const low = int32(bytes, at + 4) >>> 0
    const early = high < FIRST_HIGH || (high === FIRST_HIGH && low < FIRST_LOW)
    if (early || high > END_HIGH || (high === END_HIGH && low >= END_LOW)) {
      into.skip(into.rows + row)
      misfits.push(row)
    } else {
      const sum = low + EPOCH_LOW
      words[to++] = sum
      words[to++] = high + EPOCH_HIGH + (sum >= WORD ? 1 : 0)
    }
  }
  into.used = to << 2
  into.rows += rows
}

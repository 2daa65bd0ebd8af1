import type { ColumnChunk } from '../spool/parquet/column-chunk.ts'
import { int32 } from './big-endian.ts'
import type { ColumnValues } from './column-values.ts'

/** PostgreSQL counts from 2000-01-01, Parquet from 1970-01-01. */
const EPOCH_DAYS = 10_957
/** 0001-01-01 and 9999-12-31 in days from PostgreSQL's epoch. Its infinities are far outside. */
const FIRST_DAY = -730_119
const LAST_DAY = 2_921_939

export function dates(
  bytes: Uint8Array,
  { count, starts }: ColumnValues,
  into: ColumnChunk,
  outOfRange: number[],
): void {
  into.reserve(count * 4)
  const { words } = into
  let to = into.used >> 2
  for (let value = 0; value < count; value++) {
    const day = int32(bytes, starts[value]!)
    if (day < FIRST_DAY || day > LAST_DAY) outOfRange.push(value)
    else words[to++] = day + EPOCH_DAYS
  }
  into.used = to << 2
}

const WORD = 2 ** 32
const DAY_MICROSECONDS = 86_400_000_000

/** PostgreSQL allows 24:00:00. In Parquet the last microsecond of a day is the maximum. */
export function times(
  bytes: Uint8Array,
  { count, starts }: ColumnValues,
  into: ColumnChunk,
  outOfRange: number[],
): void {
  into.reserve(count * 8)
  const { words } = into
  let to = into.used >> 2
  for (let value = 0; value < count; value++) {
    const at = starts[value]!
    const high = int32(bytes, at)
    const low = int32(bytes, at + 4)
    if (high * WORD + (low >>> 0) >= DAY_MICROSECONDS) outOfRange.push(value)
    else {
      words[to++] = low
      words[to++] = high
    }
  }
  into.used = to << 2
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
  bytes: Uint8Array,
  { count, starts }: ColumnValues,
  into: ColumnChunk,
  outOfRange: number[],
): void {
  into.reserve(count * 8)
  const { words } = into
  let to = into.used >> 2
  for (let value = 0; value < count; value++) {
    const at = starts[value]!
    const high = int32(bytes, at)
    const low = int32(bytes, at + 4) >>> 0
    const early = high < FIRST_HIGH || (high === FIRST_HIGH && low < FIRST_LOW)
    if (early || high > END_HIGH || (high === END_HIGH && low >= END_LOW)) outOfRange.push(value)
    else {
      const sum = low + EPOCH_LOW
      words[to++] = sum
      words[to++] = high + EPOCH_HIGH + (sum >= WORD ? 1 : 0)
    }
  }
  into.used = to << 2
}

import type { ColumnChunk } from '../spool/parquet/column-chunk.ts'
import { int16, int32 } from './big-endian.ts'
import type { ColumnValues } from './column-values.ts'
import { isCompleteNumeric, isRounded, numericToDouble, numericToInteger } from './numeric.ts'

export function int2s(bytes: Uint8Array, { count, starts }: ColumnValues, into: ColumnChunk): void {
  into.reserve(count * 4)
  const { words } = into
  let to = into.used >> 2
  for (let value = 0; value < count; value++) words[to++] = int16(bytes, starts[value]!)
  into.used = to << 2
}

export function int4s(bytes: Uint8Array, { count, starts }: ColumnValues, into: ColumnChunk): void {
  into.reserve(count * 4)
  const { words } = into
  let to = into.used >> 2
  for (let value = 0; value < count; value++) words[to++] = int32(bytes, starts[value]!)
  into.used = to << 2
}

export function int8s(bytes: Uint8Array, { count, starts }: ColumnValues, into: ColumnChunk): void {
  into.reserve(count * 8)
  const { words } = into
  let to = into.used >> 2
  for (let value = 0; value < count; value++) {
    words[to++] = int32(bytes, starts[value]! + 4)
    words[to++] = int32(bytes, starts[value]!)
  }
  into.used = to << 2
}

/** Unsigned, so an int32 cannot hold them. */
export function oids(bytes: Uint8Array, { count, starts }: ColumnValues, into: ColumnChunk): void {
  into.reserve(count * 8)
  const { words } = into
  let to = into.used >> 2
  for (let value = 0; value < count; value++) {
    words[to++] = int32(bytes, starts[value]!)
    words[to++] = 0
  }
  into.used = to << 2
}

/** NaN and the infinities have all bits of the exponent set. */
const EXPONENT = 0x7ff00000

export function float8s(
  bytes: Uint8Array,
  { count, starts }: ColumnValues,
  into: ColumnChunk,
  outOfRange: number[],
): void {
  into.reserve(count * 8)
  const { words } = into
  let to = into.used >> 2
  for (let value = 0; value < count; value++) {
    const high = int32(bytes, starts[value]!)
    if ((high & EXPONENT) === EXPONENT) outOfRange.push(value)
    else {
      words[to++] = int32(bytes, starts[value]! + 4)
      words[to++] = high
    }
  }
  into.used = to << 2
}

/** A double holds any three digits of base 10,000, if it is not close to zero. This spares most values a call. */
const SHORT = 3
const TINY = 1e-280

export function numerics(
  bytes: Uint8Array,
  { count, starts }: ColumnValues,
  into: ColumnChunk,
  outOfRange: number[],
  rounded: number[],
): void {
  into.reserve(count * 8)
  const { doubles } = into
  let to = into.used >> 3
  for (let value = 0; value < count; value++) {
    const at = starts[value]!
    if (!isCompleteNumeric(bytes, at, int32(bytes, at - 4)))
      throw new Error('the server sent an invalid numeric')
    const number = numericToDouble(bytes, at)
    if (Number.isNaN(number)) outOfRange.push(value)
    else {
      doubles[to++] = number
      const isShort = int16(bytes, at) <= SHORT && (number > TINY || number < -TINY)
      if (!isShort && isRounded(bytes, at, number)) rounded.push(value)
    }
  }
  into.used = to << 3
}

export function integers(
  bytes: Uint8Array,
  { count, starts }: ColumnValues,
  into: ColumnChunk,
  outOfRange: number[],
): void {
  into.reserve(count * 16)
  const { words } = into
  let to = into.used >> 2
  for (let value = 0; value < count; value++) {
    const at = starts[value]!
    if (!isCompleteNumeric(bytes, at, int32(bytes, at - 4)))
      throw new Error('the server sent an invalid numeric')
    if (numericToInteger(bytes, at, words, to)) to += 4
    else outOfRange.push(value)
  }
  into.used = to << 2
}

/** One bit for each value. */
export function booleans(
  bytes: Uint8Array,
  { count, starts }: ColumnValues,
  into: ColumnChunk,
): void {
  into.reserve((count + 7) >> 3)
  const values = into.bytes
  let bit = into.rows - into.nulls - count
  for (let value = 0; value < count; value++, bit++) {
    if ((bit & 7) === 0) values[bit >> 3] = 0
    values[bit >> 3]! |= bytes[starts[value]!]! << (bit & 7)
  }
  into.used = (bit + 7) >> 3
}

import type { ColumnChunk } from '../../lib/parquet/column-chunk.ts'
import { int16, int32 } from './big-endian.ts'
import type { Fields } from './fields.ts'
import { isWhole, numericToDouble, numericToInteger } from './numeric.ts'

export function int2s(
  { bytes, rows, width, starts }: Fields,
  column: number,
  into: ColumnChunk,
): void {
  into.reserve(rows * 4)
  const { words } = into
  let to = into.used >> 2
  for (let row = 0; row < rows; row++) {
    const at = starts[row * width + column]!
    if (at < 0) into.skip(into.rows + row)
    else words[to++] = int16(bytes, at)
  }
  into.used = to << 2
  into.rows += rows
}

export function int4s(
  { bytes, rows, width, starts }: Fields,
  column: number,
  into: ColumnChunk,
): void {
  into.reserve(rows * 4)
  const { words } = into
  let to = into.used >> 2
  for (let row = 0; row < rows; row++) {
    const at = starts[row * width + column]!
    if (at < 0) into.skip(into.rows + row)
    else words[to++] = int32(bytes, at)
  }
  into.used = to << 2
  into.rows += rows
}

export function int8s(
  { bytes, rows, width, starts }: Fields,
  column: number,
  into: ColumnChunk,
): void {
  into.reserve(rows * 8)
  const { words } = into
  let to = into.used >> 2
  for (let row = 0; row < rows; row++) {
    const at = starts[row * width + column]!
    if (at < 0) into.skip(into.rows + row)
    else {
      words[to++] = int32(bytes, at + 4)
      words[to++] = int32(bytes, at)
    }
  }
  into.used = to << 2
  into.rows += rows
}

/** Unsigned, so that they need more than 32 bits. */
export function oids(
  { bytes, rows, width, starts }: Fields,
  column: number,
  into: ColumnChunk,
): void {
  into.reserve(rows * 8)
  const { words } = into
  let to = into.used >> 2
  for (let row = 0; row < rows; row++) {
    const at = starts[row * width + column]!
    if (at < 0) into.skip(into.rows + row)
    else {
      words[to++] = int32(bytes, at)
      words[to++] = 0
    }
  }
  into.used = to << 2
  into.rows += rows
}

/** All bits of the exponent are set in NaN and the infinities. */
const EXPONENT = 0x7ff00000

export function float8s(
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
    const high = at < 0 ? EXPONENT : int32(bytes, at)
    if ((high & EXPONENT) === EXPONENT) {
      into.skip(into.rows + row)
      if (at >= 0) misfits.push(row)
    } else {
      words[to++] = int32(bytes, at + 4)
      words[to++] = high
    }
  }
  into.used = to << 2
  into.rows += rows
}

export function numerics(
  { bytes, rows, width, starts }: Fields,
  column: number,
  into: ColumnChunk,
  misfits: number[],
): void {
  into.reserve(rows * 8)
  const { doubles } = into
  let to = into.used >> 3
  for (let row = 0; row < rows; row++) {
    const at = starts[row * width + column]!
    if (at < 0) {
      into.skip(into.rows + row)
      continue
    }
    if (!isWhole(bytes, at, int32(bytes, at - 4))) throw new Error('what came is no numeric')
    const value = numericToDouble(bytes, at)
    if (Number.isNaN(value)) {
      into.skip(into.rows + row)
      misfits.push(row)
    } else doubles[to++] = value
  }
  into.used = to << 3
  into.rows += rows
}

export function integers(
  { bytes, rows, width, starts }: Fields,
  column: number,
  into: ColumnChunk,
  misfits: number[],
): void {
  into.reserve(rows * 16)
  const { words } = into
  let to = into.used >> 2
  for (let row = 0; row < rows; row++) {
    const at = starts[row * width + column]!
    if (at < 0) {
      into.skip(into.rows + row)
      continue
    }
    if (!isWhole(bytes, at, int32(bytes, at - 4))) throw new Error('what came is no numeric')
    if (numericToInteger(bytes, at, words, to)) to += 4
    else {
      into.skip(into.rows + row)
      misfits.push(row)
    }
  }
  into.used = to << 2
  into.rows += rows
}

/** A bit each. */
export function booleans(
  { bytes, rows, width, starts }: Fields,
  column: number,
  into: ColumnChunk,
): void {
  into.reserve((rows + 7) >> 3)
  const values = into.bytes
  let bit = into.rows - into.nulls
  for (let row = 0; row < rows; row++) {
    const at = starts[row * width + column]!
    if (at < 0) {
      into.skip(into.rows + row)
      continue
    }
    if ((bit & 7) === 0) values[bit >> 3] = 0
    values[bit >> 3]! |= bytes[at]! << (bit & 7)
    bit++
  }
  into.used = (bit + 7) >> 3
  into.rows += rows
}

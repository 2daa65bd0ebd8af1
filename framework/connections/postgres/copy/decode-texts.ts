import type { ColumnChunk } from '../spool/parquet/column-chunk.ts'
import { int32 } from './big-endian.ts'
import type { ColumnValues } from './column-values.ts'

/** Below this many bytes a loop is faster than a call. */
const SHORT = 64

export function texts(bytes: Uint8Array, values: ColumnValues, into: ColumnChunk): void {
  appendTexts(0, bytes, values, into)
}

/** Text after one byte with the format's version, 1 (jsonb_send in utils/adt/jsonb.c). */
export function jsonbs(bytes: Uint8Array, values: ColumnValues, into: ColumnChunk): void {
  appendTexts(1, bytes, values, into)
}

/** Appends texts. The first `skipped` bytes of each value are left out. */
function appendTexts(
  skipped: number,
  bytes: Uint8Array,
  { count, starts }: ColumnValues,
  into: ColumnChunk,
): void {
  let to = into.used
  for (let value = 0; value < count; value++) {
    const start = starts[value]!
    const at = start + skipped
    const length = int32(bytes, start - 4) - skipped
    if (to + 4 + length > into.bytes.length) {
      into.used = to
      into.reserve(4 + length)
    }
    const values = into.bytes
    to = putLength(values, to, length)
    if (length < SHORT)
      for (let byte = 0; byte < length; byte++) values[to + byte] = bytes[at + byte]!
    else values.set(bytes.subarray(at, at + length), to)
    to += length
  }
  into.used = to
}

function putLength(values: Uint8Array, to: number, length: number): number {
  values[to] = length
  values[to + 1] = length >> 8
  values[to + 2] = length >> 16
  values[to + 3] = length >> 24
  return to + 4
}

const HEXADECIMAL = Buffer.from('0123456789abcdef')
const UUID_TEXT = 36
const HYPHEN = 0x2d

export function uuids(bytes: Uint8Array, { count, starts }: ColumnValues, into: ColumnChunk): void {
  into.reserve(count * (4 + UUID_TEXT))
  const values = into.bytes
  let to = into.used
  for (let value = 0; value < count; value++) {
    const at = starts[value]!
    to = putLength(values, to, UUID_TEXT)
    for (let byte = 0; byte < 16; byte++) {
      if (byte === 4 || byte === 6 || byte === 8 || byte === 10) values[to++] = HYPHEN
      const value = bytes[at + byte]!
      values[to++] = HEXADECIMAL[value >> 4]!
      values[to++] = HEXADECIMAL[value & 15]!
    }
  }
  into.used = to
}

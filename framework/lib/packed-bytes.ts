import { crc32 } from 'node:zlib'

// Byte arrays in one: a head of 32-bit words (magic, checksum of all that follows it, count, lengths),
// then the arrays, each at a multiple of eight, so that numbers can be read where they lie.

const MAGIC = 0x61737431
const FIXED = 3

const aligned = (length: number) => (length + 7) & ~7

/** The arrays as one, for `unpack`. */
export function pack(sections: readonly Uint8Array[]): Buffer {
  const head = aligned((FIXED + sections.length) * 4)
  const size = sections.reduce((sum, section) => sum + aligned(section.byteLength), head)
  const bytes = Buffer.alloc(size)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes.writeUInt32LE(sections.length, 8)
  let at = head
  for (const [k, section] of sections.entries()) {
    bytes.writeUInt32LE(section.byteLength, (FIXED + k) * 4)
    bytes.set(section, at)
    at += aligned(section.byteLength)
  }
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4)
  return bytes
}

/** The arrays that were packed, as views; null when the bytes are not whole or are something else. */
export function unpack(packed: Uint8Array): readonly Buffer[] | null {
  // Views of numbers want an even place to begin at.
  const whole = packed.byteOffset % 8 === 0 ? packed : Uint8Array.from(packed)
  const bytes = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength)
  if (bytes.length < FIXED * 4 || bytes.readUInt32LE(0) !== MAGIC) return null
  if (bytes.readUInt32LE(4) !== crc32(bytes.subarray(8))) return null
  const count = bytes.readUInt32LE(8)
  const sections: Buffer[] = []
  let at = aligned((FIXED + count) * 4)
  for (let k = 0; k < count; k++) {
    const length = bytes.readUInt32LE((FIXED + k) * 4)
    sections.push(bytes.subarray(at, at + length))
    at += aligned(length)
  }
  return at === bytes.length ? sections : null
}

/** Numbers as the bytes that they are. */
export function bytesOf(numbers: Int32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}

/** A section that holds numbers. */
export function numbersIn(section: Uint8Array): Int32Array {
  return new Int32Array(section.buffer, section.byteOffset, section.byteLength >> 2)
}

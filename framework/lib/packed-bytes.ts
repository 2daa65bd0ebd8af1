import { crc32 } from 'node:zlib'

// Packs several byte arrays into one: a header of 32-bit words (magic, checksum of the rest, count,
// lengths), then the arrays, each aligned to eight bytes, so numbers can be read in place.

const MAGIC = 0x61737431
const FIXED = 3

const aligned = (length: number) => (length + 7) & ~7

/** Packs arrays into one, for `unpack`. */
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

/** The packed arrays, as views. Null when the bytes are damaged or were not made by `pack`. */
export function unpack(packed: Uint8Array): readonly Buffer[] | null {
  // Views of numbers need an aligned start.
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

/** The bytes of numbers, as a view. */
export function bytesOf(numbers: Int32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}

/** The numbers of a section, as a view. */
export function numbersIn(section: Uint8Array): Int32Array {
  return new Int32Array(section.buffer, section.byteOffset, section.byteLength >> 2)
}

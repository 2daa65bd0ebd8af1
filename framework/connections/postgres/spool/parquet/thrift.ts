/** Field types of Thrift's compact protocol. */
const TRUE = 1
const FALSE = 2
const INT32 = 5
const INT64 = 6
const BINARY = 8
const LIST = 9
const STRUCT = 12

/**
 * Writes a struct in Thrift's compact protocol, the format of Parquet's metadata. Fields must be written in
 * the order of their ids (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
 */
export class ThriftStruct {
  readonly #bytes: number[]
  #last = 0

  constructor(bytes: number[] = []) {
    this.#bytes = bytes
  }

  boolean(id: number, value: boolean): this {
    return this.#field(id, value ? TRUE : FALSE)
  }

  int32(id: number, value: number): this {
    this.#field(id, INT32)
    return this.#number(value)
  }

  /** `value` is from 0 to 2^52 - 1. */
  int64(id: number, value: number): this {
    this.#field(id, INT64)
    return this.#number(value)
  }

  text(id: number, value: string): this {
    this.#field(id, BINARY)
    return this.#text(value)
  }

  struct(id: number, write: (struct: ThriftStruct) => void): this {
    this.#field(id, STRUCT)
    return this.#struct(write)
  }

  int32s(id: number, values: readonly number[]): this {
    this.#list(id, INT32, values.length)
    for (const value of values) this.#number(value)
    return this
  }

  texts(id: number, values: readonly string[]): this {
    this.#list(id, BINARY, values.length)
    for (const value of values) this.#text(value)
    return this
  }

  structs<T>(
    id: number,
    items: readonly T[],
    write: (struct: ThriftStruct, item: T) => void,
  ): this {
    this.#list(id, STRUCT, items.length)
    for (const item of items) this.#struct((struct) => write(struct, item))
    return this
  }

  /** The bytes of the struct, with its stop field. */
  end(): Uint8Array {
    return Uint8Array.from([...this.#bytes, 0])
  }

  #struct(write: (struct: ThriftStruct) => void): this {
    write(new ThriftStruct(this.#bytes))
    this.#bytes.push(0)
    return this
  }

  #field(id: number, type: number): this {
    this.#bytes.push(((id - this.#last) << 4) | type)
    this.#last = id
    return this
  }

  #list(id: number, type: number, length: number): void {
    this.#field(id, LIST)
    if (length < 15) this.#bytes.push((length << 4) | type)
    else this.#varint(0xf0 | type, length)
  }

  #text(value: string): this {
    const bytes = Buffer.from(value)
    this.#varint(null, bytes.length)
    for (const byte of bytes) this.#bytes.push(byte)
    return this
  }

  /** Zigzag encoding: the sign is the lowest bit. */
  #number(value: number): this {
    this.#varint(null, value < 0 ? -2 * value - 1 : 2 * value)
    return this
  }

  #varint(before: number | null, value: number): void {
    if (before !== null) this.#bytes.push(before)
    putVarint(this.#bytes, value)
  }
}

/** Appends a varint: seven bits in each byte, lowest first; the high bit is set in all but the last byte. */
export function putVarint(bytes: number[], value: number): void {
  let left = value
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  bytes.push(left)
}

/** A row that was written or deleted, as decoded from a replication slot of the plugin pgoutput. */
export interface RowChange {
  readonly table: string
  /** The columns of the replica identity: the primary key. */
  readonly key: Readonly<Record<string, string>>
  readonly is: 'written' | 'deleted'
  /** When it was committed, milliseconds since the epoch. */
  readonly at: number
}

interface Relation {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly isKey: boolean }[]
}

/** PostgreSQL counts microseconds since 2000-01-01. */
const EPOCH = Date.UTC(2000, 0, 1)

/**
 * Decodes the messages of a slot, in order
 * (https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html, version 1).
 */
export class Pgoutput {
  readonly #relations = new Map<number, Relation>()
  #committedAt = 0

  /** The row changes of one message. Begin, commit and relation messages have none. */
  read(message: Buffer): readonly RowChange[] {
    const reader = new Reader(message)
    const type = reader.letter()
    switch (type) {
      case 'B':
        reader.skip(8)
        this.#committedAt = EPOCH + Number(reader.int64() / 1000n)
        return []
      case 'R':
        this.#relations.set(reader.int32(), relationOf(reader))
        return []
      case 'I':
      case 'U':
      case 'D':
        return this.#changes(type, reader)
      default:
        return []
    }
  }

  #changes(type: 'I' | 'U' | 'D', reader: Reader): readonly RowChange[] {
    const relation = this.#relations.get(reader.int32())
    if (relation === undefined) throw new Error('a change came before its relation')
    const at = this.#committedAt
    const { name: table } = relation
    const first = reader.letter()
    const key = keyOf(relation, reader)
    if (type === 'D') return [{ table, key, is: 'deleted', at }]
    if (first === 'N') return [{ table, key, is: 'written', at }]
    // The update changed the key: report the old key as deleted and the new one as written.
    reader.skip(1)
    return [
      { table, key, is: 'deleted', at },
      { table, key: keyOf(relation, reader), is: 'written', at },
    ]
  }
}

function relationOf(reader: Reader): Relation {
  reader.text()
  const name = reader.text()
  reader.skip(1)
  const columns = Array.from({ length: reader.int16() }, () => {
    const isKey = reader.byte() === 1
    const column = { name: reader.text(), isKey }
    reader.skip(8)
    return column
  })
  return { name, columns }
}

function keyOf({ columns }: Relation, reader: Reader): Readonly<Record<string, string>> {
  const key: Record<string, string> = {}
  const count = reader.int16()
  for (const { name, isKey } of columns.slice(0, count)) {
    // A null and an unchanged TOAST value have no bytes.
    const value = reader.letter() === 't' ? reader.bytes(reader.int32()).toString() : null
    if (isKey && value !== null) key[name] = value
  }
  return key
}

class Reader {
  readonly #buffer: Buffer
  #at = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  skip(count: number): void {
    this.#at += count
  }

  byte(): number {
    return this.#buffer.readUInt8(this.#at++)
  }

  letter(): string {
    return String.fromCharCode(this.byte())
  }

  int16(): number {
    this.#at += 2
    return this.#buffer.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#buffer.readInt32BE(this.#at - 4)
  }

  int64(): bigint {
    this.#at += 8
    return this.#buffer.readBigInt64BE(this.#at - 8)
  }

  bytes(count: number): Buffer {
    this.#at += count
    return this.#buffer.subarray(this.#at - count, this.#at)
  }

  /** A string, up to the next zero byte. */
  text(): string {
    const end = this.#buffer.indexOf(0, this.#at)
    const text = this.#buffer.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }
}

import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import type { Connection } from 'pg'
import { describe, expect, test } from 'vitest'
import {
  type CopySink,
  CopyStream,
} from '../../../framework/connections/postgres/copy/copy-stream.ts'

/** A message of PostgreSQL's protocol: type, length (which includes itself), body. */
function message(type: string, body: Uint8Array): Buffer {
  const header = Buffer.alloc(5)
  header.write(type)
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}

/** A connection whose socket sends the given chunks. It collects the messages that `pg` gets. */
class FakeConnection {
  readonly stream = Object.assign(new EventEmitter(), { pause: () => {}, resume: () => {} })
  readonly heard: Buffer[] = []
  #copy: CopyStream | null = null

  constructor() {
    this.stream.on('data', (bytes: Buffer) => {
      this.heard.push(Buffer.from(bytes))
      const all = Buffer.concat(this.heard)
      if (all.at(-6) === 0x5a && all.readInt32BE(all.length - 5) === 5)
        this.#copy?.handleReadyForQuery()
    })
  }

  query(): void {}

  start(copy: CopyStream): void {
    this.#copy = copy
    copy.submit(this as unknown as Connection)
  }
}

/** Divides bytes at the given positions. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  )
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

/** A sink that reads the bytes at once, or only when it is flushed: they must still be valid then. */
class Collecting implements CopySink {
  readonly taken: string[] = []
  readonly #lazy: boolean
  #bytes: Buffer | null = null
  #places: (readonly [number, number])[] = []

  constructor(lazy: boolean) {
    this.#lazy = lazy
  }

  add(bytes: Buffer, from: number, to: number): void {
    if (bytes !== this.#bytes) this.#take()
    this.#bytes = bytes
    this.#places.push([from, to])
    if (!this.#lazy) this.#take()
  }

  flush(): Promise<void> | null {
    this.#take()
    return null
  }

  #take(): void {
    for (const [from, to] of this.#places.splice(0)) {
      this.taken.push(this.#bytes!.toString('latin1', from, to))
    }
  }
}

const READY = message('Z', Buffer.from('I'))
const row = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
const rows = fc.array(fc.record({ row, notice: fc.boolean() }), { maxLength: 40 })
const places = fc.array(fc.nat(), { maxLength: 60 })

describe('the rows of a COPY', () => {
  test('are complete however the socket divides them, and other messages go to pg', async () => {
    await fc.assert(
      fc.asyncProperty(rows, places, fc.boolean(), async (given, cuts, lazy) => {
        const notice = message('N', Buffer.from('Mmind the gap\0\0'))
        const start = message('H', Buffer.from([0, 0, 0]))
        const end = [message('c', Buffer.alloc(0)), message('C', Buffer.from('COPY\0')), READY]
        const sent = [
          start,
          ...given.flatMap((one) => [message('d', one.row), ...(one.notice ? [notice] : [])]),
          ...end,
        ]
        const sink = new Collecting(lazy)
        const connection = new FakeConnection()
        const copy = new CopyStream('copy', sink)
        connection.start(copy)
        for (const chunk of cut(Buffer.concat(sent), cuts)) connection.stream.emit('data', chunk)

        await copy.done
        expect(sink.taken).toEqual(given.map((one) => one.row.toString('latin1')))
        const others = sent.filter((bytes) => bytes[0] !== 0x64)
        expect(Buffer.concat(connection.heard)).toEqual(Buffer.concat(others))
      }),
    )
  })

  test('may be far larger than a chunk of the socket', async () => {
    const bodies = [Buffer.from('a'), Buffer.alloc(2_500_000, 'x'), Buffer.from('b')]
    const sent = Buffer.concat([...bodies.map((body) => message('d', body)), READY])
    const sink = new Collecting(true)
    const connection = new FakeConnection()
    const copy = new CopyStream('copy', sink)
    connection.start(copy)
    for (let at = 0; at < sent.length; at += 65_536) {
      connection.stream.emit('data', sent.subarray(at, at + 65_536))
    }
    await copy.done
    expect(sink.taken).toEqual(bodies.map(String))
  })

  test('end if the server reports an error, and pg gets the rest', async () => {
    const error = message('E', Buffer.from('SERROR\0\0'))
    const connection = new FakeConnection()
    const copy = new CopyStream('copy', new Collecting(false))
    connection.start(copy)
    const failure = new Error('division by zero')
    const hear = connection.heard.push.bind(connection.heard)
    connection.heard.push = (...bytes) => {
      if (bytes[0]?.[0] === 0x45) copy.handleError(failure)
      return hear(...bytes)
    }
    connection.stream.emit('data', Buffer.concat([message('d', Buffer.from('a')), error, READY]))
    await expect(copy.done).rejects.toBe(failure)
    expect(Buffer.concat(connection.heard)).toEqual(Buffer.concat([error, READY]))
    // The next messages on this connection belong to another query.
    connection.stream.emit('data', message('d', Buffer.from('later')))
    expect(connection.heard.at(-1)).toEqual(message('d', Buffer.from('later')))
  })

  const broken = new Error('no row')
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  const throwing = () => {
    throw broken
  }
  test.each([
    ["can't be read", { add: throwing, flush: () => null }, broken],
    ["can't be taken in", { add() {}, flush: throwing }, broken],
    ["can't be kept", { add() {}, flush: () => Promise.reject(full) }, full],
  ])(
    'that %s fail with the reason, once, and the connection stays usable',
    async (_, sink, why) => {
      const connection = new FakeConnection()
      let refused = 0
      const copy = new CopyStream('copy', sink, () => refused++)
      connection.start(copy)
      const data = message('d', Buffer.from('a'))
      connection.stream.emit('data', Buffer.concat([data, data]))
      await new Promise((resolve) => setImmediate(resolve))
      connection.stream.emit('data', Buffer.concat([data, READY]))
      await expect(copy.done).rejects.toBe(why)
      expect([refused, connection.stream.listenerCount('data')]).toEqual([1, 1])
    },
  )

  test('wait while the sink is slow', async () => {
    const finish: (() => void)[] = []
    const connection = new FakeConnection()
    let paused = false
    connection.stream.pause = () => {
      paused = true
    }
    connection.stream.resume = () => {
      paused = false
    }
    let slow = false
    const copy = new CopyStream('copy', {
      add() {},
      flush: () => (slow ? new Promise<void>((resolve) => finish.push(resolve)) : null),
    })
    connection.start(copy)
    const data = message('d', Buffer.from('x'))
    connection.stream.emit('data', data)
    expect(paused).toBe(false)
    slow = true
    connection.stream.emit('data', data)
    expect(paused).toBe(true)
    finish.shift()!()
    await new Promise((resolve) => setImmediate(resolve))
    expect(paused).toBe(false)
    connection.stream.emit('data', READY)
    let ended = false
    void copy.done.then(() => {
      ended = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toBe(false)
    finish.shift()!()
    await copy.done
  })
})

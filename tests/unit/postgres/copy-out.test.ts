import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import type { Connection } from 'pg'
import { describe, expect, test } from 'vitest'
import { CopyOut } from '../../../framework/connections/postgres/copy-out.ts'
import { RowVersions } from '../../../framework/connections/postgres/xid-hash.ts'

/** A message of PostgreSQL's protocol: type, length with itself, body. */
function message(type: string, body: Uint8Array): Buffer {
  const header = Buffer.alloc(5)
  header.write(type)
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}

/** A connection whose socket gives what the test says, and `pg`'s part: hearing the other messages. */
class FakeConnection {
  readonly stream = Object.assign(new EventEmitter(), { pause: () => {}, resume: () => {} })
  readonly heard: Buffer[] = []
  #copy: CopyOut | null = null

  constructor() {
    this.stream.on('data', (bytes: Buffer) => {
      this.heard.push(Buffer.from(bytes))
      const all = Buffer.concat(this.heard)
      if (all.at(-6) === 0x5a && all.readInt32BE(all.length - 5) === 5)
        this.#copy?.handleReadyForQuery()
    })
  }

  query(): void {}

  start(copy: CopyOut): void {
    this.#copy = copy
    copy.submit(this as unknown as Connection)
  }
}

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  )
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

const collecting = () => {
  const written: { text: string; wholeRows: boolean }[] = []
  const write = async (bytes: Uint8Array, wholeRows: boolean) => {
    written.push({ text: Buffer.from(bytes).toString('latin1'), wholeRows })
  }
  return { written, write }
}

const USUAL = 754
const READY = message('Z', Buffer.from('I'))
const row = fc
  .string({ unit: 'grapheme', maxLength: 300 })
  .map((text) => `${text.replaceAll('\n', '')}\n`)
const rows = fc.array(
  fc.record({ xmin: fc.oneof(fc.nat(), fc.constant(USUAL)), row, notice: fc.boolean() }),
  { maxLength: 40 },
)
const places = fc.array(fc.nat(), { maxLength: 60 })

describe('the rows of a COPY', () => {
  test('come out whole, however the socket cuts them, and all else goes to pg', async () => {
    await fc.assert(
      fc.asyncProperty(rows, places, fc.boolean(), async (given, cuts, withXmin) => {
        const notice = message('N', Buffer.from('Mmind the gap\0\0'))
        const start = message('H', Buffer.from([0, 0, 0]))
        const end = [message('c', Buffer.alloc(0)), message('C', Buffer.from('COPY\0')), READY]
        const sent = [
          start,
          ...given.flatMap((one) => [
            message(
              'd',
              Buffer.from(
                withXmin ? `${one.xmin === USUAL ? '\\N' : one.xmin}\t${one.row}` : one.row,
              ),
            ),
            ...(one.notice ? [notice] : []),
          ]),
          ...end,
        ]
        const { written, write } = collecting()
        const versions = withXmin ? new RowVersions() : null
        const expected = new RowVersions()
        for (const { xmin } of given) expected.add(xmin)

        const connection = new FakeConnection()
        const copy = new CopyOut('copy', { write }, versions, USUAL)
        connection.start(copy)
        for (const chunk of cut(Buffer.concat(sent), cuts)) connection.stream.emit('data', chunk)

        expect(await copy.done).toBe(given.length)
        const text = Buffer.from(given.map((one) => one.row).join('')).toString('latin1')
        expect(written.map((one) => one.text).join('')).toBe(text)
        const others = sent.filter((bytes) => bytes[0] !== 0x64)
        expect(Buffer.concat(connection.heard)).toEqual(Buffer.concat(others))
        if (versions !== null) expect(versions.position).toEqual(expected.position)
      }),
    )
  })

  test('larger than the buffer come in parts, of which only the last ends a row', async () => {
    const large = Buffer.alloc(2_500_000, 'x')
    const sent = Buffer.concat([
      message('d', Buffer.from('a\n')),
      message('d', large),
      message('d', Buffer.from('b\n')),
      READY,
    ])
    const { written, write } = collecting()
    const connection = new FakeConnection()
    const copy = new CopyOut('copy', { write })
    connection.start(copy)
    for (let at = 0; at < sent.length; at += 65_536) {
      connection.stream.emit('data', sent.subarray(at, at + 65_536))
    }
    expect(await copy.done).toBe(3)
    let length = 0
    for (const { text, wholeRows } of written) {
      length += text.length
      expect(wholeRows).toBe([2, 2 + large.length, 4 + large.length].includes(length))
    }
    expect(length).toBe(large.length + 4)
  })

  test('end where the server breaks off, and pg hears the rest', async () => {
    const error = message('E', Buffer.from('SERROR\0\0'))
    const { write } = collecting()
    const connection = new FakeConnection()
    const copy = new CopyOut('copy', { write })
    connection.start(copy)
    const failure = new Error('division by zero')
    connection.stream.prependListener('data', () => {})
    const hear = connection.heard.push.bind(connection.heard)
    connection.heard.push = (...bytes) => {
      if (bytes[0]?.[0] === 0x45) copy.handleError(failure)
      return hear(...bytes)
    }
    connection.stream.emit('data', Buffer.concat([message('d', Buffer.from('a\n')), error, READY]))
    await expect(copy.done).rejects.toBe(failure)
    expect(Buffer.concat(connection.heard)).toEqual(Buffer.concat([error, READY]))
    // Whatever comes next on this connection is none of ours.
    connection.stream.emit('data', message('d', Buffer.from('later')))
    expect(connection.heard.at(-1)).toEqual(message('d', Buffer.from('later')))
  })

  test('that can’t be kept fail with the reason, and the connection stays usable', async () => {
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    const connection = new FakeConnection()
    const copy = new CopyOut('copy', { write: () => Promise.reject(full) })
    connection.start(copy)
    connection.stream.emit('data', Buffer.concat([message('d', Buffer.from('a\n')), READY]))
    await expect(copy.done).rejects.toBe(full)
    expect(connection.stream.listenerCount('data')).toBe(1)
  })

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
    const copy = new CopyOut('copy', {
      write: () => new Promise<void>((resolve) => finish.push(resolve)),
    })
    connection.start(copy)
    const block = message('d', Buffer.alloc(600_000, 'x'))
    connection.stream.emit('data', Buffer.concat([block, block]))
    expect(paused).toBe(false)
    connection.stream.emit('data', Buffer.concat([block, block]))
    expect(paused).toBe(true)
    while (paused) {
      finish.shift()?.()
      await Promise.resolve()
    }
    connection.stream.emit('data', READY)
    const drain = setInterval(() => finish.shift()?.(), 0)
    expect(await copy.done).toBe(4)
    clearInterval(drain)
  })
})

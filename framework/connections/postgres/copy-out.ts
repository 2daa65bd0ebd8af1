import type { Connection, Submittable } from 'pg'
import { type RowVersions, withDigit } from './xid-hash.ts'

/** Where the rows of a COPY go. */
export interface CopySink {
  /**
   * Full buffers in order. The next may come before the promise resolves; the socket is paused
   * while more than one is waiting. `wholeRows`: what came so far ends with a row. `longest`: no row
   * that starts here has more bytes. Rejecting ends the taking: what still comes is dropped.
   */
  write(bytes: Uint8Array, wholeRows: boolean, longest: number): Promise<void>
}

type OnData = (chunk: Buffer) => void

const COPY_DATA = 0x64
const TAB = 0x09
const BACKSLASH = 0x5c
/** Behind a backslash it makes a null. */
const NULL_LETTER = 0x4e
const HEADER_BYTES = 5
const BUFFER_BYTES = 1024 * 1024
/** Below this many bytes a loop beats the call into `Buffer.copy`. */
const SHORT = 160

/**
 * Takes the rows of a COPY … TO STDOUT straight from the socket. `pg` and `pg-copy-streams` make an
 * object of every row, which costs more than the server needs to produce it; here a row is copied
 * once, into a large buffer. Every message that isn't a row goes to `pg` as if we were not there.
 *
 *     header ──'d' CopyData──▶ xmin ──▶ row ──length bytes──▶ header
 *        └───any other type──▶ other ─────────length bytes──▶ header
 *
 * Message formats: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class CopyOut implements Submittable {
  /** Rows received; rejects with what the sink or the server said, or when the connection is lost. */
  readonly done: Promise<number>
  readonly #text: string
  readonly #sink: CopySink
  readonly #versions: RowVersions | null
  readonly #usual: number
  #settle!: { readonly resolve: (rows: number) => void; readonly reject: (error: unknown) => void }
  #failure: { readonly error: unknown } | null = null

  #stream: Connection['stream'] | null = null
  #toPg: OnData = () => {}
  #aside = true
  readonly #listener: OnData = (chunk) => this.#receive(chunk)

  #message: 'xmin' | 'row' | 'other' = 'other'
  /** Bytes of the current message that are still to come. */
  #left = 0
  /** The start of a header that two chunks share. */
  #header = Buffer.alloc(0)
  #rows = 0
  /** The digits of a row's xmin that have come. */
  #xmin = 0

  #buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
  #used = 0
  /** Bytes of the longest row that begins in the buffer. */
  #longest = 0
  readonly #spare: Buffer[] = []
  #writes: Promise<void> = Promise.resolve()
  #waiting = 0

  /**
   * With `versions` each row starts with its xmin, null for the usual one, which goes there and not
   * into the sink.
   */
  constructor(text: string, sink: CopySink, versions: RowVersions | null = null, usual = 0) {
    this.#text = text
    this.#sink = sink
    this.#versions = versions
    this.#usual = usual
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    // It may fail before anybody waits for it.
    this.done.catch(() => {})
  }

  submit(connection: Connection): void {
    this.#stream = connection.stream
    this.#toPg = connection.stream.listeners('data')[0] as OnData
    this.#aside = false
    this.#stream.off('data', this.#toPg)
    this.#stream.on('data', this.#listener)
    ;(connection as Connection & { query(text: string): void }).query(this.#text)
  }

  /** Called by `pg` when the server refused or broke off and when the connection is gone. */
  handleError(error: unknown): void {
    this.#failure ??= { error }
    this.#finish()
  }

  /** Called by `pg` when the server is ready for the next query. */
  handleReadyForQuery(): void {
    this.#flush(true)
    this.#finish()
  }

  handleCommandComplete(): void {}

  #finish(): void {
    if (this.#aside) return
    this.#aside = true
    this.#stream?.off('data', this.#listener)
    this.#stream?.on('data', this.#toPg)
    void this.#writes.then(() => {
      if (this.#failure === null) this.#settle.resolve(this.#rows)
      else this.#settle.reject(this.#failure.error)
    })
  }

  #receive(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#aside) this.#left = chunk.length - at
      if (this.#left === 0) at = this.#readHeader(chunk, at)
      if (this.#message === 'xmin' && !this.#aside) at = this.#readXmin(chunk, at)
      const take = Math.min(this.#left, chunk.length - at, BUFFER_BYTES)
      if (take === 0) continue
      if (this.#message === 'row' && !this.#aside) this.#append(chunk, at, take)
      else this.#toPg(chunk.subarray(at, at + take))
      at += take
      this.#left -= take
    }
    if (this.#waiting > 1) this.#stream?.pause()
  }

  /** Reads the next message's header, or what there is of it; gives the place behind it. */
  #readHeader(chunk: Buffer, at: number): number {
    if (this.#header.length === 0 && at + HEADER_BYTES <= chunk.length) {
      this.#begin(chunk, at)
      return at + HEADER_BYTES
    }
    const end = Math.min(chunk.length, at + HEADER_BYTES - this.#header.length)
    const header = Buffer.concat([this.#header, chunk.subarray(at, end)])
    const whole = header.length === HEADER_BYTES
    this.#header = whole ? Buffer.alloc(0) : header
    if (whole) this.#begin(header, 0)
    return end
  }

  #begin(bytes: Buffer, at: number): void {
    // The length counts itself, not the type before it.
    this.#left = bytes.readInt32BE(at + 1) - 4
    if (bytes[at] === COPY_DATA) {
      this.#message = this.#versions === null ? 'row' : 'xmin'
      this.#rows++
      if (this.#used + this.#left > BUFFER_BYTES) this.#flush(true)
      if (this.#left > this.#longest) this.#longest = this.#left
    } else {
      this.#message = 'other'
      this.#toPg(bytes.subarray(at, at + HEADER_BYTES))
    }
  }

  #readXmin(chunk: Buffer, at: number): number {
    for (let next = at; next < chunk.length; ) {
      const byte = chunk[next++]!
      if (byte === BACKSLASH) this.#xmin = this.#usual
      else if (byte !== TAB && byte !== NULL_LETTER) this.#xmin = withDigit(this.#xmin, byte)
      if (byte !== TAB) continue
      this.#versions?.add(this.#xmin)
      this.#xmin = 0
      this.#message = 'row'
      this.#left -= next - at
      return next
    }
    this.#left -= chunk.length - at
    return chunk.length
  }

  #append(chunk: Buffer, from: number, length: number): void {
    if (this.#used + length > BUFFER_BYTES) this.#flush(false)
    const buffer = this.#buffer
    const used = this.#used
    if (length < SHORT) for (let at = 0; at < length; at++) buffer[used + at] = chunk[from + at]!
    else chunk.copy(buffer, used, from, from + length)
    this.#used = used + length
  }

  #flush(wholeRows: boolean): void {
    if (this.#used === 0) return
    const full = this.#buffer
    const bytes = full.subarray(0, this.#used)
    this.#buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES)
    this.#used = 0
    const longest = this.#longest
    this.#longest = 0
    this.#waiting++
    this.#writes = this.#writes.then(async () => {
      try {
        if (this.#failure === null) await this.#sink.write(bytes, wholeRows, longest)
      } catch (error) {
        this.#failure ??= { error }
      }
      this.#spare.push(full)
      this.#waiting--
      if (this.#waiting <= 1) this.#stream?.resume()
    })
  }
}

import type { Connection, Submittable } from 'pg'
import { int32 } from './big-endian.ts'

/** Where the rows of a COPY go. What it throws or rejects with ends the taking. */
export interface CopySink {
  /** The body of one CopyData message. The bytes stay until those of another buffer are given. */
  add(bytes: Buffer, from: number, to: number): void
  /**
   * Nothing that was given stays. Until the promise resolves, if there is one, nothing more should
   * come.
   */
  flush(): Promise<void> | null
}

type OnData = (chunk: Buffer) => void

const COPY_DATA = 0x64
const HEADER_BYTES = 5
const SCRATCH_BYTES = 64 * 1024

/**
 * Takes the rows of a COPY … TO STDOUT straight from the socket. `pg` and `pg-copy-streams` make an
 * object of every row, which costs more than the server needs to produce it; here a row is looked at
 * where it lies, and only one that two chunks share is copied. Every message that isn't a row goes
 * to `pg` as if we were not there.
 *
 * Message formats: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class CopyStream implements Submittable {
  /** Resolves when all was taken; rejects with what the sink or the server said, or when the connection is lost. */
  readonly done: Promise<void>
  readonly #text: string
  readonly #sink: CopySink
  readonly #refused: () => void
  #settle!: { readonly resolve: () => void; readonly reject: (error: unknown) => void }
  #failure: { readonly error: unknown } | null = null

  #stream: Connection['stream'] | null = null
  #toPg: OnData = () => {}
  #aside = true
  readonly #listener: OnData = (chunk) => this.#receive(chunk)
  #taking: Promise<void> = Promise.resolve()

  /** A message of which only the start has come: so many bytes of it, and so many are wanted. */
  #start: Buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  #has = 0
  #wants = HEADER_BYTES

  /** `refused` is called once, when the sink fails: what the server still sends is dropped. */
  constructor(text: string, sink: CopySink, refused: () => void = () => {}) {
    this.#text = text
    this.#sink = sink
    this.#refused = refused
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
    this.#settleSink()
    this.#finish()
  }

  handleCommandComplete(): void {}

  #finish(): void {
    if (this.#aside) return
    this.#aside = true
    this.#stream?.off('data', this.#listener)
    this.#stream?.on('data', this.#toPg)
    void this.#taking.then(() => {
      if (this.#failure === null) this.#settle.resolve()
      else this.#settle.reject(this.#failure.error)
    })
  }

  #receive(chunk: Buffer): void {
    let at = this.#complete(chunk)
    while (!this.#aside && at + HEADER_BYTES <= chunk.length) {
      const end = at + messageBytes(chunk, at)
      if (end > chunk.length) break
      this.#message(chunk, at, end)
      at = end
    }
    if (this.#aside) {
      if (at < chunk.length) this.#toPg(chunk.subarray(at))
      return
    }
    this.#settleSink()
    if (at < chunk.length) this.#keep(chunk, at)
  }

  /** Goes on with the message whose start came before, if there is one; gives the place behind it. */
  #complete(chunk: Buffer): number {
    return this.#has === 0 ? 0 : this.#keep(chunk, 0)
  }

  /** Keeps what there is of a message, and takes it once it is whole; gives the place behind it. */
  #keep(chunk: Buffer, from: number): number {
    let at = from
    for (;;) {
      const end = Math.min(chunk.length, at + this.#wants - this.#has)
      this.#has += chunk.copy(this.#start, this.#has, at, end)
      at = end
      if (this.#has < this.#wants) return at
      const bytes = messageBytes(this.#start, 0)
      if (this.#has === bytes) break
      this.#wants = bytes
      if (bytes <= this.#start.length) continue
      const header = this.#start
      this.#start = Buffer.allocUnsafeSlow(bytes)
      header.copy(this.#start, 0, 0, this.#has)
    }
    const message = this.#start
    const length = this.#has
    if (message.length > SCRATCH_BYTES) this.#start = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    this.#has = 0
    this.#wants = HEADER_BYTES
    this.#message(message, 0, length)
    return at
  }

  #message(bytes: Buffer, from: number, to: number): void {
    if (bytes[from] !== COPY_DATA) {
      this.#toPg(bytes.subarray(from, to))
    } else if (this.#failure === null) {
      try {
        this.#sink.add(bytes, from + HEADER_BYTES, to)
      } catch (error) {
        this.#refuse(error)
      }
    }
  }

  #settleSink(): void {
    if (this.#failure !== null) return
    try {
      const wait = this.#sink.flush()
      if (wait === null) return
      this.#stream?.pause()
      this.#taking = wait
        .catch((error: unknown) => this.#refuse(error))
        .then(() => void this.#stream?.resume())
    } catch (error) {
      this.#refuse(error)
    }
  }

  #refuse(error: unknown): void {
    if (this.#failure !== null) return
    this.#failure = { error }
    this.#refused()
  }
}

/** The length of a message counts itself, not the type before it. */
const messageBytes = (bytes: Buffer, at: number): number => int32(bytes, at + 1) + 1

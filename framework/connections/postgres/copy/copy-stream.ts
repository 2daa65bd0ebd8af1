import type { Connection, Submittable } from 'pg'
import { int32 } from './big-endian.ts'

/** Receives the rows of a COPY. After an error of the sink the remaining rows are dropped. */
export interface CopySink {
  /** Takes the body of one CopyData message. The bytes stay valid until the next buffer or `flush`. */
  add(bytes: Buffer, from: number, to: number): void
  /** The given bytes become invalid. If it returns a promise, reading pauses until that resolves. */
  flush(): Promise<void> | null
}

type OnData = (chunk: Buffer) => void

const COPY_DATA = 0x64
const HEADER_BYTES = 5
const SCRATCH_BYTES = 64 * 1024

/**
 * Reads the rows of a COPY … TO STDOUT directly from the socket. `pg` and `pg-copy-streams` create an
 * object for every row, which takes longer than the server takes to send it. Here a row is decoded in
 * place; only a row that spans two chunks is copied. Every other message is passed on to `pg`.
 *
 * Message formats: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class CopyStream implements Submittable {
  /** Resolves when all rows were taken. Rejects with an error of the sink, the server or the connection. */
  readonly done: Promise<void>
  readonly #text: string
  readonly #sink: CopySink
  readonly #cancel: () => void
  #deferred!: { readonly resolve: () => void; readonly reject: (error: unknown) => void }
  #failure: { readonly error: unknown } | null = null

  #stream: Connection['stream'] | null = null
  #toPg: OnData = () => {}
  /** Whether `pg` gets all messages: before the COPY and after it. */
  #isDetached = true
  readonly #listener: OnData = (chunk) => this.#receive(chunk)
  #flushing: Promise<void> = Promise.resolve()

  /** The received part of a message that spans chunks, and its length in bytes. */
  #partial: Buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  #partialBytes = 0
  /** Bytes needed before the message can be continued: its header, then all of it. */
  #neededBytes = HEADER_BYTES

  /** `cancel` is called once, when the sink fails. The rows that the server still sends are dropped. */
  constructor(text: string, sink: CopySink, cancel: () => void = () => {}) {
    this.#text = text
    this.#sink = sink
    this.#cancel = cancel
    this.done = new Promise((resolve, reject) => {
      this.#deferred = { resolve, reject }
    })
    // It may reject before a caller awaits it.
    this.done.catch(() => {})
  }

  submit(connection: Connection): void {
    this.#stream = connection.stream
    this.#toPg = connection.stream.listeners('data')[0] as OnData
    this.#isDetached = false
    this.#stream.off('data', this.#toPg)
    this.#stream.on('data', this.#listener)
    ;(connection as Connection & { query(text: string): void }).query(this.#text)
  }

  /** Called by `pg` if the server reports an error or the connection is lost. */
  handleError(error: unknown): void {
    this.#failure ??= { error }
    this.#finish()
  }

  /** Called by `pg` when the server is ready for the next query. */
  handleReadyForQuery(): void {
    this.#flushSink()
    this.#finish()
  }

  handleCommandComplete(): void {}

  #finish(): void {
    if (this.#isDetached) return
    this.#isDetached = true
    this.#stream?.off('data', this.#listener)
    this.#stream?.on('data', this.#toPg)
    void this.#flushing.then(() => {
      if (this.#failure === null) this.#deferred.resolve()
      else this.#deferred.reject(this.#failure.error)
    })
  }

  #receive(chunk: Buffer): void {
    let at = this.#partialBytes === 0 ? 0 : this.#addPartial(chunk, 0)
    while (!this.#isDetached && at + HEADER_BYTES <= chunk.length) {
      const end = at + messageBytes(chunk, at)
      if (end > chunk.length) break
      this.#message(chunk, at, end)
      at = end
    }
    if (this.#isDetached) {
      if (at < chunk.length) this.#toPg(chunk.subarray(at))
      return
    }
    this.#flushSink()
    if (at < chunk.length) this.#addPartial(chunk, at)
  }

  /** Adds bytes to the partial message, and handles it once it is complete. Returns the position after it. */
  #addPartial(chunk: Buffer, from: number): number {
    let at = from
    for (;;) {
      const end = Math.min(chunk.length, at + this.#neededBytes - this.#partialBytes)
      this.#partialBytes += chunk.copy(this.#partial, this.#partialBytes, at, end)
      at = end
      if (this.#partialBytes < this.#neededBytes) return at
      const bytes = messageBytes(this.#partial, 0)
      if (this.#partialBytes === bytes) break
      this.#neededBytes = bytes
      if (bytes <= this.#partial.length) continue
      const header = this.#partial
      this.#partial = Buffer.allocUnsafeSlow(bytes)
      header.copy(this.#partial, 0, 0, this.#partialBytes)
    }
    const message = this.#partial
    const length = this.#partialBytes
    if (message.length > SCRATCH_BYTES) this.#partial = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
    this.#partialBytes = 0
    this.#neededBytes = HEADER_BYTES
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
        this.#fail(error)
      }
    }
  }

  #flushSink(): void {
    if (this.#failure !== null) return
    try {
      const ready = this.#sink.flush()
      if (ready === null) return
      this.#stream?.pause()
      this.#flushing = ready
        .catch((error: unknown) => this.#fail(error))
        .then(() => void this.#stream?.resume())
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return
    this.#failure = { error }
    this.#cancel()
  }
}

/** The length field of a message counts itself, but not the type byte before it. */
const messageBytes = (bytes: Buffer, at: number): number => int32(bytes, at + 1) + 1

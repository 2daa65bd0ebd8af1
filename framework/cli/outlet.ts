import type { Stream } from '../report/console.ts'

/**
 * stdout or stderr of this process. After a failed write, because the reader went away or the disk is full, it takes
 * no more text, and the command goes on.
 */
export class Outlet implements Stream {
  readonly #stream: NodeJS.WriteStream
  #failure: string | null = null

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    // Without a listener, a failed write ends the process.
    stream.on('error', (error: NodeJS.ErrnoException) => this.#fail(error))
  }

  write(text: string): void {
    if (this.#failure !== null) return
    try {
      this.#stream.write(text)
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException)
    }
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true
  }

  get rows(): number | undefined {
    return this.#stream.rows
  }

  get columns(): number | undefined {
    return this.#stream.columns
  }

  /** Waits until all text is written. The code of the error that prevented it, such as `EPIPE`; null for none. */
  async failure(): Promise<string | null> {
    if (this.#failure !== null) return this.#failure
    const error = await new Promise<Error | null | undefined>((resolve) => {
      this.#stream.write('', resolve)
    })
    // The event with the cause comes before the answer to a later write.
    if (error) this.#fail(error)
    return this.#failure
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#failure ??= error.code ?? error.message
  }
}

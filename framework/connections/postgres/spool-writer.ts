import { type FileHandle, open } from 'node:fs/promises'
import type { Spool } from '../../ports/warehouse.ts'

/** Where a spool file ends, at the next row. */
const FILE_BYTES = 64 * 1024 * 1024

/**
 * Writes rows to files that are handed over as soon as each is complete. Buffers given to `write`
 * belong to the writer until the promise resolves. Errors are those of the file system (ENOSPC).
 */
export class SpoolWriter {
  readonly #path: (number: number) => string
  readonly #complete: (spool: Spool) => void
  #current: { readonly file: FileHandle; readonly path: string } | null = null
  #bytes = 0
  #longest = 0
  #files = 0

  constructor(path: (number: number) => string, complete: (spool: Spool) => void) {
    this.#path = path
    this.#complete = complete
  }

  /**
   * `wholeRows`: the bytes written so far end with a row, so that the file may end here. `longest`:
   * no row that starts in them has more bytes.
   */
  async write(bytes: Uint8Array, wholeRows: boolean, longest: number): Promise<void> {
    if (bytes.length === 0) return
    this.#current ??= await this.#next()
    const { file } = this.#current
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done)
      done += bytesWritten
    }
    this.#bytes += bytes.length
    this.#longest = Math.max(this.#longest, longest)
    if (wholeRows && this.#bytes >= FILE_BYTES) await this.finish()
  }

  /** Completes the last file; there is none when nothing was written. */
  async finish(): Promise<void> {
    const current = this.#current
    if (current === null) return
    this.#current = null
    const spool = { path: current.path, longest: this.#longest }
    this.#bytes = 0
    this.#longest = 0
    await current.file.close()
    this.#complete(spool)
  }

  /** Lets go of a file that will not be completed. */
  async abandon(): Promise<void> {
    await this.#current?.file.close().catch(() => {})
    this.#current = null
  }

  async #next(): Promise<{ file: FileHandle; path: string }> {
    const path = this.#path(this.#files++)
    return { path, file: await open(path, 'wx', 0o600) }
  }
}

import { type FileHandle, open } from 'node:fs/promises'
import type { Spool } from '../../../ports/warehouse.ts'
import { ColumnChunk } from './parquet/column-chunk.ts'
import { type ParquetColumn, ParquetFile } from './parquet/parquet-file.ts'

/** Where a spool file ends, at the next row group. */
const FILE_BYTES = 32 * 1024 * 1024
/** Where a row group ends: as many rows as DuckDB's own have, or what two sessions may hold. */
const GROUP_ROWS = 122_880
const GROUP_BYTES = 8 * 1024 * 1024
/** A row group that waits to be written may have another behind it. */
const MAX_QUEUED_GROUPS = 1
const MAX_REUSED_BYTES = 2 * GROUP_BYTES

interface OpenFile {
  readonly path: string
  readonly parquet: ParquetFile
  largest: number
}

/**
 * Writes rows to Parquet files that are handed over as soon as each is complete. Whoever has rows
 * appends them to the chunks, one for each column, and says so; errors are those of the file system
 * (ENOSPC), and come with `settle` and `finish`.
 */
export class SpoolWriter {
  readonly chunks: readonly ColumnChunk[]
  readonly #columns: readonly ParquetColumn[]
  readonly #path: (number: number) => string
  readonly #complete: (spool: Spool) => void
  #files = 0
  #file: OpenFile | null = null
  #handle: FileHandle | null = null
  /** Everything that was asked of the disk, in order; once it fails nothing more is done. */
  #work: Promise<void> = Promise.resolve()
  #waiting = 0
  #failed = false
  readonly #rooms: Uint8Array[] = []

  constructor(
    columns: readonly ParquetColumn[],
    path: (number: number) => string,
    complete: (spool: Spool) => void,
  ) {
    this.#columns = columns
    this.#path = path
    this.#complete = complete
    this.chunks = columns.map(() => new ColumnChunk())
  }

  /** Rows were appended to every chunk. */
  rowsAdded(): void {
    const bytes = this.chunks.reduce((sum, { used }) => sum + used, 0)
    const rows = this.chunks[0]?.rows ?? 0
    if (rows >= GROUP_ROWS || bytes >= GROUP_BYTES) this.#endGroup()
  }

  /** Resolves when more rows may come; null when they may at once. */
  ready(): Promise<void> | null {
    return this.#failed || this.#waiting > MAX_QUEUED_GROUPS ? this.#work : null
  }

  /** Completes the last file; there is none when no row came. */
  async finish(): Promise<void> {
    this.#endGroup()
    this.#endFile()
    await this.#work
  }

  /** Lets go of a file that will not be completed. */
  async abandon(): Promise<void> {
    this.#file = null
    await this.#work.catch(() => {})
    await this.#handle?.close().catch(() => {})
    this.#handle = null
  }

  #endGroup(): void {
    if ((this.chunks[0]?.rows ?? 0) === 0) return
    this.#file ??= this.#startFile()
    const file = this.#file
    const bytes = file.parquet.appendGroup(this.chunks, this.#rooms.pop())
    for (const chunk of this.chunks) chunk.clear()
    file.largest = Math.max(file.largest, bytes.length)
    this.#waiting++
    this.#later(async () => {
      await this.#write(bytes)
      this.#waiting--
      if (bytes.buffer.byteLength <= MAX_REUSED_BYTES)
        this.#rooms.push(new Uint8Array(bytes.buffer))
    })
    if (file.parquet.size >= FILE_BYTES) this.#endFile()
  }

  #startFile(): OpenFile {
    const path = this.#path(this.#files++)
    const parquet = new ParquetFile(this.#columns)
    this.#later(async () => {
      this.#handle = await open(path, 'wx', 0o600)
      await this.#write(parquet.header)
    })
    return { path, parquet, largest: 0 }
  }

  #endFile(): void {
    const file = this.#file
    if (file === null) return
    this.#file = null
    const { path, parquet, largest } = file
    this.#later(async () => {
      await this.#write(parquet.footer())
      await this.#handle?.close()
      this.#handle = null
      this.#complete({ path, largest })
    })
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle!.write(bytes, done)
      done += bytesWritten
    }
  }

  #later(step: () => Promise<void>): void {
    this.#work = this.#work.then(step)
    this.#work.catch(() => {
      this.#failed = true
    })
  }
}

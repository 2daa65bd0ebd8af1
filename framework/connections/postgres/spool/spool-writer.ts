import { type FileHandle, open } from 'node:fs/promises'
import type { Spool } from '../../../ports/warehouse.ts'
import { ColumnChunk } from './parquet/column-chunk.ts'
import { type ParquetColumn, ParquetFile } from './parquet/parquet-file.ts'

/** A spool file ends with the row group that exceeds this size. */
const FILE_BYTES = 32 * 1024 * 1024
/** A row group ends at the row count of DuckDB's own row groups, or at this size, to limit memory. */
const GROUP_ROWS = 122_880
const GROUP_BYTES = 8 * 1024 * 1024
/** Row groups that may wait for the disk before reading pauses. */
const MAX_QUEUED_GROUPS = 1
const MAX_REUSED_BYTES = 2 * GROUP_BYTES

interface OpenFile {
  readonly path: string
  readonly parquet: ParquetFile
  largest: number
}

/**
 * Writes rows to Parquet files and passes each file on as soon as it is complete. The caller appends rows
 * to `chunks`, one for each column, then calls `rowsAdded`. `ready` and `finish` reject with errors of the
 * file system, such as ENOSPC.
 */
export class SpoolWriter {
  readonly chunks: readonly ColumnChunk[]
  readonly #columns: readonly ParquetColumn[]
  readonly #path: (number: number) => string
  readonly #complete: (spool: Spool) => void
  #files = 0
  #file: OpenFile | null = null
  #handle: FileHandle | null = null
  /** All disk operations, in order. After one fails, the later ones do not run. */
  #work: Promise<void> = Promise.resolve()
  #queuedGroups = 0
  #failed = false
  /** Buffers of written row groups, for reuse. */
  readonly #buffers: Uint8Array[] = []

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

  /** To be called after rows were appended to every chunk. */
  rowsAdded(): void {
    const bytes = this.chunks.reduce((sum, { used }) => sum + used, 0)
    const rows = this.chunks[0]?.rows ?? 0
    if (rows >= GROUP_ROWS || bytes >= GROUP_BYTES) this.#endGroup()
  }

  /** Resolves when more rows may be appended; null if they may be appended now. */
  ready(): Promise<void> | null {
    return this.#failed || this.#queuedGroups > MAX_QUEUED_GROUPS ? this.#work : null
  }

  /** Completes the last file. There is none if no row was appended. */
  async finish(): Promise<void> {
    this.#endGroup()
    this.#endFile()
    await this.#work
  }

  /** Closes a file that will not be completed. */
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
    const bytes = file.parquet.appendGroup(this.chunks, this.#buffers.pop())
    for (const chunk of this.chunks) chunk.clear()
    file.largest = Math.max(file.largest, bytes.length)
    this.#queuedGroups++
    this.#enqueue(async () => {
      await this.#write(bytes)
      this.#queuedGroups--
      if (bytes.buffer.byteLength <= MAX_REUSED_BYTES)
        this.#buffers.push(new Uint8Array(bytes.buffer))
    })
    if (file.parquet.size >= FILE_BYTES) this.#endFile()
  }

  #startFile(): OpenFile {
    const path = this.#path(this.#files++)
    const parquet = new ParquetFile(this.#columns)
    this.#enqueue(async () => {
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
    this.#enqueue(async () => {
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

  #enqueue(step: () => Promise<void>): void {
    this.#work = this.#work.then(step)
    this.#work.catch(() => {
      this.#failed = true
    })
  }
}

import { ProblemError } from '../../../model/problem.ts'
import { type CopyColumn, type CopyQuery, copyStatement } from '../copy/copy-statement.ts'
import { CopyStream } from '../copy/copy-stream.ts'
import { DECODERS } from '../copy/decoders.ts'
import { RowDecoder } from '../copy/row-decoder.ts'
import { cursorPositionOf, readCursorRows } from '../probe/cursor-rows.ts'
import { readRowVersions, wasRewritten } from '../probe/row-versions.ts'
import type { Client } from '../source/client.ts'
import { withSavepoint } from '../source/snapshot.ts'
import type { Source } from '../source/source.ts'
import type { ParquetColumn } from '../spool/parquet/parquet-file.ts'
import { SpoolWriter } from '../spool/spool-writer.ts'
import type { ReadPart, StreamReading } from './stream-reading.ts'

/**
 * Reads parts of streams in one session. Consecutive page ranges of a stream share spool files, because a
 * warehouse loads few large files faster than many small ones.
 */
export class SessionReader {
  readonly client: Client
  readonly #source: Source
  /** Prefix of the spools' paths. */
  readonly #path: string
  #files = 0
  #current: { readonly reading: StreamReading; readonly writer: SpoolWriter } | null = null

  constructor(client: Client, source: Source, path: string) {
    this.client = client
    this.#source = source
    this.#path = path
  }

  /** Reads a part of a stream. Throws errors of the driver and the file system, and a `ProblemError`. */
  async read(reading: StreamReading, part: ReadPart): Promise<void> {
    await withSavepoint(this.client, async () => {
      switch (part.part) {
        case 'position':
          return this.#position(reading)
        case 'copy':
          return this.#copy(reading, part.pages)
      }
    })
  }

  async #position(reading: StreamReading): Promise<void> {
    const { table, rows, found } = reading.plan
    if (rows !== null) {
      const there = found ?? (await readCursorRows(this.client, rows, null))
      reading.cursor = await cursorPositionOf(this.client, rows, there)
      reading.apart = Number(there.apart.count)
    }
    if (table.noVersions !== null) return
    if (reading.cursor === null) {
      const versions = await readRowVersions(this.client, [table])
      reading.queriedVersions = versions[0] ?? null
    } else {
      reading.queriedVersions = reading.cursor.at
    }
  }

  /** Completes the spool of the current stream, unless `reading` continues it. null: no stream follows. */
  async switchTo(
    reading: StreamReading | null,
    failed: (reading: StreamReading, error: unknown) => void,
  ): Promise<void> {
    const current = this.#current
    if (current === null || current.reading === reading) return
    this.#current = null
    try {
      if (current.reading.failure === null) await current.writer.finish()
      else await current.writer.abandon()
    } catch (error) {
      failed(current.reading, error)
    } finally {
      current.reading.endPart()
    }
  }

  async #copy(reading: StreamReading, pages: CopyQuery['pages']): Promise<void> {
    const { query, table, stream } = reading.plan
    const writer = this.#writerFor(reading)
    const rows = new RowDecoder(query.columns, writer, reading.versionSum)
    // Without a cancel the server would keep sending rows after the sink has failed.
    const cancel = () => void this.#source.cancel(this.client)
    const copy = new CopyStream(
      copyStatement({ ...query, pages }, reading.versionSum !== null),
      rows,
      cancel,
    )
    await reading.count(rows, () => {
      this.client.query(copy)
      return copy.done
    })
    if (!(await wasRewritten(this.client, table))) return
    throw new ProblemError({
      code: 'source-changed',
      message: `${stream.asset}: ${stream.stream} was truncated or rewritten in the source while it was read`,
      asset: stream.asset,
      transient: true,
    })
  }

  #writerFor(reading: StreamReading): SpoolWriter {
    if (this.#current !== null) return this.#current.writer
    reading.startPart()
    const writer = new SpoolWriter(
      spoolColumns(reading.plan.query.columns),
      () => `${this.#path}-${this.#files++}.parquet`,
      (spool) => reading.push(spool),
    )
    this.#current = { reading, writer }
    return writer
  }
}

/** The stream's columns, and last `changes`: the values that were replaced by null. */
function spoolColumns(columns: readonly CopyColumn[]): readonly ParquetColumn[] {
  const own = columns.map(({ name, wire }) => ({ name, type: DECODERS[wire].type }))
  return [...own, { name: 'changes', type: 'text' }]
}

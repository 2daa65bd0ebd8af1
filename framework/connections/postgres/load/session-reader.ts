import { ProblemError } from '../../../model/problem.ts'
import { type CopyRead, copyText, type ReadColumn } from '../copy/copy-statement.ts'
import { CopyOut } from '../copy/copy-stream.ts'
import { DECODERS } from '../copy/decoders.ts'
import { BinaryRows } from '../copy/row-decoder.ts'
import { readLastCursor, readRowVersions, wasRewritten } from '../probe/row-versions.ts'
import type { Client } from '../source/client.ts'
import { guarded } from '../source/snapshot.ts'
import type { Source } from '../source/source.ts'
import type { ParquetColumn } from '../spool/parquet/parquet-file.ts'
import { SpoolWriter } from '../spool/spool-writer.ts'
import type { Part, Reading } from './stream-reading.ts'

/**
 * What one session does of the streams. Page ranges of one stream that it reads one after the other
 * go into the same spool files: a warehouse takes few large files better than many small ones.
 */
export class SessionReader {
  readonly client: Client
  readonly #source: Source
  /** Start of the spools' paths. */
  readonly #path: string
  #files = 0
  #at: { readonly reading: Reading; readonly writer: SpoolWriter } | null = null

  constructor(client: Client, source: Source, path: string) {
    this.client = client
    this.#source = source
    this.#path = path
  }

  /** Throws what the driver, the file system or a check of the table throws. */
  async read(reading: Reading, part: Part): Promise<void> {
    await guarded(this.client, async () => {
      switch (part.part) {
        case 'position':
          return this.#position(reading, part.cursor)
        case 'copy':
          return this.#copy(reading, part.pages)
      }
    })
  }

  async #position(reading: Reading, column: string | null): Promise<void> {
    const { read, table } = reading.plan
    if (column !== null) {
      const last = await readLastCursor(this.client, read.from, column)
      const value = last ?? read.since?.value ?? null
      reading.cursor = value === null ? null : { column, value }
    }
    if (!table.versioned) return
    const versions = await readRowVersions(this.client, [{ table, cursor: reading.cursor }])
    reading.counted = versions[0] ?? null
  }

  /** Hands over what is left of the stream it was at, unless that is the one it goes on with. */
  async moveTo(
    reading: Reading | null,
    failed: (reading: Reading, error: unknown) => void,
  ): Promise<void> {
    const at = this.#at
    if (at === null || at.reading === reading) return
    this.#at = null
    try {
      if (at.reading.failure === null) await at.writer.finish()
      else await at.writer.abandon()
    } catch (error) {
      failed(at.reading, error)
    } finally {
      at.reading.leave()
    }
  }

  async #copy(reading: Reading, pages: CopyRead['pages']): Promise<void> {
    const { read, table, stream } = reading.plan
    const writer = this.#writerFor(reading)
    const rows = new BinaryRows(read.columns, writer, reading.passing)
    // Without a cancel the server would go on sending what nobody can keep.
    const refused = () => void this.#source.cancel(this.client)
    const copy = new CopyOut(copyText({ ...read, pages }, reading.passing !== null), rows, refused)
    this.client.query(copy)
    await copy.done
    reading.rows += rows.rows
    if (!(await wasRewritten(this.client, table))) return
    throw new ProblemError({
      code: 'source-changed',
      message: `${stream.asset}: ${stream.stream} was truncated or rewritten in the source while it was read`,
      asset: stream.asset,
      transient: true,
    })
  }

  #writerFor(reading: Reading): SpoolWriter {
    if (this.#at !== null) return this.#at.writer
    reading.enter()
    const writer = new SpoolWriter(
      spoolColumns(reading.plan.read.columns),
      () => `${this.#path}-${this.#files++}.parquet`,
      (spool) => reading.hand(spool),
    )
    this.#at = { reading, writer }
    return writer
  }
}

/** The stream's columns, and last the one that lists what had to become null. */
function spoolColumns(columns: readonly ReadColumn[]): readonly ParquetColumn[] {
  const own = columns.map(({ name, wire }) => ({ name, type: DECODERS[wire].type }))
  return [...own, { name: 'changes', type: 'text' }]
}

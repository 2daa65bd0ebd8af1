import { rm } from 'node:fs/promises'
import { type Problem, ProblemError } from '../../../model/problem.ts'
import type { Spool } from '../../../ports/warehouse.ts'
import type { CopyQuery } from '../copy/copy-statement.ts'
import type { Position, RowsPosition } from '../probe/position.ts'
import { RowVersionSum } from '../probe/row-version-sum.ts'
import { pageRanges } from './page-ranges.ts'
import type { StreamPlan } from './stream-plan.ts'

/** A part of reading a stream, done by one session. */
export type ReadPart =
  | { readonly part: 'copy'; readonly pages: CopyQuery['pages'] }
  /** Queries how the rows are spread over the cursor, or without one the row versions. */
  | { readonly part: 'position' }

/**
 * A stream that is being read. The sessions that read it `push` completed spools. The loader takes them
 * from `spools` while later ones are still written.
 */
export class StreamReading {
  readonly plan: StreamPlan
  readonly parts: readonly ReadPart[]
  /** Sums the row versions of all rows read; null if the versions are queried instead. */
  readonly versionSum: RowVersionSum | null
  /** Row versions from a query of the source. */
  queriedVersions: RowsPosition | null = null
  /** Where the next load continues. */
  cursor: Position['cursor'] = null
  /** The number of rows without a cursor that others follow. */
  apart = 0
  /** Rows of the parts that are done. */
  rows = 0
  /** The parts that are being read, which count their rows. */
  readonly #counting = new Set<{ readonly rows: number }>()
  #open: number
  #failure: Problem | null = null
  readonly #ready: Spool[] = []
  #wake: () => void = () => {}

  constructor(plan: StreamPlan) {
    const { query, table, rows } = plan
    const passesWhole = rows === null && query.newestByKey === null
    this.plan = plan
    const hasVersions = table.noVersions === null
    this.versionSum = hasVersions && passesWhole ? new RowVersionSum() : null
    const position = rows !== null || (hasVersions && !passesWhole)
    this.parts = [
      ...(position ? [{ part: 'position' } as const] : []),
      ...pageRanges(plan).map((pages): ReadPart => ({ part: 'copy', pages })),
    ]
    this.#open = this.parts.length
  }

  get failure(): Problem | null {
    return this.#failure
  }

  get versions(): RowsPosition | null {
    return this.versionSum?.position ?? this.queriedVersions
  }

  /** All rows that were read up to now. */
  get rowsRead(): number {
    let rows = this.rows
    for (const part of this.#counting) rows += part.rows
    return rows
  }

  /** Whether every part has ended. */
  get isRead(): boolean {
    return this.#open === 0
  }

  /** Counts the rows of a part while `read` reads it. */
  async count(part: { readonly rows: number }, read: () => Promise<void>): Promise<void> {
    this.#counting.add(part)
    try {
      await read()
      this.rows += part.rows
    } finally {
      this.#counting.delete(part)
    }
  }

  /** Adds a part, so that the stream stays open until a session has completed its spool. */
  startPart(): void {
    this.#open++
  }

  /** Ends a part. The stream is complete when all its parts have ended. */
  endPart(): void {
    this.#open--
    this.#wake()
  }

  push(spool: Spool): void {
    this.#ready.push(spool)
    this.#wake()
  }

  /** Fails the stream. The first problem counts. */
  fail(problem: Problem): void {
    this.#failure ??= problem
    this.#wake()
  }

  /**
   * Yields spools as they are completed, and deletes each when the next one is requested. Throws a
   * `ProblemError` if reading failed, so that the load is rolled back.
   */
  async *spools(): AsyncGenerator<Spool> {
    for (;;) {
      if (this.#failure !== null) throw new ProblemError(this.#failure)
      const spool = this.#ready.shift()
      if (spool !== undefined) {
        yield spool
        await rm(spool.path, { force: true })
      } else if (this.#open === 0) {
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }
}

import { rm } from 'node:fs/promises'
import { type Problem, ProblemError } from '../../../model/problem.ts'
import type { Spool } from '../../../ports/warehouse.ts'
import type { CopyRead } from '../copy/copy-statement.ts'
import type { Position, RowsPosition } from '../probe/position.ts'
import { RowVersions } from '../probe/row-version-sum.ts'
import { pageRanges } from './page-ranges.ts'
import type { StreamPlan } from './stream-plan.ts'

/** A piece of work on a stream that one session does. */
export type Part =
  | { readonly part: 'copy'; readonly pages: CopyRead['pages'] }
  /** The last cursor value, if there is a cursor, and the row versions from there on. */
  | { readonly part: 'position'; readonly cursor: string | null }

/**
 * One stream on its way from the source to the warehouse: the sessions that read it hand spools
 * over, and the loading side takes them through `spools` while later ones are still being written.
 */
export class Reading {
  readonly plan: StreamPlan
  readonly parts: readonly Part[]
  /** Filled while every row passes by; null where the position is asked for by itself. */
  readonly passing: RowVersions | null
  /** Row versions as the source counted them. */
  counted: RowsPosition | null = null
  /** Where the next load goes on. */
  cursor: Position['cursor'] = null
  rows = 0
  #open: number
  #failure: Problem | null = null
  readonly #ready: Spool[] = []
  #wake: () => void = () => {}

  constructor(plan: StreamPlan) {
    const { read, table, stream } = plan
    const cursor = stream.sync === 'full_refresh' ? null : stream.cursor
    const passesWhole = cursor === null && read.newest === null
    this.plan = plan
    this.passing = table.versioned && passesWhole ? new RowVersions() : null
    const position = cursor !== null || (table.versioned && !passesWhole)
    this.parts = [
      ...(position ? [{ part: 'position', cursor } as const] : []),
      ...pageRanges(plan).map((pages): Part => ({ part: 'copy', pages })),
    ]
    this.#open = this.parts.length
  }

  get failure(): Problem | null {
    return this.#failure
  }

  get versions(): RowsPosition | null {
    return this.passing?.position ?? this.counted
  }

  /** Keeps the stream open beyond its parts, for what a session still has to hand over. */
  enter(): void {
    this.#open++
  }

  /** A part has ended, or a session is done with the stream. */
  leave(): void {
    this.#open--
    this.#wake()
  }

  hand(spool: Spool): void {
    this.#ready.push(spool)
    this.#wake()
  }

  /** Ends the stream; the first failure counts. */
  fail(problem: Problem): void {
    this.#failure ??= problem
    this.#wake()
  }

  /**
   * The spools as they are completed, each removed when the next is asked for. Throws a
   * `ProblemError` when reading failed, so that what was loaded of it is given up.
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

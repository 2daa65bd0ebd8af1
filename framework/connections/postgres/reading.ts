import { rm } from 'node:fs/promises'
import { type Problem, ProblemError } from '../../model/problem.ts'
import type { CopyRead } from './copy-text.ts'
import { pageRanges } from './page-ranges.ts'
import type { RowsPosition } from './position.ts'
import type { StreamPlan } from './stream-plan.ts'
import { RowVersions } from './xid-hash.ts'

/** A piece of work on a stream that one session does. */
export type Part =
  | { readonly part: 'copy'; readonly pages: CopyRead['pages'] }
  /** Row versions of a table that the COPY doesn't read whole. */
  | { readonly part: 'count' }
  | { readonly part: 'cursor'; readonly column: string }

/**
 * One stream on its way from the source to the warehouse: the sessions that read it hand spools
 * over, and the loading side takes them through `spools` while later ones are still being written.
 */
export class Reading {
  readonly plan: StreamPlan
  readonly parts: readonly Part[]
  /** Filled while every row passes by; null when the COPY doesn't read the whole table. */
  readonly passing: RowVersions | null
  /** Row versions as the source counted them; null when they pass by or there are none. */
  counted: RowsPosition | null = null
  /** Value that the next load goes on from. */
  cursor: string | null = null
  rows = 0
  #open: number
  #failure: Problem | null = null
  readonly #ready: string[] = []
  #wake: () => void = () => {}

  constructor(plan: StreamPlan) {
    const { read, table, stream } = plan
    const whole = read.since === null && read.newest === null
    this.plan = plan
    this.passing = table.versioned && whole ? new RowVersions() : null
    this.parts = [
      ...(table.versioned && !whole ? [{ part: 'count' } as const] : []),
      ...(stream.cursor !== null && stream.sync !== 'full_refresh'
        ? [{ part: 'cursor', column: stream.cursor } as const]
        : []),
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

  hand(spool: string): void {
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
  async *spools(): AsyncGenerator<string> {
    for (;;) {
      if (this.#failure !== null) throw new ProblemError(this.#failure)
      const spool = this.#ready.shift()
      if (spool !== undefined) {
        yield spool
        await rm(spool, { force: true })
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

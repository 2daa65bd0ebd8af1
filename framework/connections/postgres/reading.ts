import { rm } from 'node:fs/promises'
import { type Problem, ProblemError } from '../../model/problem.ts'
import type { RowsPosition } from './position.ts'
import type { StreamPlan } from './stream-plan.ts'

/**
 * One stream on its way from the source to the warehouse: the reading side hands spools over, the
 * loading side takes them through `spools`, while later ones are still being written.
 */
export class Reading {
  readonly plan: StreamPlan
  /** Row versions in the snapshot; null until known, and for what has none. */
  versions: RowsPosition | null = null
  /** Value that the next load goes on from. */
  cursor: string | null = null
  rows = 0
  readonly #ready: string[] = []
  #parts: number
  #failure: Problem | null = null
  #wake: () => void = () => {}

  /** `parts`: how many reads make up the stream; it is complete when all have ended. */
  constructor(plan: StreamPlan, parts: number) {
    this.plan = plan
    this.#parts = parts
  }

  get failure(): Problem | null {
    return this.#failure
  }

  hand(spool: string): void {
    this.#ready.push(spool)
    this.#wake()
  }

  endPart(): void {
    this.#parts -= 1
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
      } else if (this.#parts === 0) {
        break
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
    const incomplete = this.#incomplete()
    if (incomplete !== null) throw new ProblemError(incomplete)
  }

  /**
   * A table that is truncated or rewritten meanwhile looks empty to an older snapshot
   * (https://www.postgresql.org/docs/current/mvcc-caveats.html).
   */
  #incomplete(): Problem | null {
    const { read, stream } = this.plan
    const whole = read.since === null && read.newest === null
    if (!whole || this.versions === null || this.versions.count === String(this.rows)) return null
    return {
      code: 'source-changed',
      message: `${stream.asset}: ${stream.stream} was rewritten in the source while it was read`,
      detail: `${this.rows} of ${this.versions.count} rows came`,
      asset: stream.asset,
      transient: true,
    }
  }
}

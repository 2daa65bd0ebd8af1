import type { OnWait } from '../../ports/batch.ts'

/** What dbt's process does for all who wait for it, which may be several calls. */
export class Doing {
  #now: string | null = null
  readonly #waiting = new Set<OnWait>()

  /** It does this from now on: `dbt: reading the project`. */
  set(now: string | null): void {
    this.#now = now
    for (const onWait of this.#waiting) onWait(now)
  }

  /** Does something while it is told what dbt does. */
  async tell<T>(onWait: OnWait, wait: () => Promise<T>): Promise<T> {
    if (this.#now !== null) onWait(this.#now)
    this.#waiting.add(onWait)
    try {
      return await wait()
    } finally {
      this.#waiting.delete(onWait)
    }
  }
}

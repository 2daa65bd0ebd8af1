import type { KindName } from '../model/asset.ts'
import type { Kind } from '../ports/kind.ts'
import type { Pools } from './pools.ts'

/** What a job uses while it runs. */
export type Uses = Pick<Kind, 'name' | 'uses'> | 'warehouse' | 'nothing'

/**
 * The jobs of a run that are in progress. `warehouseIsExclusive`: only one job at a time may use the
 * warehouse. `onEnd` is called when a job releases what it uses, and after each job.
 */
export class RunningJobs {
  readonly pools: Pools
  readonly #onEnd: () => void
  readonly #warehouseIsExclusive: boolean
  readonly #byKind = new Map<KindName, number>()
  #running = 0
  #warehouse = 0
  /** The first error that a job threw: a bug, thrown again once all jobs have ended. */
  broken: unknown

  constructor(warehouseIsExclusive: boolean, pools: Pools, onEnd: () => void) {
    this.#warehouseIsExclusive = warehouseIsExclusive
    this.pools = pools
    this.#onEnd = onEnd
  }

  get running(): number {
    return this.#running
  }

  ofKind(kind: KindName): number {
    return this.#byKind.get(kind) ?? 0
  }

  /** Whether a job that uses this would have to wait. */
  isTaken(uses: Uses): boolean {
    const needs = uses === 'warehouse' || (typeof uses === 'object' && uses.uses === 'warehouse')
    return needs && this.#warehouseIsExclusive && this.#warehouse > 0
  }

  /**
   * `slots`: the name of a pool for each slot that the job takes. `work` may release everything
   * before it ends.
   */
  start(uses: Uses, slots: readonly string[], work: (release: () => void) => Promise<void>): void {
    this.#running += 1
    this.#count(uses, 1)
    this.pools.take(slots)
    let isHeld = true
    const release = () => {
      if (!isHeld) return
      isHeld = false
      this.#count(uses, -1)
      this.pools.give(slots)
      this.#onEnd()
    }
    void work(release)
      .catch((error: unknown) => {
        this.broken ??= error
      })
      .finally(() => {
        this.#running -= 1
        release()
        this.#onEnd()
      })
  }

  #count(uses: Uses, by: 1 | -1): void {
    if (uses === 'nothing') return
    if (uses === 'warehouse' || uses.uses === 'warehouse') this.#warehouse += by
    if (uses !== 'warehouse') this.#byKind.set(uses.name, this.ofKind(uses.name) + by)
  }
}

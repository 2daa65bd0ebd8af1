import type { KindName } from '../model/asset.ts'
import type { Kind } from '../ports/kind.ts'
import type { Pools } from './pools.ts'

/** What a job keeps busy while it lasts. */
export type Holds = Pick<Kind, 'name' | 'uses'> | 'warehouse' | 'nothing'

/**
 * Work in flight. `warehouseIsExclusive`: one job at a time may have the warehouse. `onEnd` is called
 * when a job let go of what it held, and after each, whatever became of it.
 */
export class RunningJobs {
  readonly pools: Pools
  readonly #onEnd: () => void
  readonly #warehouseIsExclusive: boolean
  readonly #byKind = new Map<KindName, number>()
  #running = 0
  #warehouse = 0
  /** What a job threw first: a bug, to be thrown on once all have ended. */
  broken: unknown

  constructor(warehouseIsExclusive: boolean, pools: Pools, onEnd: () => void) {
    this.#warehouseIsExclusive = warehouseIsExclusive
    this.pools = pools
    this.#onEnd = onEnd
  }

  get running(): number {
    return this.#running
  }

  of(kind: KindName): number {
    return this.#byKind.get(kind) ?? 0
  }

  /** Whether a job that holds this would have to wait for one that holds it too. */
  isTaken(holds: Holds): boolean {
    const wants = holds === 'warehouse' || (typeof holds === 'object' && holds.uses === 'warehouse')
    return wants && this.#warehouseIsExclusive && this.#warehouse > 0
  }

  /**
   * `places`: names of pools, one for each place that it takes. `work` may let go of all that it holds
   * before it ends.
   */
  start(holds: Holds, places: readonly string[], work: (letGo: () => void) => Promise<void>): void {
    this.#running += 1
    this.#count(holds, 1)
    this.pools.take(places)
    let isHeld = true
    const letGo = () => {
      if (!isHeld) return
      isHeld = false
      this.#count(holds, -1)
      this.pools.give(places)
      this.#onEnd()
    }
    void work(letGo)
      .catch((error: unknown) => {
        this.broken ??= error
      })
      .finally(() => {
        this.#running -= 1
        letGo()
        this.#onEnd()
      })
  }

  #count(holds: Holds, by: 1 | -1): void {
    if (holds === 'nothing') return
    if (holds === 'warehouse' || holds.uses === 'warehouse') this.#warehouse += by
    if (holds !== 'warehouse') this.#byKind.set(holds.name, this.of(holds.name) + by)
  }
}

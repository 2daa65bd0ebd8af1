import { Heap } from '../lib/heap.ts'
import type { KindName } from '../model/asset.ts'
import type { Kind } from '../ports/kind.ts'
import { isAdopted } from '../staleness/full-refresh.ts'
import { awaitsOther, joinBatch, joinWithin, mayStart, remainingPaths } from './batches.ts'
import { type Pools, poolOf } from './pools.ts'
import type { RunState } from './run-state.ts'
import type { RunningJobs } from './running-jobs.ts'

/** What can be handed to a kind now. */
export interface Ready {
  readonly kind: Kind
  /** Drifted assets to adopt. */
  readonly adopted: readonly number[]
  /** The steps of one call, in topological order; may be empty. */
  readonly batch: readonly number[]
}

/**
 * The candidates of each kind. A kind whose calls take everything that is ready has a set; a kind
 * whose calls take one step has a heap for each pool.
 */
export class Queue {
  readonly #runState: RunState
  readonly #kinds: ReadonlyMap<KindName, Kind>
  readonly #durations: ReadonlyMap<string, number>
  readonly #together = new Map<KindName, Set<number>>()
  readonly #apart = new Map<KindName, Map<string | null, Heap<number>>>()
  readonly #queued = new Set<number>()
  #position: Int32Array
  #remaining: Float64Array
  /** Computed on first use. */
  #depth: Int32Array | null = null

  constructor(
    runState: RunState,
    kinds: ReadonlyMap<KindName, Kind>,
    durations: ReadonlyMap<string, number>,
  ) {
    this.#runState = runState
    this.#kinds = kinds
    this.#durations = durations
    this.#position = positions(runState)
    this.#remaining = remainingPaths(runState, durations)
  }

  /** The run state was extended: every candidate must be offered again. */
  extend(): void {
    this.#together.clear()
    this.#apart.clear()
    this.#queued.clear()
    this.#depth = null
    this.#position = positions(this.#runState)
    this.#remaining = remainingPaths(this.#runState, this.#durations)
  }

  /** Adds a candidate. Call it again when something above the candidate ended. */
  offer(i: number): void {
    const name = this.#runState.world.kind(i)
    if (this.#kinds.get(name)?.batches === 'apart') {
      if (this.#queued.has(i) || !mayStart(this.#runState, i, NONE)) return
      this.#queued.add(i)
      this.#heapFor(name, poolOf(this.#runState, i)).push(i, this.#remaining[i]!)
    } else {
      const set = this.#together.get(name) ?? new Set<number>()
      this.#together.set(name, set)
      set.add(i)
    }
  }

  withdraw(i: number): void {
    this.#together.get(this.#runState.world.kind(i))?.delete(i)
  }

  /** What can start while these jobs run. Start each item before taking the next. */
  *ready(jobs: RunningJobs, threads: number): Generator<Ready> {
    for (const [name, candidates] of this.#together) {
      const kind = this.#kinds.get(name)!
      if (candidates.size === 0 || jobs.ofKind(name) > 0 || jobs.isTaken(kind)) continue
      const ready = this.#takeTogether(kind, candidates, jobs.pools)
      if (ready !== null) yield ready
    }
    for (const [name, heaps] of this.#apart) {
      const kind = this.#kinds.get(name)!
      while (jobs.ofKind(name) < threads && !jobs.isTaken(kind)) {
        const i = mostUrgent(heaps, jobs.pools)?.pop()
        if (i === undefined) break
        this.#queued.delete(i)
        if (this.#runState.phase[i] !== 'candidate') continue
        yield this.#isAdopted(i)
          ? { kind, adopted: [i], batch: [] }
          : { kind, adopted: [], batch: [i] }
      }
    }
  }

  #heapFor(name: KindName, pool: string | null): Heap<number> {
    const heaps = this.#apart.get(name) ?? new Map<string | null, Heap<number>>()
    this.#apart.set(name, heaps)
    const heap = heaps.get(pool) ?? new Heap<number>()
    heaps.set(pool, heap)
    return heap
  }

  #takeTogether(kind: Kind, candidates: Set<number>, pools: Pools): Ready | null {
    const runState = this.#runState
    const inOrder = [...candidates].sort((a, b) => this.#position[a]! - this.#position[b]!)
    // An adoption waits for the inputs: if one of them changed, the asset is built after all.
    const drifted = inOrder.filter((i) => this.#isAdopted(i))
    const adopted = drifted.filter((i) => mayStart(runState, i, NONE))
    const built = drifted.length === 0 ? inOrder : inOrder.filter((i) => !this.#isAdopted(i))
    const batch = this.#nextCall(built, pools)
    // Steps that read what another kind is building would need a second call soon after this one.
    const isEarly = batch.length < built.length && awaitsOther(runState, built, kind.name)
    const taken = isEarly ? adopted : [...adopted, ...batch]
    if (taken.length === 0) return null
    for (const i of taken) candidates.delete(i)
    return { kind, adopted, batch: isEarly ? [] : batch }
  }

  /** dbt skips everything below a failed test of the same invocation, so waived checks run in a later one. */
  #nextCall(inOrder: readonly number[], pools: Pools): readonly number[] {
    const { world } = this.#runState
    const isWaived = (i: number) => world.graph.isCheck(i) && world.check(i).waivedBy !== undefined
    const others = inOrder.filter((i) => !isWaived(i))
    const batch = joinWithin(this.#runState, others, pools, this.#remaining)
    if (batch.length > 0 || others.length === inOrder.length) return batch
    const ready = joinBatch(this.#runState, inOrder.filter(isWaived))
    const depths = new Map(ready.map((i) => [i, Math.max(...this.#depthsOfInputs(i))]))
    // Two checks of the same depth can share a call: neither is below everything that the other reads.
    const first = Math.min(...depths.values())
    return ready.filter((i) => depths.get(i) === first)
  }

  #depthsOfInputs(check: number): readonly number[] {
    this.#depth ??= depths(this.#runState)
    return Array.from(this.#runState.world.graph.inputs(check), (input) => this.#depth![input]!)
  }

  #isAdopted(i: number): boolean {
    const { world, verdict } = this.#runState
    const decided = verdict[i]!
    if (world.graph.isCheck(i) || decided.state !== 'stale') return false
    return isAdopted(world.asset(i), world.definition(i), decided.reasons)
  }
}

const NONE: ReadonlySet<number> = new Set()

/** Of the heaps whose pool has a free slot, the one with the most urgent first item. */
function mostUrgent(
  heaps: ReadonlyMap<string | null, Heap<number>>,
  pools: Pools,
): Heap<number> | null {
  let best: Heap<number> | null = null
  for (const [pool, heap] of heaps) {
    const isFirst = heap.size > 0 && (best === null || heap.highest! > best.highest!)
    if (isFirst && pools.free(pool) > 0) best = heap
  }
  return best
}

/** The number of assets on the longest path to each node. */
function depths({ world }: RunState): Int32Array {
  const depth = new Int32Array(world.graph.size)
  for (const i of world.graph.order) {
    for (const input of world.graph.inputs(i)) depth[i] = Math.max(depth[i]!, depth[input]! + 1)
  }
  return depth
}

function positions({ world }: RunState): Int32Array {
  const { order, size } = world.graph
  const position = new Int32Array(size)
  for (let at = 0; at < size; at++) position[order[at]!] = at
  return position
}

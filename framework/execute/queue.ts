import { Heap } from '../lib/heap.ts'
import type { KindName } from '../model/asset.ts'
import type { Kind } from '../ports/kind.ts'
import { factsOf, kindOf } from '../staleness/fold.ts'
import { isAdopted } from '../staleness/full-refresh.ts'
import { awaitsOther, joinBatch, joinWithin, mayStart, remainingPaths } from './batches.ts'
import { type Pools, poolOf } from './pools.ts'
import type { RunState } from './run-state.ts'
import type { RunningJobs } from './running-jobs.ts'

/** What may be handed to a kind now. */
export interface Ready {
  readonly kind: Kind
  /** Drifted, and taken as they are. */
  readonly adopted: readonly number[]
  /** One call, in topological order; may be empty. */
  readonly batch: readonly number[]
}

/**
 * Candidates by kind: as sets where a call takes all that is ready, as heaps where it takes one, a heap
 * for each pool.
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
  /** Made when somebody asks. */
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

  /** Takes account of a world in which more is defined. */
  extend(): void {
    this.#depth = null
    this.#position = positions(this.#runState)
    this.#remaining = remainingPaths(this.#runState, this.#durations)
  }

  /** Puts a candidate where its kind looks for work. To be repeated when something above it ended. */
  offer(index: number): void {
    const name = kindOf(this.#runState.world, index)
    if (this.#kinds.get(name)?.batches === 'apart') {
      if (this.#queued.has(index) || !mayStart(this.#runState, index, NONE)) return
      this.#queued.add(index)
      this.#heapFor(name, poolOf(this.#runState, index)).push(index, this.#remaining[index]!)
    } else {
      const set = this.#together.get(name) ?? new Set<number>()
      this.#together.set(name, set)
      set.add(index)
    }
  }

  withdraw(index: number): void {
    this.#together.get(kindOf(this.#runState.world, index))?.delete(index)
  }

  /** Everything that may start beside the jobs that are on; each is to be started before the next. */
  *ready(jobs: RunningJobs, threads: number): Generator<Ready> {
    for (const [name, candidates] of this.#together) {
      const kind = this.#kinds.get(name)!
      if (candidates.size === 0 || jobs.of(name) > 0 || jobs.isTaken(kind)) continue
      const ready = this.#takeTogether(kind, candidates, jobs.pools)
      if (ready !== null) yield ready
    }
    for (const [name, heaps] of this.#apart) {
      const kind = this.#kinds.get(name)!
      while (jobs.of(name) < threads && !jobs.isTaken(kind)) {
        const index = withPlace(heaps, jobs.pools)?.pop()
        if (index === undefined) break
        this.#queued.delete(index)
        if (this.#runState.phase[index] !== 'candidate') continue
        yield this.#isAdopted(index)
          ? { kind, adopted: [index], batch: [] }
          : { kind, adopted: [], batch: [index] }
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
    // What is adopted waits for its inputs: one that changed asks for a build after all.
    const drifted = inOrder.filter((index) => this.#isAdopted(index))
    const adopted = drifted.filter((index) => mayStart(runState, index, NONE))
    const built = drifted.length === 0 ? inOrder : inOrder.filter((one) => !this.#isAdopted(one))
    const batch = this.#callFor(built, pools)
    // Steps that wait for another kind's running batch would need a call of their own right after.
    const isEarly = batch.length < built.length && awaitsOther(runState, built, kind.name)
    const taken = isEarly ? adopted : [...adopted, ...batch]
    if (taken.length === 0) return null
    for (const index of taken) candidates.delete(index)
    return { kind, adopted, batch: isEarly ? [] : batch }
  }

  /**
   * A check that holds nothing back has a call of its own after all others: in one call with what is
   * below, dbt would have it hold that back, be it a model or a check of one.
   */
  #callFor(inOrder: readonly number[], pools: Pools): readonly number[] {
    const { graph, checks } = this.#runState.world
    const isWaived = (index: number) =>
      graph.isCheck(index) && checks.get(this.#runState.name(index))?.waivedBy !== undefined
    const others = inOrder.filter((index) => !isWaived(index))
    const batch = joinWithin(this.#runState, others, pools, this.#remaining)
    if (batch.length > 0 || others.length === inOrder.length) return batch
    const ready = joinBatch(this.#runState, inOrder.filter(isWaived))
    const depths = new Map(ready.map((index) => [index, Math.max(...this.#depthsOfInputs(index))]))
    // Of two checks of one depth neither is below all that the other reads.
    const first = Math.min(...depths.values())
    return ready.filter((index) => depths.get(index) === first)
  }

  #depthsOfInputs(check: number): readonly number[] {
    this.#depth ??= depths(this.#runState)
    return Array.from(this.#runState.world.graph.inputs(check), (input) => this.#depth![input]!)
  }

  #isAdopted(index: number): boolean {
    const { world, verdict } = this.#runState
    const judged = verdict[index]!
    if (world.graph.isCheck(index) || judged.state !== 'stale') return false
    const { asset, definition } = factsOf(world, this.#runState.name(index))
    return isAdopted(asset, definition, judged.reasons)
  }
}

const NONE: ReadonlySet<number> = new Set()

/** Of the heaps with a place in their pool, the one whose first item is the most urgent of all. */
function withPlace(
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

/** How many assets the longest way down to each node goes through. */
function depths(runState: RunState): Int32Array {
  const { graph } = runState.world
  const depth = new Int32Array(graph.size)
  for (const index of graph.order) {
    for (const input of graph.inputs(index)) {
      depth[index] = Math.max(depth[index]!, depth[input]! + 1)
    }
  }
  return depth
}

function positions(runState: RunState): Int32Array {
  const { order, size } = runState.world.graph
  const position = new Int32Array(size)
  for (let at = 0; at < size; at++) position[order[at]!] = at
  return position
}

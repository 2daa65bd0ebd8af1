import type { Observation } from '../model/observation.ts'
import type { Materialization } from '../model/record.ts'
import type { Outcome } from '../model/step.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Settled } from '../model/version.ts'
import type { Planned } from '../plan/plan.ts'
import type { Decisions } from '../staleness/decide-all.ts'
import type { AssetFacts, Request, World } from '../staleness/world.ts'

/**
 * The phase of a node in a run.
 *
 *   waiting ──► candidate ──► running ──► final
 *      │            │                       ▲
 *      └────────────┴───────────────────────┘   released, blocked, cancelled
 *
 * `waiting`: its verdict depends on something unsettled. `candidate`: it is certainly stale and not
 * started. A node outside the run is final from the start, unless a reader in the run needs its
 * version and that depends on what the run builds.
 */
export type Phase = 'waiting' | 'candidate' | 'running' | 'final'

/** What a run knows of every node, by index. The loop and its recorder are the only writers. */
export class RunState {
  world: World
  request: Request
  readonly phase: Phase[] = []
  readonly verdict: Verdict[] = []
  readonly settled: Settled[] = []
  /** How a node ended; null for one that was fresh from the start or is outside the run. */
  readonly outcome: (Outcome | null)[] = []
  /** The node that blocks the readers of this one: itself, what blocked it, or a failed gate. */
  readonly blocker: (string | null)[] = []
  /** Records that this run wrote. */
  readonly committed = new Map<number, Materialization>()
  /**
   * Assets that a call of this run may have written besides building them, as observed after it; null if
   * that failed.
   */
  readonly touched = new Map<number, Observation | null>()
  /** Assets that a call in progress may have written besides building them. */
  readonly doubted = new Set<number>()
  /** Nodes that this run began to build, with any outcome. */
  readonly begun = new Set<number>()
  /** Assets of which the state says that a run was to build them for the first time. */
  readonly firstBuilds = new Set<number>()
  /** Assets that this run adopted before its first step, with the outcome of those that it does not build. */
  readonly adopted = new Map<number, Outcome>()

  constructor({ world, request, decisions }: Planned) {
    this.world = world
    this.request = request
    this.#enter(0, decisions)
  }

  /**
   * Replaces the plan by one in which more is defined. Assets keep their indices, checks come after
   * them. A node of the run that is running or final keeps its state, unless it had no definition.
   */
  extend({ world, request, decisions }: Planned): void {
    const before = { world: this.world, request: this.request }
    const { assetCount } = before.world.graph
    this.world = world
    this.request = request
    const needed = this.#neededByRun(decisions)
    for (let i = 0; i < assetCount; i++) {
      // A new check can need the version of a node outside the run.
      const isKept = before.world.definition(i) !== null && before.request.inRun(i)
      const isDone = isKept || this.outcome[i] !== null
      if (this.isOpen(i) || !isDone) this.#reset(i, decisions, needed)
    }
    this.#enter(assetCount, decisions)
  }

  name(i: number): string {
    return this.world.name(i)
  }

  /** Whether a node was neither started nor ended. */
  isOpen(i: number): boolean {
    return this.phase[i] === 'waiting' || this.phase[i] === 'candidate'
  }

  /** An asset has a record that this run wrote, although nothing was built. */
  adopt(i: number, record: Materialization): void {
    const { dataVersion: version, rows } = record
    this.committed.set(i, record)
    this.adopted.set(i, { state: 'adopted', version, rows })
  }

  /** `blocker`: what blocks its readers, if the outcome alone doesn't say it. */
  finish(i: number, outcome: Outcome | null, settled?: Settled, blocker?: string): void {
    const isKept = outcome === null || outcome.state === 'released'
    this.phase[i] = 'final'
    this.outcome[i] = isKept ? (this.adopted.get(i) ?? outcome) : outcome
    this.blocker[i] = blocker ?? blockerOf(outcome, this.name(i))
    if (settled !== undefined) this.settled[i] = settled
    // A node that ends without a version has none in this run.
    else if (this.settled[i]!.state === 'unsettled') this.settled[i] = { state: 'unknown' }
  }

  /** Whether every direct input is final. */
  inputsFinal(i: number): boolean {
    for (const input of this.world.graph.inputs(i)) {
      if (this.phase[input] !== 'final') return false
    }
    return true
  }

  gatesFinal(i: number): boolean {
    return this.world.graph.gates(i).every((gate) => this.phase[gate] === 'final')
  }

  /** The facts of an asset as of now: with the record that this run wrote, if it did. */
  facts(i: number): AssetFacts {
    const facts = this.world.facts(i)
    const record = this.committed.get(i)
    return record === undefined ? facts : { ...facts, record, lastObserved: null }
  }

  /** Whether a reader of `i` may have seen a side write of a call in progress, through virtual assets. */
  isDoubted(i: number): boolean {
    if (this.doubted.size === 0) return false
    if (this.doubted.has(i)) return true
    return (
      this.world.isVirtual(i) && this.world.graph.inputs(i).some((input) => this.isDoubted(input))
    )
  }

  /** A call of this run may have written these: decide by what they hold now. */
  touch(observed: ReadonlyMap<number, Observation | null>): void {
    const newer = new Map<string, Observation>()
    for (const [i, observation] of observed) {
      this.doubted.delete(i)
      this.touched.set(i, observation)
      if (observation !== null) newer.set(this.name(i), observation)
    }
    if (newer.size > 0) this.world = this.world.withObservations(newer)
  }

  /** An asset was written by others: its version, and that of the views over it, is unknown now. */
  forget(i: number): void {
    const open = [i]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      this.settled[at] = { state: 'unknown' }
      for (const reader of this.world.graph.readers(at)) {
        if (this.world.isVirtual(reader) && this.settled[reader]!.state === 'settled') {
          open.push(reader)
        }
      }
    }
  }

  #enter(from: number, decisions: Decisions): void {
    const needed = this.#neededByRun(decisions)
    for (let i = from; i < this.world.graph.size; i++) {
      this.outcome[i] = null
      this.blocker[i] = null
      this.#reset(i, decisions, needed)
    }
  }

  #reset(i: number, decisions: Decisions, needed: Uint8Array): void {
    this.verdict[i] = decisions.verdicts[i]!
    this.settled[i] = decisions.settled[i]!
    const isWaiting = needed[i] === 1 && this.#isUnsettled(decisions, i)
    this.phase[i] = this.request.inRun(i) || isWaiting ? 'waiting' : 'final'
  }

  /**
   * 1 for each node that a node in the run reads or is gated by, directly or through nodes outside
   * the run that are not settled.
   */
  #neededByRun(decisions: Decisions): Uint8Array {
    const { graph } = this.world
    const needed = new Uint8Array(graph.size)
    const needs = (reader: number) =>
      this.request.inRun(reader) || (needed[reader] === 1 && this.#isUnsettled(decisions, reader))
    for (let at = graph.order.length - 1; at >= 0; at--) {
      const i = graph.order[at]!
      const isNeeded =
        graph.readers(i).some(needs) || (graph.isCheck(i) && graph.gated(i).some(needs))
      if (isNeeded) needed[i] = 1
    }
    return needed
  }

  /** Whether a node's version or verdict depends on an unsettled node. */
  #isUnsettled({ settled, verdicts }: Decisions, i: number): boolean {
    const verdict = verdicts[i]!
    if (settled[i]!.state === 'unsettled' || verdict.state === 'pending') return true
    // A check that waits for a node outside the run can run if that node turns out to be fresh.
    const inputs = verdict.state === 'waiting' ? this.world.graph.inputs(i) : []
    return Array.from(inputs).some((input) => settled[input]!.state === 'unsettled')
  }
}

function blockerOf(outcome: Outcome | null, name: string): string | null {
  switch (outcome?.state) {
    case 'failed':
      return name
    case 'blocked':
      return outcome.by
    default:
      return null
  }
}

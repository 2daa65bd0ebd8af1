import type { Materialization } from '../model/record.ts'
import type { Outcome } from '../model/step.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Settled } from '../model/version.ts'
import type { Decisions } from '../staleness/fold.ts'
import type { Request, World } from '../staleness/world.ts'

/**
 * Where a node of a run stands.
 *
 *   waiting ──► candidate ──► running ──► final
 *      │            │                       ▲
 *      └────────────┴───────────────────────┘   released, blocked, cancelled
 *
 * `waiting`: its verdict hangs on something unsettled. `candidate`: it is certainly stale, and not
 * started. A node outside the run is final from the start, unless a reader in the run has to know
 * what it shows and that hangs on what the run builds.
 */
export type Phase = 'waiting' | 'candidate' | 'running' | 'final'

/** What a run knows of every node, by index of the graph. The loop is its only writer. */
export class RunState {
  world: World
  request: Request
  readonly phase: Phase[] = []
  readonly verdict: Verdict[] = []
  readonly settled: Settled[] = []
  /** How a node ended; null for one that was fresh all along or is outside the run. */
  readonly outcome: (Outcome | null)[] = []
  /** Who stops whatever reads this node: itself, what blocked it, or a gate that did not pass. */
  readonly stoppedBy: (string | null)[] = []
  /** Records that this run wrote. */
  readonly committed = new Map<number, Materialization>()
  /** What this run began to build, whatever came of it. */
  readonly touched = new Set<number>()

  constructor(world: World, request: Request, decisions: Decisions) {
    this.world = world
    this.request = request
    this.#enter(0, decisions)
  }

  /**
   * Takes a world in which more is defined. Assets keep their indices, checks follow them; what has
   * an outcome or is being built keeps it.
   */
  extend(world: World, request: Request, decisions: Decisions): void {
    const { assetCount } = this.world.graph
    this.world = world
    this.request = request
    const wanted = this.#wanted(decisions)
    for (let index = 0; index < assetCount; index++) {
      if (this.phase[index] === 'waiting' || this.phase[index] === 'candidate') {
        this.#reset(index, decisions, wanted)
      }
    }
    this.#enter(assetCount, decisions)
  }

  name(index: number): string {
    return this.world.graph.names[index]!
  }

  /** `stop`: who stops what reads this node, where the outcome alone doesn't say it. */
  finish(index: number, outcome: Outcome | null, settled?: Settled, stop?: string): void {
    this.phase[index] = 'final'
    this.outcome[index] = outcome
    this.stoppedBy[index] = stop ?? stopOf(outcome, this.name(index))
    if (settled !== undefined) this.settled[index] = settled
    // What ended without a version will have none in this run.
    else if (this.settled[index]!.state === 'unsettled') this.settled[index] = { state: 'unknown' }
  }

  /** Whether every direct input has its last word. */
  inputsFinal(index: number): boolean {
    for (const input of this.world.graph.inputs(index)) {
      if (this.phase[input] !== 'final') return false
    }
    return true
  }

  /** Somebody else wrote it: neither what it holds is known any more, nor what shows it. */
  forget(index: number): void {
    const open = [index]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      this.settled[at] = { state: 'unknown' }
      for (const reader of this.world.graph.readers(at)) {
        if (this.isVirtual(reader) && this.settled[reader]!.state === 'settled') open.push(reader)
      }
    }
  }

  isVirtual(index: number): boolean {
    const form = this.world.definitions.get(this.name(index))?.form
    return form === 'view' || form === 'ephemeral'
  }

  #enter(from: number, decisions: Decisions): void {
    const wanted = this.#wanted(decisions)
    for (let index = from; index < this.world.graph.size; index++) {
      this.outcome[index] = null
      this.stoppedBy[index] = null
      this.#reset(index, decisions, wanted)
    }
  }

  #reset(index: number, decisions: Decisions, wanted: Uint8Array): void {
    this.verdict[index] = decisions.verdicts[index]!
    this.settled[index] = decisions.settled[index]!
    const isOpen = wanted[index] === 1 && this.#isUnsettled(decisions, index)
    this.phase[index] = this.request.inRun(index) || isOpen ? 'waiting' : 'final'
  }

  /**
   * What something in the run reads or is gated by, itself or through what is outside and still to be
   * settled.
   */
  #wanted(decisions: Decisions): Uint8Array {
    const { graph } = this.world
    const wanted = new Uint8Array(graph.size)
    const wants = (reader: number) =>
      this.request.inRun(reader) || (wanted[reader] === 1 && this.#isUnsettled(decisions, reader))
    for (let at = graph.order.length - 1; at >= 0; at--) {
      const index = graph.order[at]!
      const isWanted =
        graph.readers(index).some(wants) || (graph.isCheck(index) && graph.gated(index).some(wants))
      if (isWanted) wanted[index] = 1
    }
    return wanted
  }

  /** A node whose version or verdict hangs on something above. */
  #isUnsettled({ settled, verdicts }: Decisions, index: number): boolean {
    const verdict = verdicts[index]!
    if (settled[index]!.state === 'unsettled' || verdict.state === 'pending') return true
    // What a check waits for outside the run may turn out to be fresh after all.
    const inputs = verdict.state === 'waiting' ? this.world.graph.inputs(index) : []
    return Array.from(inputs).some((input) => settled[input]!.state === 'unsettled')
  }
}

function stopOf(outcome: Outcome | null, name: string): string | null {
  switch (outcome?.state) {
    case 'failed':
      return name
    case 'blocked':
      return outcome.by
    default:
      return null
  }
}

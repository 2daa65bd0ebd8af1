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
 * started. A node outside the run is final from the start.
 */
export type Phase = 'waiting' | 'candidate' | 'running' | 'final'

/** What a run knows of every node, by index of the graph. The loop is its only writer. */
export class Ledger {
  world: World
  request: Request
  readonly phase: Phase[] = []
  readonly verdict: Verdict[] = []
  readonly settled: Settled[] = []
  /** How a node ended; null for one that was fresh all along or is outside the run. */
  readonly outcome: (Outcome | null)[] = []
  /** Who stops whatever reads this node: itself, what blocked it, or a gate that did not pass. */
  readonly stoppedBy: (string | null)[] = []

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
    for (let index = 0; index < assetCount; index++) {
      if (this.phase[index] === 'waiting' || this.phase[index] === 'candidate') {
        this.#reset(index, decisions)
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
  }

  /** Whether every direct input has its last word. */
  inputsFinal(index: number): boolean {
    for (const input of this.world.graph.inputs(index)) {
      if (this.phase[input] !== 'final') return false
    }
    return true
  }

  #enter(from: number, decisions: Decisions): void {
    for (let index = from; index < this.world.graph.size; index++) {
      this.outcome[index] = null
      this.stoppedBy[index] = null
      this.#reset(index, decisions)
    }
  }

  #reset(index: number, decisions: Decisions): void {
    this.verdict[index] = decisions.verdicts[index]!
    this.settled[index] = decisions.settled[index]!
    this.phase[index] = this.request.inRun(index) ? 'waiting' : 'final'
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

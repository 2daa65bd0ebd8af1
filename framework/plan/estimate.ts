import type { Graph } from '../graph/graph.ts'
import type { PlanStep } from '../model/step.ts'
import type { Plan } from './plan.ts'

/** How long the steps of a plan may take, from what each took when it last ran. Seconds. */
export interface Estimate {
  /** Only what is certain to be built. */
  readonly low: number
  /** All that may be built too. */
  readonly high: number
}

/** One step of the chain that nothing can make shorter by running more side by side. */
export interface PathStep {
  readonly asset: string
  /** null where history has no time for it. */
  readonly seconds: number | null
}

export interface Forecast {
  /** null when none of the steps was ever timed. */
  readonly estimate: Estimate | null
  /** The longest chain of steps, each waiting for the one before. Empty without times. */
  readonly criticalPath: readonly PathStep[]
  /** Steps without history: the estimate does not count them. */
  readonly untimed: number
  /** What the fresh assets took when they were built last: work that is not done again. */
  readonly skippedSeconds: number
}

/**
 * The time that a plan's steps take on `lanes` side by side: no less than their longest chain, and no
 * less than all their work shared out evenly. What starting up takes is not in it. `durations` are
 * seconds by name, from history. Pure.
 */
export function forecast(
  graph: Graph,
  { steps, fresh }: Pick<Plan, 'steps' | 'fresh'>,
  durations: ReadonlyMap<string, number>,
  lanes: number,
): Forecast {
  const skippedSeconds = fresh.reduce((sum, name) => sum + (durations.get(name) ?? 0), 0)
  const untimed = steps.filter(({ estimateSeconds }) => estimateSeconds === null).length
  if (untimed === steps.length) return { estimate: null, criticalPath: [], untimed, skippedSeconds }
  const certain = steps.filter(({ verdict }) => verdict === 'stale')
  const all = new Chains(graph, steps)
  const high = all.span(lanes)
  const low = certain.length === steps.length ? high : new Chains(graph, certain).span(lanes)
  return { estimate: { low, high }, criticalPath: all.longest(), untimed, skippedSeconds }
}

const NONE = -1

/** For each node, the seconds of the longest chain of steps that ends there. */
class Chains {
  readonly #graph: Graph
  readonly #steps = new Map<number, PlanStep>()
  readonly #seconds: Float64Array
  /** Where the longest chain to a node comes from. */
  readonly #before: Int32Array
  #work = 0
  #last = NONE

  constructor(graph: Graph, steps: readonly PlanStep[]) {
    this.#graph = graph
    this.#seconds = new Float64Array(graph.size)
    this.#before = new Int32Array(graph.size).fill(NONE)
    for (const step of steps) {
      this.#steps.set(graph.indexOf(step.asset)!, step)
      this.#work += step.estimateSeconds ?? 0
    }
    // What has no step hands its chain on: a fresh view between two tables.
    for (const index of graph.order) this.#extend(index)
  }

  span(lanes: number): number {
    const longest = this.#last === NONE ? 0 : this.#seconds[this.#last]!
    return Math.max(longest, this.#work / lanes)
  }

  longest(): readonly PathStep[] {
    const path: PathStep[] = []
    for (let at = this.#last; at !== NONE; at = this.#before[at]!) {
      const step = this.#steps.get(at)
      if (step !== undefined) path.push({ asset: step.asset, seconds: step.estimateSeconds })
    }
    return path.reverse()
  }

  #extend(index: number): void {
    let best = NONE
    const after = (other: number) => {
      if (best === NONE || this.#seconds[other]! > this.#seconds[best]!) best = other
    }
    this.#graph.inputs(index).forEach(after)
    this.#graph.gates(index).forEach(after)
    const own = this.#steps.get(index)?.estimateSeconds ?? 0
    this.#before[index] = best
    this.#seconds[index] = own + (best === NONE ? 0 : this.#seconds[best]!)
    if (this.#last === NONE || this.#seconds[index]! > this.#seconds[this.#last]!)
      this.#last = index
  }
}

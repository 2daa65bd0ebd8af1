import type { Graph } from '../graph/graph.ts'
import type { PlanStep } from '../model/step.ts'
import type { Plan } from './steps.ts'

/** How long the steps of a plan may take, from the last duration of each. Seconds. */
export interface Estimate {
  /** Only the certain steps. */
  readonly low: number
  /** The possible steps, too. */
  readonly high: number
}

/** One step of the longest chain, which more threads can't shorten. */
export interface PathStep {
  readonly asset: string
  /** null if the history has no duration for it. */
  readonly seconds: number | null
}

/** A step with its last duration; null if the history has none. */
export interface TimedStep extends PlanStep {
  readonly estimateSeconds: number | null
}

export interface Forecast {
  readonly steps: readonly TimedStep[]
  /** null if the history has no duration for any step. */
  readonly estimate: Estimate | null
  /** The longest chain of steps, each waiting for the one before. Empty without times. */
  readonly criticalPath: readonly PathStep[]
  /** Steps without a recorded duration: the estimate does not include them. */
  readonly untimed: number
  /** What the fresh assets took when they were last built: the work that is saved. */
  readonly skippedSeconds: number
}

/**
 * The time that a plan's steps take with `lanes` side by side: at least their longest chain, and at
 * least their total divided by the lanes. Start-up time is not counted. `durations`: seconds by name,
 * from the history. Pure.
 */
export function forecast(
  graph: Graph,
  plan: Pick<Plan, 'steps' | 'fresh'>,
  durations: ReadonlyMap<string, number>,
  lanes: number,
): Forecast {
  const steps = plan.steps.map((step) => ({
    ...step,
    estimateSeconds: durations.get(step.asset) ?? null,
  }))
  const skippedSeconds = plan.fresh.reduce((sum, name) => sum + (durations.get(name) ?? 0), 0)
  // An adoption builds nothing.
  const built = steps.filter(({ action }) => action !== 'adopt')
  const untimed = built.filter(({ estimateSeconds }) => estimateSeconds === null).length
  if (untimed === built.length) {
    return { steps, estimate: null, criticalPath: [], untimed, skippedSeconds }
  }
  const certain = built.filter(({ verdict }) => verdict === 'stale')
  const all = new Chains(graph, built)
  const high = all.span(lanes)
  const low = certain.length === built.length ? high : new Chains(graph, certain).span(lanes)
  return { steps, estimate: { low, high }, criticalPath: all.longest(), untimed, skippedSeconds }
}

const NONE = -1

/** For each node, the seconds of the longest chain of steps that ends there. */
class Chains {
  readonly #graph: Graph
  readonly #steps = new Map<number, TimedStep>()
  readonly #seconds: Float64Array
  /** The node before, in the longest chain to each node. */
  readonly #before: Int32Array
  #work = 0
  #last = NONE

  constructor(graph: Graph, steps: readonly TimedStep[]) {
    this.#graph = graph
    this.#seconds = new Float64Array(graph.size)
    this.#before = new Int32Array(graph.size).fill(NONE)
    for (const step of steps) {
      this.#steps.set(graph.indexOf(step.asset)!, step)
      this.#work += step.estimateSeconds ?? 0
    }
    // A node without a step, such as a fresh view between two tables, continues the chain.
    for (const i of graph.order) this.#extend(i)
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

  #extend(i: number): void {
    let best = NONE
    const after = (other: number) => {
      if (best === NONE || this.#seconds[other]! > this.#seconds[best]!) best = other
    }
    this.#graph.inputs(i).forEach(after)
    this.#graph.gates(i).forEach(after)
    const own = this.#steps.get(i)?.estimateSeconds ?? 0
    this.#before[i] = best
    this.#seconds[i] = own + (best === NONE ? 0 : this.#seconds[best]!)
    if (this.#last === NONE || this.#seconds[i]! > this.#seconds[this.#last]!) this.#last = i
  }
}

import type { Graph } from '../graph/graph.ts'
import type { SecondsLeft } from '../model/event.ts'

/** What is left of one step. */
export interface OpenStep {
  /** Of its last duration; null if the history has none. */
  readonly seconds: number | null
  /** Whether it runs in any case. */
  readonly isCertain: boolean
}

/** What a node is now: a step that is left, one that has ended, or none. */
export type Left = OpenStep | 'ended' | 'no step'

export interface TimeLeft {
  /** null if the history has no duration of any step that is left. */
  readonly secondsLeft: SecondsLeft | null
  /** Steps without a recorded duration: the time does not include them. */
  readonly untimed: number
}

const NONE = -1

/**
 * The time that the rest of a run takes with `lanes` side by side, as `forecast` says it of a whole plan. It knows
 * the steps and what is between them, in topological order, so that one answer costs no more than they are. Pure,
 * except that a step that has ended is never looked at again.
 */
export class RemainingWork {
  readonly #lanes: number
  /** The node at each position. */
  readonly #nodes: readonly number[]
  /** The positions of the inputs and gates of each position. */
  readonly #above: readonly (readonly number[])[]
  /** The seconds of the longest chain that ends at each position: of certain steps, and of all. */
  readonly #certain: Float64Array
  readonly #all: Float64Array
  /** Positions of what has not ended. */
  #open: number[]

  constructor(graph: Graph, isStep: (node: number) => boolean, lanes: number) {
    this.#lanes = Math.max(1, lanes)
    this.#nodes = between(graph, isStep)
    const positions = new Int32Array(graph.size).fill(NONE)
    for (const [at, node] of this.#nodes.entries()) positions[node] = at
    this.#above = this.#nodes.map((node) => {
      const above: number[] = []
      const add = (one: number) => {
        if (positions[one] !== NONE) above.push(positions[one]!)
      }
      graph.inputs(node).forEach(add)
      graph.gates(node).forEach(add)
      return above
    })
    this.#open = this.#nodes.map((_, at) => at)
    this.#certain = new Float64Array(this.#nodes.length)
    this.#all = new Float64Array(this.#nodes.length)
  }

  left(leftOf: (node: number) => Left): TimeLeft {
    const ended = new Set<number>()
    const work = { certain: 0, all: 0 }
    const longest = { certain: 0, all: 0 }
    let steps = 0
    let untimed = 0
    for (const at of this.#open) {
      const left = leftOf(this.#nodes[at]!)
      if (left === 'ended') {
        ended.add(at)
        // A step that is blocked ends before its inputs do.
        this.#all[at] = 0
        this.#certain[at] = 0
        continue
      }
      const step = typeof left === 'string' ? null : left
      const seconds = Math.max(0, step?.seconds ?? 0)
      const certain = step?.isCertain === true ? seconds : 0
      if (step !== null) steps += 1
      if (step?.seconds === null) untimed += 1
      const above = this.#above[at]!
      work.all += seconds
      work.certain += certain
      this.#all[at] = seconds + longestOf(this.#all, above)
      this.#certain[at] = certain + longestOf(this.#certain, above)
      longest.all = Math.max(longest.all, this.#all[at])
      longest.certain = Math.max(longest.certain, this.#certain[at])
    }
    if (ended.size > 0) this.#open = this.#open.filter((at) => !ended.has(at))
    if (steps > 0 && untimed === steps) return { secondsLeft: null, untimed }
    const low = Math.max(longest.certain, work.certain / this.#lanes)
    return { secondsLeft: { low, high: Math.max(longest.all, work.all / this.#lanes) }, untimed }
  }
}

function longestOf(chains: Float64Array, above: readonly number[]): number {
  let longest = 0
  for (const at of above) if (chains[at]! > longest) longest = chains[at]!
  return longest
}

/** The steps, and the nodes through which one waits for another, in topological order. */
function between(graph: Graph, isStep: (node: number) => boolean): readonly number[] {
  const steps = new Uint8Array(graph.size)
  const isBelow = new Uint8Array(graph.size)
  const isNeeded = new Uint8Array(graph.size)
  for (const node of graph.order) {
    steps[node] = isStep(node) ? 1 : 0
    const isAfter = (one: number) => isBelow[one] === 1
    const waits = steps[node] === 1 || graph.inputs(node).some(isAfter)
    isBelow[node] = waits || graph.gates(node).some(isAfter) ? 1 : 0
  }
  const need = (one: number) => {
    isNeeded[one] = 1
  }
  for (let at = graph.order.length - 1; at >= 0; at--) {
    const node = graph.order[at]!
    if (isBelow[node] === 0 || (steps[node] === 0 && isNeeded[node] === 0)) continue
    graph.inputs(node).forEach(need)
    graph.gates(node).forEach(need)
  }
  const nodes: number[] = []
  for (const node of graph.order) {
    if (steps[node] === 1 || (isNeeded[node] === 1 && isBelow[node] === 1)) nodes.push(node)
  }
  return nodes
}

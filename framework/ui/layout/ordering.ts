import { type Budget, spend } from './budget.ts'
import { countCrossings } from './crossings.ts'
import type { Dag } from './dag.ts'
import { initialOrder } from './initial-order.ts'
import { type LayeredGraph, layerCount } from './layered-graph.ts'
import { assign, copyOf, type Order, orderBy } from './order.ts'
import { reroute } from './reroute.ts'
import { sift } from './sift.ts'
import { sweep } from './sweep.ts'

/** First orders that are tried; fewer when the budget does not last. */
const ATTEMPTS = 5
/** Sweeps without a better order, after which an attempt ends. */
const PATIENCE = 4
/**
 * Operations of one `polish`. It does not depend on what was spent before: the same order of boxes always
 * has the same successor.
 */
const POLISH = 1_000_000
/** Graphs with more boxes and dummies keep the order of boxes that they have got. */
const MODERATE = 3_000

/** An order and its crossings. */
export interface Ordered {
  readonly order: Order
  readonly crossings: number
}

/**
 * The order of boxes and dummies in each layer. `before` has a place for each box that was drawn before,
 * and NaN for the others; null if none was.
 *
 * The order of the dummies is a function of the order of the boxes (`withDummies`), and boxes that were drawn
 * before change their order only if that makes fewer crossings after the dummies are ordered again. So the
 * layout of an unchanged graph, given its own result, is this result.
 */
export function bestOrder(
  dag: Dag,
  graph: LayeredGraph,
  before: Float64Array | null,
  budget: Budget,
): Ordered {
  const boxes = before === null ? fresh(dag, graph, budget) : seeded(dag, graph, before, budget)
  let best = withDummies(dag, graph, boxes)
  while (best.crossings > 0 && graph.size <= MODERATE) {
    const order = copyOf(best.order)
    if (polish(dag, graph, order, { left: POLISH }, null) === 0) break
    const next = withDummies(dag, graph, order)
    if (next.crossings >= best.crossings) break
    best = next
  }
  return best
}

/** Takes single nodes and long edges to better places, as far as the budget lasts. */
function polish(
  dag: Dag,
  graph: LayeredGraph,
  order: Order,
  budget: Budget,
  held: Uint8Array | null,
): number {
  const tried = new Int32Array(dag.edges.length).fill(-1)
  let gone = 0
  for (let more = 1; more > 0 && budget.left > 0; gone += more) {
    more = sift(graph, order, budget, held) + reroute(dag, graph, order, budget, tried)
  }
  return gone
}

/** The best order of several attempts. */
function fresh(dag: Dag, graph: LayeredGraph, budget: Budget): Order {
  let best: Ordered | null = null
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (best !== null && (best.crossings === 0 || budget.left <= 0)) break
    const order = initialOrder(graph, attempt)
    let crossings = sweepOften(graph, order, budget, null)
    if (crossings > 0) crossings -= sift(graph, order, budget, null)
    if (best === null || crossings < best.crossings) best = { order, crossings }
  }
  polish(dag, graph, best!.order, budget, null)
  return best!.order
}

/** The old boxes in their old order, and each new one where its segments cross fewest. */
function seeded(dag: Dag, graph: LayeredGraph, before: Float64Array, budget: Budget): Order {
  const held = new Uint8Array(graph.size)
  for (let box = 0; box < graph.real; box++) held[box] = Number.isNaN(before[box]!) ? 0 : 1
  const key = new Float64Array(graph.size)
  key.set(guessed(dag, before))
  placeDummies(dag, graph, key)
  const order = orderBy(graph, key)
  if (held.subarray(0, graph.real).every((one) => one === 1)) return order
  if (sweepOften(graph, order, budget, held) > 0) polish(dag, graph, order, budget, held)
  return order
}

/** Gives each new box the mean place of the neighbours that have one, nearest to old boxes first. */
function guessed({ size, readers, inputs }: Dag, before: Float64Array): Float64Array {
  const place = before.slice()
  let level = Array.from({ length: size }, (_, box) => box).filter(
    (box) => !Number.isNaN(place[box]!),
  )
  while (level.length > 0) {
    const sums = new Map<number, { sum: number; count: number }>()
    for (const box of level) {
      for (const { starts, targets } of [readers, inputs]) {
        for (let e = starts[box]!; e < starts[box + 1]!; e++) {
          const next = targets[e]!
          if (!Number.isNaN(place[next]!)) continue
          const so = sums.get(next) ?? { sum: 0, count: 0 }
          sums.set(next, { sum: so.sum + place[box]!, count: so.count + 1 })
        }
      }
    }
    for (const [box, { sum, count }] of sums) place[box] = sum / count
    level = [...sums.keys()]
  }
  return place
}

/** Orders the dummies for a given order of the boxes, which stays. Depends on nothing else. */
function withDummies(dag: Dag, graph: LayeredGraph, boxes: Order): Ordered {
  const { real, size, starts } = graph
  if (size === real) return { order: boxes, crossings: countCrossings(graph, boxes) }
  const key = new Float64Array(size)
  for (let layer = 0; layer < layerCount(graph); layer++) {
    const own: number[] = []
    for (let p = starts[layer]!; p < starts[layer + 1]!; p++) {
      if (boxes.nodes[p]! < real) own.push(boxes.nodes[p]!)
    }
    own.forEach((box, k) => {
      key[box] = k - (own.length - 1) / 2
    })
  }
  placeDummies(dag, graph, key)
  const order = orderBy(graph, key)
  const held = new Uint8Array(size).fill(1, 0, real)
  const budget = { left: 40 * (size + graph.right.targets.length) }
  let crossings = sweepOften(graph, order, budget, held)
  if (crossings > 0) crossings -= polish(dag, graph, order, { left: POLISH }, held)
  return { order, crossings }
}

/** Puts the dummies of each edge on the straight line between its ends. */
function placeDummies(
  { edges }: Dag,
  { layer, firstDummy }: LayeredGraph,
  key: Float64Array,
): void {
  edges.forEach(([from, to], k) => {
    const first = firstDummy[k]!
    if (first < 0) return
    const span = layer[to]! - layer[from]!
    for (let step = 1; step < span; step++) {
      key[first + step - 1] = key[from]! + ((key[to]! - key[from]!) * step) / span
    }
  })
}

/** Sweeps to and fro. Leaves the best order seen, and returns its crossings. */
function sweepOften(
  graph: LayeredGraph,
  order: Order,
  budget: Budget,
  held: Uint8Array | null,
): number {
  const cost = 4 * (graph.size + graph.right.targets.length)
  let best = countCrossings(graph, order)
  const bestOrder = copyOf(order)
  // Two sweeps are made with any budget: one alone leaves the layers at one end unsorted.
  for (let round = 0, since = 0; best > 0 && since < PATIENCE; round++) {
    if (!spend(budget, cost) && round >= 2) break
    const towards = round % 2 === 0 ? 'right' : 'left'
    sweep(graph, order, { towards, held, turnsTies: held === null && round % 4 >= 2 })
    const crossings = countCrossings(graph, order)
    since += 1
    if (crossings >= best) continue
    best = crossings
    since = 0
    assign(bestOrder, order)
  }
  assign(order, bestOrder)
  return best
}

import type { Dag } from './dag.ts'
import type { LayeredGraph } from './layered-graph.ts'
import type { Order } from './order.ts'
import { roomOf, type Spacing } from './spacing.ts'

/**
 * Makes long edges horizontal where there is room: the dummies of an edge, or as many of them in a row as
 * can, get one y between what is above and below them. Changes `y`. The longest edges come first.
 */
export function straighten(
  { edges }: Dag,
  graph: LayeredGraph,
  order: Order,
  spacing: Spacing,
  y: Float64Array,
): void {
  const { layer, firstDummy } = graph
  const span = (edge: number) => layer[edges[edge]![1]]! - layer[edges[edge]![0]]!
  const long = edges.map((_, edge) => edge).filter((edge) => firstDummy[edge]! >= 0)
  long.sort((a, b) => span(b) - span(a) || a - b)
  for (const edge of long) {
    const [from, to] = edges[edge]!
    const route = [from]
    for (let k = 0; k < span(edge) - 1; k++) route.push(firstDummy[edge]! + k)
    route.push(to)
    let start = 1
    const last = route.length - 1
    while (start < last) {
      let [low, high] = roomOf(graph, order, spacing, y, route[start]!)
      let end = start + 1
      let sum = y[route[start]!]!
      for (; end < last; end++) {
        const [nextLow, nextHigh] = roomOf(graph, order, spacing, y, route[end]!)
        if (Math.max(low, nextLow) > Math.min(high, nextHigh)) break
        low = Math.max(low, nextLow)
        high = Math.min(high, nextHigh)
        sum += y[route[end]!]!
      }
      // Level with an end, if the run reaches it; with the mean of the run otherwise.
      const ends = [start === 1 ? y[from]! : null, end === last ? y[to]! : null]
      const level = ends.find((one) => one !== null && one >= low && one <= high)
      const target = Math.min(high, Math.max(low, level ?? sum / (end - start)))
      for (let k = start; k < end; k++) y[route[k]!] = target
      start = end
    }
  }
}

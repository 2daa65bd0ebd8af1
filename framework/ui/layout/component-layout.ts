import type { Component } from './components.ts'
import { coordinates } from './coordinates.ts'
import { type Dag, dagOf, type Edge } from './dag.ts'
import { type LayeredGraph, layerCount, layeredGraph } from './layered-graph.ts'
import { bestOrder } from './ordering.ts'
import type { Part } from './packing.ts'
import { ranks } from './ranks.ts'
import type { Spacing } from './spacing.ts'

/** The graph that the component is a part of, and the sizes of a drawing in pixels. */
export interface WholeGraph extends Spacing {
  readonly edges: readonly Edge[]
  readonly width: (node: number) => number
  readonly gapX: number
  /** The y of nodes in the drawing before. */
  readonly before: ReadonlyMap<number, number>
}

/** A component with coordinates of its own: x and y from 0, in pixels. Nodes have their index in it. */
export interface ComponentLayout extends Part {
  readonly component: Component
  readonly dag: Dag
  readonly graph: LayeredGraph
  /** The y of the middle of each box and dummy. */
  readonly middle: Float64Array
  readonly columns: readonly Column[]
  readonly crossings: number
}

/** The sides of a column, which is as wide as its widest box. */
interface Column {
  readonly left: number
  readonly right: number
}

export function layoutComponent(
  component: Component,
  input: WholeGraph,
  budget: number,
): ComponentLayout {
  const { nodes } = component
  const ownOf = new Map(nodes.map((node, own) => [node, own]))
  const dag = dagOf(
    nodes.length,
    component.edges.map((edge) => {
      const [from, to] = input.edges[edge]!
      return [ownOf.get(from)!, ownOf.get(to)!]
    }),
  )
  const graph = layeredGraph(dag, ranks(dag))
  const before = Float64Array.from(nodes, (node) => input.before.get(node) ?? Number.NaN)
  const seed = before.every((y) => Number.isNaN(y)) ? null : before
  const { order, crossings } = bestOrder(dag, graph, seed, { left: budget })
  const middle = coordinates(dag, graph, order, input)
  let [top, topBox, bottom] = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]
  for (let own = 0; own < graph.size; own++) {
    const half = own < graph.real ? input.height / 2 : 0
    top = Math.min(top, middle[own]! - half)
    bottom = Math.max(bottom, middle[own]! + half)
    if (own < graph.real) topBox = Math.min(topBox, middle[own]! - half)
  }
  // Moved by whole pixels, whole y stay whole.
  top = Math.floor(top)
  for (let own = 0; own < graph.size; own++) middle[own]! -= top
  const columns = columnsOf(graph, nodes, input)
  const width = columns.at(-1)!.right
  const [height, over] = [Math.ceil(bottom - top), topBox - top]
  return { component, dag, graph, middle, columns, crossings, width, height, over }
}

function columnsOf(
  graph: LayeredGraph,
  nodes: readonly number[],
  { width, gapX }: WholeGraph,
): readonly Column[] {
  const widths = new Float64Array(layerCount(graph))
  nodes.forEach((node, own) => {
    const layer = graph.layer[own]!
    widths[layer] = Math.max(widths[layer]!, width(node))
  })
  let right = -gapX
  return Array.from(widths, (width) => {
    const left = right + gapX
    right = left + width
    return { left, right }
  })
}

/**
 * The points of an edge, moved by `left` and `top`: from the right side of its first box, which is `width`
 * wide, to the left side of its last one. It crosses columns horizontally and bends between them, so that it
 * touches no box.
 */
export function bendsOf(
  { dag, graph, middle, columns }: ComponentLayout,
  edge: number,
  width: number,
  left: number,
  top: number,
): readonly number[] {
  const [from, to] = dag.edges[edge]!
  const [first, last] = [graph.layer[from]!, graph.layer[to]!]
  const startY = top + middle[from]!
  const points = [left + columns[first]!.left + width, startY]
  if (columns[first]!.right > columns[first]!.left + width) {
    points.push(left + columns[first]!.right, startY)
  }
  const dummy = graph.firstDummy[edge]!
  for (let layer = first + 1; dummy >= 0 && layer < last; layer++) {
    const y = top + middle[dummy + layer - first - 1]!
    points.push(left + columns[layer]!.left, y, left + columns[layer]!.right, y)
  }
  points.push(left + columns[last]!.left, top + middle[to]!)
  return points
}

import { bendsOf, layoutComponent } from './component-layout.ts'
import { type Component, components } from './components.ts'
import type { Edge } from './dag.ts'
import { gridOf } from './grid.ts'
import { pack } from './packing.ts'

export interface LayoutInput {
  /** The nodes are `0` to `size - 1`. */
  readonly size: number
  /** Without a cycle; `layout` throws on one. */
  readonly edges: readonly Edge[]
  /** Pixels of a box. */
  readonly width: (node: number) => number
  /** Pixels of every box. If it and `gapY` are whole, so is each y. */
  readonly height: number
  /** Pixels between two layers. */
  readonly gapX: number
  /** Pixels between two boxes or lines of a layer. */
  readonly gapY: number
  /** The y of nodes in the drawing before. Their order is kept, except where another one has fewer crossings. */
  readonly before?: ReadonlyMap<number, number>
  /** Operations to spend on a better order, not time: equal inputs give equal drawings. */
  readonly budget?: number
}

export interface Layout {
  /** Pixels of the top left of each box. The drawing starts at 0, 0. */
  readonly x: Float64Array
  readonly y: Float64Array
  /** The layer within the component; 0 for nodes without edges. */
  readonly layer: Int32Array
  /** Pixels of the whole drawing. */
  readonly width: number
  readonly height: number
  /** For each edge `[x0, y0, x1, y1, …]`: from the right side of a box, through gaps, to the left side of another. */
  readonly bends: readonly (readonly number[])[]
  /** Crossings of edges between neighbouring layers. Edges that are too long for bends do not count. */
  readonly crossings: number
}

/** About a tenth of a second. Small graphs end by themselves long before. */
const BUDGET = 3_000_000

/**
 * A drawing in layers from left to right. Each component is laid out apart; nodes without edges are a block at
 * the end. A pure function of its input.
 */
export function layout(asked: LayoutInput): Layout {
  const before = new Map([...(asked.before ?? [])].filter(([, y]) => Number.isFinite(y)))
  const input = { ...asked, before }
  const { size, edges, gapY, height } = input
  const { connected, isolated } = components(size, edges)
  const greatestFirst = [...connected].sort((a, b) => b.nodes.length - a.nodes.length)
  const work = size - isolated.length + edges.length
  const parts = greatestFirst.map((component) => {
    const share = (component.nodes.length + component.edges.length) / work
    return layoutComponent(component, input, (input.budget ?? BUDGET) * share)
  })
  const gap = Math.ceil(2 * gapY + height / 2)
  const packed = pack(parts, sequenceOf(greatestFirst, before), gap)
  const grid = gridOf(isolated, input, packed.width)
  const gridTop = parts.length === 0 ? 0 : packed.height + gap

  const x = new Float64Array(size)
  const y = new Float64Array(size)
  const layer = new Int32Array(size)
  const bends: (readonly number[])[] = Array.from({ length: edges.length }, () => [])
  parts.forEach((part, k) => {
    const [left, top] = [packed.x[k]!, packed.y[k]!]
    part.component.nodes.forEach((node, own) => {
      layer[node] = part.graph.layer[own]!
      x[node] = left + part.columns[layer[node]!]!.left
      y[node] = top + part.middle[own]! - height / 2
    })
    part.component.edges.forEach((edge, own) => {
      bends[edge] = bendsOf(part, own, input.width(edges[edge]![0]), left, top)
    })
  })
  isolated.forEach((node, k) => {
    x[node] = grid.x[k]!
    y[node] = gridTop + grid.y[k]!
  })
  return {
    x,
    y,
    layer,
    bends,
    width: Math.max(packed.width, grid.width),
    height: isolated.length === 0 ? packed.height : gridTop + grid.height,
    crossings: parts.reduce((sum, part) => sum + part.crossings, 0),
  }
}

/** The components from top to bottom: in the order of the drawing before, then the new ones. */
function sequenceOf(
  connected: readonly Component[],
  before: ReadonlyMap<number, number>,
): readonly number[] {
  const top = connected.map(({ nodes }) =>
    nodes.reduce((least, node) => Math.min(least, before.get(node) ?? least), Number.MAX_VALUE),
  )
  return connected.map((_, k) => k).sort((a, b) => top[a]! - top[b]! || a - b)
}

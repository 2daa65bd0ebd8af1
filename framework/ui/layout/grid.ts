import { columnsFor } from './packing.ts'

/** A block of boxes without edges. Pixels, from 0, 0. */
export interface Grid {
  /** Top left of each box, in the order of `nodes`. */
  readonly x: Float64Array
  readonly y: Float64Array
  readonly width: number
  readonly height: number
}

export interface GridSpacing {
  readonly width: (node: number) => number
  readonly height: number
  readonly gapY: number
  readonly before?: ReadonlyMap<number, number>
}

/**
 * Rows of boxes in columns, at least as wide as `room` if there are enough. Boxes that were drawn before stay
 * in their rows as far as the number of columns lets them; new ones follow at the end.
 */
export function gridOf(nodes: readonly number[], spacing: GridSpacing, room: number): Grid {
  const { width, height, gapY, before } = spacing
  const x = new Float64Array(nodes.length)
  const y = new Float64Array(nodes.length)
  if (nodes.length === 0) return { x, y, width: 0, height: 0 }
  const widest = nodes.reduce((most, node) => Math.max(most, width(node)), 0)
  const columns = columnsFor(nodes.length, widest + gapY, height + gapY, room + gapY)
  const was = nodes.map((node) => before?.get(node) ?? Number.MAX_VALUE)
  const sequence = nodes.map((_, k) => k).sort((a, b) => was[a]! - was[b]! || a - b)
  const rows = Math.ceil(nodes.length / columns)
  for (let row = 0; row < rows; row++) {
    const own = sequence.slice(row * columns, (row + 1) * columns).sort((a, b) => a - b)
    own.forEach((k, column) => {
      x[k] = column * (widest + gapY)
      y[k] = row * (height + gapY)
    })
  }
  const used = Math.min(columns, nodes.length)
  return {
    x,
    y,
    width: used * (widest + gapY) - gapY,
    height: rows * (height + gapY) - gapY,
  }
}

/** A drawing's boxes and lines, and their sizes in pixels. */
export interface LayoutInput {
  readonly size: number
  readonly edges: readonly (readonly [from: number, to: number])[]
  readonly width: (node: number) => number
  readonly height: number
  readonly gapX: number
  readonly gapY: number
  readonly before?: ReadonlyMap<number, number>
}

export interface Layout {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly layer: Int32Array
  readonly width: number
  readonly height: number
  readonly bends: readonly (readonly number[])[]
}

/** Layers by the longest path, each ordered by the mean place of what it reads. */
export function layout({ size, edges, width, height, gapX, gapY }: LayoutInput): Layout {
  const layer = new Int32Array(size)
  for (let again = true; again; ) {
    again = false
    for (const [from, to] of edges) {
      if (layer[to]! > layer[from]!) continue
      layer[to] = layer[from]! + 1
      again = true
    }
  }
  const layers: number[][] = []
  for (let i = 0; i < size; i++) {
    const nodes = layers[layer[i]!] ?? []
    nodes.push(i)
    layers[layer[i]!] = nodes
  }
  const inputs: number[][] = Array.from({ length: size }, () => [])
  for (const [from, to] of edges) inputs[to]!.push(from)
  const [x, y] = [new Float64Array(size), new Float64Array(size)]
  const tallest = layers.reduce((most, one) => Math.max(most, one.length), 0) * (height + gapY)
  let left = 0
  for (const nodes of layers) {
    const mean = (i: number) =>
      inputs[i]!.reduce((sum, input) => sum + y[input]!, 0) / Math.max(1, inputs[i]!.length)
    nodes.sort((a, b) => mean(a) - mean(b) || a - b)
    const top = (tallest - nodes.length * (height + gapY)) / 2
    nodes.forEach((i, k) => {
      x[i] = left
      y[i] = top + k * (height + gapY)
    })
    left += nodes.reduce((most, i) => Math.max(most, width(i)), 0) + gapX
  }
  const bends = edges.map(([from, to]) => [
    x[from]! + width(from),
    y[from]! + height / 2,
    x[to]!,
    y[to]! + height / 2,
  ])
  return { x, y, layer, width: left - gapX, height: tallest - gapY, bends }
}

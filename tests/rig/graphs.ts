import fc from 'fast-check'

export type Edges = readonly (readonly [from: number, to: number])[]

export interface PlainGraph {
  readonly size: number
  readonly edges: Edges
}

/** Random acyclic graphs whose nodes are in no order; some have several components and nodes without edges. */
export function acyclic(maxSize: number): fc.Arbitrary<PlainGraph> {
  return fc.integer({ min: 1, max: maxSize }).chain((size) =>
    fc
      .tuple(
        fc.shuffledSubarray(
          Array.from({ length: size }, (_, node) => node),
          { minLength: size, maxLength: size },
        ),
        fc.uniqueArray(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), {
          maxLength: 2 * size,
          selector: ([a, b]) => Math.min(a, b) * size + Math.max(a, b),
        }),
      )
      .map(([names, pairs]) => ({
        size,
        edges: pairs
          .filter(([a, b]) => a !== b)
          .map(([a, b]) => [names[Math.min(a, b)]!, names[Math.max(a, b)]!] as const),
      })),
  )
}

/** Whether the nodes can be put in an order in which every edge leads on. */
export function isAcyclic({ size, edges }: PlainGraph): boolean {
  const open = new Int32Array(size)
  const readers = Array.from({ length: size }, (): number[] => [])
  for (const [from, to] of edges) {
    open[to]! += 1
    readers[from]!.push(to)
  }
  const free = Array.from(open.keys()).filter((node) => open[node] === 0)
  for (const node of free) {
    for (const reader of readers[node]!) {
      open[reader]! -= 1
      if (open[reader] === 0) free.push(reader)
    }
  }
  return free.length === size
}

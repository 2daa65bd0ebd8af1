import type { Edge } from './dag.ts'

/** Nodes that edges connect, in whatever direction. */
export interface Component {
  /** Ascending. */
  readonly nodes: readonly number[]
  /** Indices of edges, ascending. */
  readonly edges: readonly number[]
}

export interface Components {
  /** The components with edges, by their smallest node. */
  readonly connected: readonly Component[]
  /** The nodes without edges, ascending. */
  readonly isolated: readonly number[]
}

export function components(size: number, edges: readonly Edge[]): Components {
  const parent = Int32Array.from({ length: size }, (_, node) => node)
  const rootOf = (node: number) => {
    let at = node
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }
  for (const [from, to] of edges) {
    const [a, b] = [rootOf(from), rootOf(to)]
    if (a < b) parent[b] = a
    else parent[a] = b
  }
  const edgesOf = new Map<number, number[]>()
  edges.forEach(([from], k) => {
    const root = rootOf(from)
    const known = edgesOf.get(root)
    if (known === undefined) edgesOf.set(root, [k])
    else known.push(k)
  })
  const nodesOf = new Map<number, number[]>()
  const isolated: number[] = []
  for (let node = 0; node < size; node++) {
    const root = rootOf(node)
    if (!edgesOf.has(root)) isolated.push(node)
    else if (root === node) nodesOf.set(root, [node])
    // A root is the smallest node of its component, so its list exists by now.
    else nodesOf.get(root)!.push(node)
  }
  const connected = [...nodesOf].map(([root, nodes]) => ({ nodes, edges: edgesOf.get(root)! }))
  return { connected, isolated }
}

import type { Asset, KindName } from '../model/asset.ts'
import type { Graph } from './graph.ts'

export interface LineageNode {
  readonly name: string
  readonly is: 'asset' | 'check'
  readonly kind: KindName | null
  readonly group: string | null
}

/** The part of a graph that a selection bits: nodes in topological order, edges between them. */
export interface Lineage {
  readonly nodes: readonly LineageNode[]
  /** Places in `nodes`: what is read, then what reads it. */
  readonly edges: readonly (readonly [from: number, to: number])[]
}

/** Levels of the text tree; what lies deeper is continued at the margin. */
const DEEPEST = 32

/** The marked nodes and the edges between them. `bits` has one entry for each node of the graph. */
export function lineageOf(
  graph: Graph,
  bits: Uint8Array,
  assets: ReadonlyMap<string, Asset>,
): Lineage {
  const nodes: LineageNode[] = []
  const edges: (readonly [number, number])[] = []
  const place = new Int32Array(graph.size).fill(-1)
  for (const index of graph.order) {
    if (bits[index] !== 1) continue
    const to = nodes.length
    place[index] = to
    const node = graph.node(index)
    const asset = node.is === 'asset' ? assets.get(node.name) : undefined
    nodes.push({ ...node, kind: asset?.kind ?? null, group: asset?.group ?? null })
    for (const input of graph.inputs(index)) {
      if (place[input] !== -1) edges.push([place[input]!, to])
    }
  }
  return { nodes, edges }
}

/**
 * A tree from what reads nothing down to what nothing reads. A node with several inputs stands in
 * full below the first of them; elsewhere it is followed by `…`.
 */
export function lineageText({ nodes, edges }: Lineage): string {
  const readers: number[][] = nodes.map(() => [])
  const isRoot = nodes.map(() => true)
  for (const [from, to] of edges) {
    readers[from]!.push(to)
    isRoot[to] = false
  }
  const lines: string[] = []
  const shown = nodes.map(() => false)
  const margin = nodes.flatMap((_, k) => (isRoot[k] ? [k] : []))
  // The queue grows while it is walked: chains that are too deep are continued as trees of their own.
  for (const root of margin) {
    const stack = [{ node: root, lead: '', branch: '', depth: 0 }]
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { node, lead, branch, depth } = top
      const below = readers[node]!
      const again = shown[node] && node !== root
      const cut = !again && depth >= DEEPEST && below.length > 0
      lines.push(
        `${lead}${branch}${nodes[node]!.name}${(again && below.length > 0) || cut ? ' …' : ''}`,
      )
      shown[node] = true
      if (again) continue
      if (cut) {
        margin.push(node)
        continue
      }
      const inner = branch === '' ? lead : `${lead}${branch === '└─ ' ? '   ' : '│  '}`
      for (let k = below.length - 1; k >= 0; k--) {
        const last = k === below.length - 1
        stack.push({ node: below[k]!, lead: inner, branch: last ? '└─ ' : '├─ ', depth: depth + 1 })
      }
    }
  }
  return lines.join('\n')
}

/** A Mermaid flowchart, left to right. */
export function lineageMermaid({ nodes, edges }: Lineage): string {
  return [
    'flowchart LR',
    ...nodes.map(({ name, is }, k) => {
      const label = `"${name.replaceAll('"', '#quot;')}"`
      return is === 'asset' ? `  n${k}[${label}]` : `  n${k}{{${label}}}`
    }),
    ...edges.map(([from, to]) => `  n${from} --> n${to}`),
  ].join('\n')
}

/** A Graphviz digraph, left to right. */
export function lineageDot({ nodes, edges }: Lineage): string {
  const quoted = nodes.map(({ name }) => JSON.stringify(name))
  return [
    'digraph assets {',
    '  rankdir=LR',
    ...nodes.map(({ is }, k) => `  ${quoted[k]} [shape=${is === 'asset' ? 'box' : 'hexagon'}]`),
    ...edges.map(([from, to]) => `  ${quoted[from]} -> ${quoted[to]}`),
    '}',
  ].join('\n')
}

/**
 * The lineage as graphology serialises a directed graph: `new DirectedGraph().import(json)` gives it
 * back with all that library's algorithms and layouts, and other tools read the format too.
 */
export async function lineageJson({ nodes, edges }: Lineage) {
  const { DirectedGraph } = await import('graphology')
  const lineage = new DirectedGraph()
  for (const { name, ...attributes } of nodes) lineage.addNode(name, attributes)
  for (const [from, to] of edges) {
    const [source, target] = [nodes[from]!.name, nodes[to]!.name]
    lineage.addEdgeWithKey(`${source} -> ${target}`, source, target)
  }
  return { schema: 'assets/graph/1', ...lineage.export() } as const
}

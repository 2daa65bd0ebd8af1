import type { DirectedGraph } from 'graphology'
import type { Asset, KindName } from '../model/asset.ts'
import type { Graph } from './graph.ts'
import { graphology, nodeKey } from './graphology.ts'

export interface LineageNode {
  readonly name: string
  readonly is: 'asset' | 'check'
  /** null for a check. */
  readonly kind: KindName | null
  readonly group: string | null
}

/**
 * The subgraph of a selection. Edges lead from a node to its readers. Nodes are in topological order,
 * and the edges into a node in the order of its declared inputs.
 */
export type Lineage = DirectedGraph<LineageNode & Record<string, unknown>>

/** Levels of the text tree. A deeper branch continues at the left margin. */
const MAX_DEPTH = 32

/** The selected nodes and the edges between them. `bits`: 1 for each selected node of `graph`. */
export function lineageOf(
  graph: Graph,
  bits: Uint8Array,
  assets: ReadonlyMap<string, Asset>,
): Lineage {
  const lineage: Lineage = new (graphology().DirectedGraph)()
  const keys = new Map<number, string>()
  for (const index of graph.order) {
    if (bits[index] !== 1) continue
    const key = nodeKey(lineage.order)
    const { name, is } = graph.node(index)
    const asset = is === 'asset' ? assets.get(name) : undefined
    lineage.addNode(key, { name, is, kind: asset?.kind ?? null, group: asset?.group ?? null })
    keys.set(index, key)
    for (const input of graph.inputs(index)) {
      const source = keys.get(input)
      if (source !== undefined) lineage.addDirectedEdge(source, key)
    }
  }
  return lineage
}

/**
 * A tree from the nodes without inputs down to those without readers. A node with several inputs is
 * printed with its readers below the first of them, and as `name …` below the others.
 */
export function lineageText(lineage: Lineage): string {
  const lines: string[] = []
  const shown = new Set<string>()
  const roots = lineage.filterNodes((node) => lineage.inDegree(node) === 0)
  // `roots` grows during the loop: a branch that is too deep continues as a tree at the margin.
  for (const root of roots) {
    const stack = [{ node: root, lead: '', branch: '', depth: 0 }]
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const { node, lead, branch, depth } = top
      const readers = lineage.outNeighbors(node)
      const isRepeated = shown.has(node) && node !== root
      const isTooDeep = !isRepeated && depth >= MAX_DEPTH && readers.length > 0
      const isShortened = (isRepeated && readers.length > 0) || isTooDeep
      const name = lineage.getNodeAttribute(node, 'name')
      lines.push(`${lead}${branch}${name}${isShortened ? ' …' : ''}`)
      shown.add(node)
      if (isRepeated) continue
      if (isTooDeep) {
        roots.push(node)
        continue
      }
      const inner = branch === '' ? lead : `${lead}${branch === '└─ ' ? '   ' : '│  '}`
      for (let k = readers.length - 1; k >= 0; k--) {
        const isLast = k === readers.length - 1
        const branch = isLast ? '└─ ' : '├─ '
        stack.push({ node: readers[k]!, lead: inner, branch, depth: depth + 1 })
      }
    }
  }
  return lines.join('\n')
}

/** A Mermaid flowchart, left to right. */
export function lineageMermaid(lineage: Lineage): string {
  return [
    'flowchart LR',
    ...lineage.mapNodes((node, { name, is }) => {
      const label = `"${name.replaceAll('"', '#quot;')}"`
      return is === 'asset' ? `  ${node}[${label}]` : `  ${node}{{${label}}}`
    }),
    ...lineage.mapEdges((_edge, _attributes, from, to) => `  ${from} --> ${to}`),
  ].join('\n')
}

/** A Graphviz digraph, left to right. */
export function lineageDot(lineage: Lineage): string {
  const quoted = (node: string) => JSON.stringify(lineage.getNodeAttribute(node, 'name'))
  const shape = ({ is }: LineageNode) => (is === 'asset' ? 'box' : 'hexagon')
  return [
    'digraph assets {',
    '  rankdir=LR',
    ...lineage.mapNodes((node, attributes) => `  ${quoted(node)} [shape=${shape(attributes)}]`),
    ...lineage.mapEdges((_edge, _attributes, from, to) => `  ${quoted(from)} -> ${quoted(to)}`),
    '}',
  ].join('\n')
}

/**
 * The lineage in graphology's JSON format, with names as keys. `new DirectedGraph().import(json)` reads
 * it, as do tools that support the format.
 */
export function lineageJson(lineage: Lineage) {
  const nameOf = (node: string) => lineage.getNodeAttribute(node, 'name')
  const { nodes, edges, ...rest } = lineage.export()
  return {
    schema: 'assets/graph/1',
    ...rest,
    nodes: nodes.map(({ key }) => {
      const { name, ...attributes } = lineage.getNodeAttributes(key)
      return { key: name, attributes }
    }),
    edges: edges.map(({ source, target }) => {
      const [from, to] = [nameOf(source), nameOf(target)]
      return { key: `${from} -> ${to}`, source: from, target: to }
    }),
  } as const
}

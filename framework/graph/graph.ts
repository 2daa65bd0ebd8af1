import { type Adjacency, resolve, reverse, targetsOf } from '../lib/adjacency.ts'
import type { NameTable } from '../lib/name-table.ts'
import { topologicalOrder } from '../lib/topological-order.ts'
import type { Asset } from '../model/asset.ts'
import type { Check } from '../model/definition.ts'
import { ok, type Result } from '../model/problem.ts'
import type { Project } from '../model/project.ts'
import { cycleProblems } from './cycles.ts'
import { gateEdges } from './gates.ts'

/** Numbers by name. */
type Index = Pick<ReadonlyMap<string, number>, 'get'>

export interface Node {
  readonly name: string
  readonly is: 'asset' | 'check'
}

/** What a graph is made of: names and typed arrays, nothing that a file could not hold. */
export interface GraphParts {
  /** Assets in declaration order, then checks. */
  readonly names: readonly string[]
  /** The assets' names as a table, where there is one. */
  readonly assets?: NameTable
  readonly assetCount: number
  /** What each node reads. */
  readonly inputs: Adjacency
  readonly readers: Adjacency
  /** Checks that must have passed before an asset may build; and the same from the checks' side. */
  readonly gates: Adjacency
  readonly gated: Adjacency
  readonly order: Int32Array
}

/**
 * The immutable asset graph. Nodes are numbers: assets first, in declaration order, then checks.
 * Lists of neighbours are views into shared arrays; don't write to them.
 */
export class Graph {
  readonly assetCount: number
  readonly size: number
  /** Every node, after its inputs and gates; otherwise in declaration order. */
  readonly order: Int32Array
  readonly parts: GraphParts
  readonly #index: Index

  constructor(parts: GraphParts, index: Index = indexNames(parts.names)) {
    this.parts = parts
    this.assetCount = parts.assetCount
    this.size = parts.order.length
    this.order = parts.order
    this.#index = index
  }

  get names(): readonly string[] {
    return this.parts.names
  }

  indexOf(name: string): number | undefined {
    return this.#index.get(name)
  }

  isCheck(i: number): boolean {
    return i >= this.assetCount
  }

  node(i: number): Node {
    return { name: this.names[i]!, is: this.isCheck(i) ? 'check' : 'asset' }
  }

  /** What an asset depends on, or all that a check reads, as declared. */
  inputs(i: number): Int32Array {
    return targetsOf(this.parts.inputs, i)
  }

  /** Assets, then checks, that read this asset. */
  readers(i: number): Int32Array {
    return targetsOf(this.parts.readers, i)
  }

  /**
   * Error-severity checks whose pass is needed before this asset may build: the ones that begin to
   * gate here. Those that gate an ancestor already hold it up through that ancestor.
   */
  gates(i: number): Int32Array {
    return targetsOf(this.parts.gates, i)
  }

  /** The topmost assets that this check gates. */
  gated(check: number): Int32Array {
    return targetsOf(this.parts.gated, check)
  }
}

/**
 * The graph of a project. Where its dependencies are known in columns and no check is among the nodes,
 * nothing is made that nobody asks for. Problems: those of `buildGraph`.
 */
export function graphOf(
  project: Pick<Project, 'assets' | 'assetTable'>,
  checks: readonly GraphCheck[],
): Result<Graph> {
  const { assetTable } = project
  if (checks.length > 0 || assetTable === undefined || assetTable.order === null) {
    return buildGraph(project.assets, checks)
  }
  const { names, inputs, order } = assetTable
  const none = { starts: new Int32Array(names.size + 1), targets: new Int32Array(0) }
  let readers: Adjacency | null = null
  const parts: GraphParts = {
    get names() {
      return names.texts
    },
    get readers() {
      readers ??= reverse(inputs)
      return readers
    },
    ...{ assets: names, assetCount: names.size, inputs, order, gates: none, gated: none },
  }
  const index = (name: string) => {
    const i = names.find(name)
    return i < 0 ? undefined : i
  }
  return ok(new Graph(parts, { get: index }))
}

export type GraphAsset = Pick<Asset, 'name' | 'deps' | 'file'>
export type GraphCheck = Pick<Check, 'name' | 'reads' | 'severity'>

/**
 * Builds the graph of assets and the checks that read them. Names must be unique. A dependency
 * that names no asset is left out here: whoever read the declaration reports it. Problems:
 * `cycle`, one for each group of assets that depend on each other, with every edge at its line.
 */
export function buildGraph(
  assets: readonly GraphAsset[],
  checks: readonly GraphCheck[],
): Result<Graph> {
  const names = [...assets.map(({ name }) => name), ...checks.map(({ name }) => name)]
  const index = indexNames(names)
  const assetIndex = checks.length === 0 ? index : indexNames(names.slice(0, assets.length))
  const inputs = resolve(
    [...assets.map(({ deps }) => deps), ...checks.map(({ reads }) => reads)],
    assetIndex,
  )
  const assetOrder = topologicalOrder(ascending(assets.length), [inputs])
  if (assetOrder === null) return { ok: false, problems: cycleProblems(assets, inputs) }

  const readers = reverse(inputs)
  const gating = checks.flatMap(({ severity }, k) =>
    severity === 'error' ? [assets.length + k] : [],
  )
  const gated = gateEdges(inputs, readers, assetOrder, gating)
  const gates = reverse(gated)
  const order = topologicalOrder(readingOrder(assets.length, inputs), [inputs, gates])
  if (order === null) throw new Error('gates closed a cycle')
  return ok(
    new Graph({ names, assetCount: assets.length, inputs, readers, gates, gated, order }, index),
  )
}

function indexNames(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, i) => [name, i]))
}

function ascending(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i)
}

/** Assets as declared, each followed by the checks of which it is the last declared input. */
function readingOrder(assetCount: number, inputs: Adjacency): Int32Array {
  const size = inputs.starts.length - 1
  const starts = new Int32Array(assetCount + 2)
  const slotOf = (check: number) =>
    targetsOf(inputs, check).reduce((a, b) => Math.max(a, b), -1) + 1
  for (let check = assetCount; check < size; check++) starts[slotOf(check) + 1]! += 1
  // Slot k holds the checks after asset k - 1 and then asset k itself.
  for (let slot = 0; slot <= assetCount; slot++) starts[slot + 1]! += starts[slot]!
  const order = new Int32Array(size)
  const next = starts.slice()
  for (let check = assetCount; check < size; check++) {
    const slot = slotOf(check)
    order[next[slot]! + slot] = check
    next[slot]! += 1
  }
  for (let asset = 0; asset < assetCount; asset++) order[starts[asset + 1]! + asset] = asset
  return order
}

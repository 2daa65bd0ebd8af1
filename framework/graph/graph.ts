import { type Adjacency, resolve, reverse, targetsOf } from '../lib/adjacency.ts'
import { topologicalOrder } from '../lib/topological-order.ts'
import type { Asset } from '../model/asset.ts'
import type { Check } from '../model/definition.ts'
import { ok, type Result } from '../model/problem.ts'
import type { AssetTable } from '../model/tables/asset-table.ts'
import { cycleProblems } from './cycles.ts'
import { gateEdges } from './gates.ts'

/** Node numbers by name. */
type Index = Pick<ReadonlyMap<string, number>, 'get'>

export interface Node {
  readonly name: string
  readonly is: 'asset' | 'check'
}

/** The data of a graph: names and typed arrays. */
export interface GraphParts {
  /** Assets in declaration order, then checks. */
  readonly names: readonly string[]
  readonly assetCount: number
  /** The inputs of each node. */
  readonly inputs: Adjacency
  readonly readers: Adjacency
  /** The checks that gate each asset, and the assets that each check gates. */
  readonly gates: Adjacency
  readonly gated: Adjacency
  readonly order: Int32Array
}

/**
 * The immutable asset graph. Nodes are numbers: assets in declaration order, then checks. Lists of
 * neighbours are views into shared arrays; don't write to them.
 */
export class Graph {
  readonly assetCount: number
  readonly size: number
  /** A topological order: every node after its inputs and gates, otherwise in declaration order. */
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

  /** The dependencies of an asset or the assets that a check reads, in declared order. */
  inputs(i: number): Int32Array {
    return targetsOf(this.parts.inputs, i)
  }

  /** The assets, then the checks, that read this asset. */
  readers(i: number): Int32Array {
    return targetsOf(this.parts.readers, i)
  }

  /**
   * The checks that must pass before this asset may build, except those that already gate one of its
   * ancestors: it waits for that ancestor anyway.
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
 * The graph of a project. Without checks it is made of the asset table alone, and names and readers
 * only when they are asked for. Problems: those of `buildGraph`.
 */
export function graphOf(assets: AssetTable, checks: readonly GraphCheck[]): Result<Graph> {
  const { names, inputs, order } = assets.arrays
  if (checks.length > 0 || order === null) return buildGraph(assets.all, checks)
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
    assetCount: names.size,
    inputs,
    order,
    gates: none,
    gated: none,
  }
  const index = (name: string) => {
    const i = names.find(name)
    return i < 0 ? undefined : i
  }
  return ok(new Graph(parts, { get: index }))
}

/** The nodes of a project whose edges have a cycle, for what depends on names alone. */
export function graphWithoutEdges(assets: AssetTable): Graph {
  const graph = buildGraph(
    assets.all.map((asset) => ({ ...asset, deps: [] })),
    [],
  )
  if (!graph.ok) throw new Error('a graph without edges has a cycle')
  return graph.value
}

export type GraphAsset = Pick<Asset, 'name' | 'deps' | 'file'>
export type GraphCheck = Pick<Check, 'name' | 'reads' | 'severity'>

/**
 * Builds the graph of assets and checks. Names must be unique. A dependency on an unknown name is
 * ignored: `config/` reports those. Problems: `cycle`, one for each group of assets that all depend on
 * each other, with every edge at its line.
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
  if (order === null) throw new Error('the gates close a cycle')
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

/** Assets in declaration order, each followed by the checks whose last input it is. */
function readingOrder(assetCount: number, inputs: Adjacency): Int32Array {
  const size = inputs.starts.length - 1
  const starts = new Int32Array(assetCount + 2)
  const positionOf = (check: number) =>
    targetsOf(inputs, check).reduce((a, b) => Math.max(a, b), -1) + 1
  for (let check = assetCount; check < size; check++) starts[positionOf(check) + 1]! += 1
  // Position k has the checks after asset k - 1, followed by asset k.
  for (let k = 0; k <= assetCount; k++) starts[k + 1]! += starts[k]!
  const order = new Int32Array(size)
  const next = starts.slice()
  for (let check = assetCount; check < size; check++) {
    const k = positionOf(check)
    order[next[k]! + k] = check
    next[k]! += 1
  }
  for (let asset = 0; asset < assetCount; asset++) order[starts[asset + 1]! + asset] = asset
  return order
}

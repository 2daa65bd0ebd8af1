import type { Graph } from '../graph/graph.ts'
import { hash } from '../lib/hash.ts'
import type { KindName } from '../model/asset.ts'
import type { Definition } from '../model/definition.ts'
import type { Problem } from '../model/problem.ts'
import type { ColumnDifference, Rebuilt } from '../model/rebuilt.ts'
import { type Decisions, factsOf } from '../staleness/fold.ts'
import type { World } from '../staleness/world.ts'

/** Something that is not verified, and why. */
export interface LeftOut {
  readonly asset: string
  readonly because: string
}

export interface Candidates {
  /** Indices of fresh assets that can be built elsewhere, in topological order. */
  readonly fit: readonly number[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Of the selection, what can be verified: what is fresh against what is there, so that its inputs still
 * hold the recorded versions (SEMANTICS 23). `decisions` are those of a command that builds nothing;
 * `unable` says of a kind why it can't build in scratch. Pure.
 */
export function candidatesOf(
  world: World,
  decisions: Decisions,
  selected: ReadonlySet<string>,
  unable: ReadonlyMap<KindName, string>,
): Candidates {
  const fit: number[] = []
  const leftOut: LeftOut[] = []
  for (const index of world.graph.order) {
    const name = world.graph.names[index]!
    if (world.graph.isCheck(index) || !selected.has(name)) continue
    const { asset, definition, record } = factsOf(world, name)
    const unfit = neverVerified(asset.kind, definition, unable)
    if (unfit !== null) leftOut.push({ asset: name, because: unfit })
    else if (decisions.verdicts[index]!.state !== 'fresh' || record === null) {
      leftOut.push({ asset: name, because: 'not fresh' })
    } else fit.push(index)
  }
  return { fit, leftOut }
}

function neverVerified(
  kind: KindName,
  definition: Definition | null,
  unable: ReadonlyMap<KindName, string>,
): string | null {
  const why = unable.get(kind)
  if (why !== undefined) return why
  if (definition?.form === 'ephemeral') return 'ephemeral: part of what reads it'
  if (definition?.accumulates === 'snapshot') return 'a snapshot: its history is nowhere else'
  return null
}

/** A share of the names, chosen by the seed alone and in the order given; at least one of them. Pure. */
export function sampleOf<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  share: number,
  seed: number,
): readonly T[] {
  const wanted = Math.ceil(items.length * share)
  if (wanted >= items.length) return items
  const drawn = items
    .map((item, at) => ({ at, ticket: hash(String(seed), nameOf(item)) }))
    .sort((a, b) => (a.ticket < b.ticket ? -1 : 1))
    .slice(0, wanted)
  const chosen = new Set(drawn.map(({ at }) => at))
  return items.filter((_, at) => chosen.has(at))
}

/** The nodes in groups, the first first, such that none reads another of its own, however far. Pure. */
export function levelsOf(graph: Graph, indices: readonly number[]): readonly (readonly number[])[] {
  const depth = new Int32Array(graph.size)
  for (const index of graph.order) {
    for (const input of graph.inputs(index))
      depth[index] = Math.max(depth[index]!, depth[input]! + 1)
  }
  const levels = new Map<number, number[]>()
  for (const index of indices) {
    const level = levels.get(depth[index]!)
    if (level === undefined) levels.set(depth[index]!, [index])
    else level.push(index)
  }
  return [...levels].sort(([a], [b]) => a - b).map(([, level]) => level)
}

export type FindingName =
  /** Built twice, it gave what is there. */
  | 'sound'
  /** Both builds agree, and what is there is something else: fresh was a lie. */
  | 'false_fresh'
  /** Two builds from the same inputs gave two contents. */
  | 'not_deterministic'
  /** Built on top of itself over time, it is not what a build from nothing gives. */
  | 'differs_from_full_build'
  /** It could not be built or read. */
  | 'failed'

export interface Finding {
  readonly asset: string
  readonly finding: FindingName
  readonly columns: readonly ColumnDifference[] | null
  readonly rows: { readonly stored: number; readonly rebuilt: number } | null
  readonly problem: Problem | null
}

/** What a rebuild says about an asset. Pure. */
export function findingOf(
  asset: string,
  definition: Definition,
  rebuilt: Exclude<Rebuilt, { is: 'left_out' }>,
): Finding {
  if (rebuilt.is === 'failed') {
    return { asset, finding: 'failed', columns: null, rows: null, problem: rebuilt.problem }
  }
  const [stored, first, second] = rebuilt.versions
  const finding = judgement(definition, stored, first, second)
  const rows =
    rebuilt.rows === null
      ? null
      : finding === 'not_deterministic'
        ? { stored: rebuilt.rows[1], rebuilt: rebuilt.rows[2] }
        : { stored: rebuilt.rows[0], rebuilt: rebuilt.rows[1] }
  return { asset, finding, columns: rebuilt.differing, rows, problem: null }
}

function judgement(
  { accumulates, clock }: Definition,
  stored: string,
  first: string,
  second: string,
): FindingName {
  if (first !== second) return 'not_deterministic'
  if (first === stored) return 'sound'
  if (accumulates === 'incremental') return 'differs_from_full_build'
  // It says something else at another time, by its own code.
  return clock ? 'not_deterministic' : 'false_fresh'
}

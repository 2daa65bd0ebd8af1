import type { Graph } from '../graph/graph.ts'
import { hash } from '../lib/hash.ts'
import type { KindName } from '../model/asset.ts'
import type { Definition } from '../model/definition.ts'
import { isFunctionRelation } from '../model/function-relation.ts'
import type { Problem } from '../model/problem.ts'
import type { ColumnDifference, Rebuilt } from '../model/rebuilt.ts'
import { databaseOf } from '../model/relation-name.ts'
import type { Decisions } from '../staleness/decide-all.ts'
import type { World } from '../staleness/world.ts'

/** An asset that is not verified, and why. */
export interface LeftOut {
  readonly asset: string
  readonly because: string
}

export interface Candidates {
  /** Fresh assets that can be built in scratch, in topological order. */
  readonly fit: readonly number[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * The assets of a selection that can be verified: those that are fresh, so that their inputs still
 * hold the recorded versions (SEMANTICS 23). `decisions`: of a command that builds nothing.
 * `unverifiable`: why a kind can't build in scratch, by kind. Pure.
 */
export function candidatesOf(
  world: World,
  decisions: Decisions,
  selected: ReadonlySet<string>,
  unverifiable: ReadonlyMap<KindName, string>,
): Candidates {
  const fit: number[] = []
  const leftOut: LeftOut[] = []
  for (const i of world.graph.order) {
    const asset = world.name(i)
    if (world.graph.isCheck(i) || !selected.has(asset)) continue
    const because =
      unverifiable.get(world.kind(i)) ??
      neverVerified(world.definition(i)) ??
      notAsBuilt(world, decisions, i)
    if (because === null) fit.push(i)
    else leftOut.push({ asset, because })
  }
  return { fit, leftOut }
}

function neverVerified(definition: Definition | null): string | null {
  if (definition?.form === 'ephemeral') return 'ephemeral: part of its readers'
  if (isFunctionRelation(definition?.relation ?? null)) return 'a function: it holds no rows'
  const database = databaseOf(definition?.relation ?? null)
  if (database !== null) return `it is in another database, ${database}`
  if (definition?.accumulates === 'snapshot') return 'a snapshot: its history exists nowhere else'
  return null
}

/** Why the inputs of an asset, as they are now, need not give what it holds; null if they must. */
function notAsBuilt(world: World, { verdicts, settled }: Decisions, i: number): string | null {
  const verdict = verdicts[i]!
  if (verdict.state === 'stale') {
    const reasons = new Set(verdict.reasons.map(({ reason }) => reason))
    return `not fresh: ${[...reasons].join(', ')}`
  }
  if (verdict.state !== 'fresh') return `not fresh: ${verdict.state}`
  const { record } = world.facts(i)
  if (record === null) return 'not fresh: never built'
  // Of what was never built here, a person said that its inputs made it: that can be verified.
  if (record.how === 'adopted' && record.because === undefined)
    return 'adopted: its inputs did not make what it holds'
  const isBroken = Array.from(world.graph.inputs(i)).some((at) => settled[at]!.state === 'absent')
  return isBroken ? 'not fresh: an input does not exist' : null
}

/** A share of the items, at least one, drawn by the seed; keeps their order. Pure. */
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

/** The nodes in groups, in topological order: no node reads another node of its group. Pure. */
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
  /** Both builds gave the stored content. */
  | 'sound'
  /** Both builds gave the same content, and it is not the stored one: the verdict was wrong. */
  | 'false_fresh'
  /** The two builds gave different content. */
  | 'not_deterministic'
  /** An incremental asset that a full build would make differently. */
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

/** What the two rebuilds of an asset show. Pure. */
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
  // Its code depends on the current time.
  return clock ? 'not_deterministic' : 'false_fresh'
}

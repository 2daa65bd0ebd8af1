import type { KindName } from '../model/asset.ts'
import type { Definition } from '../model/definition.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Settled } from '../model/version.ts'
import type { AssetFacts } from './asset-facts.ts'
import { type CheckFacts, decideCheck } from './checks.ts'
import { decide } from './decide.ts'
import { buildsInFull, isAdopted } from './full-refresh.ts'
import type { Input } from './reasons.ts'
import { settle } from './settle.ts'
import { UnchangedFastPath } from './unchanged-fast-path.ts'
import type { Request, World } from './world.ts'

/** What is known of every node of a graph at one moment: filled in topological order. */
export interface Decisions {
  readonly verdicts: readonly Verdict[]
  readonly settled: readonly Settled[]
}

const FRESH: Verdict = { state: 'fresh' }
const NO_DATA: Settled = { state: 'unknown' }

/** The facts of one asset out of a world. */
export function factsOf(world: World, name: string): AssetFacts {
  const asset = world.assets.get(name)
  if (asset === undefined) throw new Error(`no asset ${name} in this world`)
  return {
    asset,
    definition: world.definitions.get(name) ?? null,
    record: world.state.records.get(name) ?? null,
    journal: world.state.journal.get(name) ?? null,
    forced: world.state.forced.get(name) ?? null,
    observation: world.observations.get(name) ?? null,
    lastObserved: world.state.observed.get(name) ?? null,
  }
}

/** The facts of one check out of a world. */
function checkFactsOf(world: World, name: string): CheckFacts {
  const check = world.checks.get(name)
  if (check === undefined) throw new Error(`no check ${name} in this world`)
  return {
    check,
    result: world.state.checks.get(name) ?? null,
    journal: world.state.journal.get(name) ?? null,
    forced: world.state.forced.get(name) ?? null,
  }
}

/** The kind that builds an asset or runs a check. */
export function kindOf(world: World, index: number): KindName {
  const name = world.graph.names[index]!
  const kind = world.assets.get(name)?.kind ?? world.checks.get(name)?.kind
  if (kind === undefined) throw new Error(`${name} is neither an asset nor a check`)
  return kind
}

/** A node's direct inputs as they stand in `settled`. */
export function inputsOf(world: World, index: number, settled: readonly Settled[]): Input[] {
  const { graph, inlined } = world
  const inputs: Input[] = []
  for (const input of graph.inputs(index)) {
    const name = graph.names[input]!
    inputs.push({ name, settled: settled[input]!, inlined: inlined.get(name) ?? null })
  }
  return inputs
}

/** One node's verdict and version, given those of its inputs. Units are the caller's matter. */
export function judge(
  world: World,
  request: Request,
  index: number,
  known: Decisions,
  shared: string | null,
): { verdict: Verdict; settled: Settled } {
  const name = world.graph.names[index]!
  const inputs = inputsOf(world, index, known.settled)
  if (world.graph.isCheck(index)) {
    const verdict = decideCheck(checkFactsOf(world, name), inputs, request.purpose)
    return { verdict: orWaiting(world, request, index, verdict, known), settled: NO_DATA }
  }
  const facts = factsOf(world, name)
  const verdict = decide(facts, inputs, request.now, shared)
  const remembered = world.state.remembered.get(name)
  const settled = settle(facts, verdict, inputs, {
    now: request.now,
    ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
    inRun: request.inRun(index),
    inlined: world.inlined.get(name) ?? null,
    remembered: (key) => remembered?.get(key),
  })
  return { verdict, settled }
}

/** Verdicts and versions of a whole graph as they stand before anything is built. Pure. */
export function fold(world: World, request: Request): Decisions {
  const { graph } = world
  const verdicts = new Array<Verdict>(graph.size)
  const settled = new Array<Settled>(graph.size)
  const shared = staleUnits(world, request)
  const quiet = UnchangedFastPath.of(world)
  for (const index of graph.order) {
    if (quiet?.holds(index) === true) {
      verdicts[index] = FRESH
      settled[index] = quiet.settledAt(index)
      continue
    }
    const unit = world.definitions.get(graph.names[index]!)?.unit ?? null
    const member = unit === null ? undefined : shared.get(unit)
    const because = member === undefined || member === graph.names[index] ? null : member
    const judged = judge(world, request, index, { verdicts, settled }, because)
    verdicts[index] = judged.verdict
    settled[index] = judged.settled
    quiet?.told(index, judged.settled)
  }
  return { verdicts, settled }
}

/**
 * The first stale member, inside the run, of each unit (SEMANTICS 11): one call builds them all, so
 * the others are built with it. Members read nothing but their source, so they can be judged first.
 * Drift that is adopted asks for no call.
 */
export function staleUnits(world: World, request: Request): ReadonlyMap<string, string> {
  const stale = new Map<string, string>()
  for (const definition of peculiar(world)) {
    const { unit, asset: name } = definition
    if (unit === null || stale.has(unit)) continue
    const index = world.graph.indexOf(name)
    if (index === undefined || !request.inRun(index)) continue
    const facts = factsOf(world, name)
    const verdict = decide(facts, [], request.now, null)
    if (verdict.state === 'stale' && !isAdopted(facts.asset, definition, verdict.reasons)) {
      stale.set(unit, name)
    }
  }
  return stale
}

/**
 * The request with the rest of each unit that has a stale member in it: the call for the one builds
 * the others too, selected or not, so they are begun and committed with it (SEMANTICS 11).
 */
export function withUnits(world: World, request: Request): Request {
  const stale = staleUnits(world, request)
  if (stale.size === 0) return request
  const joined = new Set<number>()
  for (const { unit, asset } of peculiar(world)) {
    const index = world.graph.indexOf(asset)
    if (unit !== null && stale.has(unit) && index !== undefined) joined.add(index)
  }
  return { ...request, inRun: (index) => request.inRun(index) || joined.has(index) }
}

/** Definitions that say more than a code version, as units and virtual assets do. */
export function* peculiar({ graph, codes, definitions }: World): Generator<Definition> {
  for (let index = 0; index < graph.assetCount; index++) {
    if (codes.known[index] === 1) continue
    const definition = definitions.get(graph.names[index]!)
    if (definition !== undefined) yield definition
  }
}

/** Whether a stale asset of this world is built in full (SEMANTICS 10). */
export function isFullBuild(world: World, index: number, verdict: Verdict): boolean {
  if (world.graph.isCheck(index)) return false
  if (verdict.state !== 'stale') return true
  return buildsInFull(factsOf(world, world.graph.names[index]!), verdict.reasons)
}

/** A check that has to run but reads something neither fresh nor in the run is `waiting`. */
function orWaiting(
  world: World,
  request: Request,
  index: number,
  verdict: Verdict,
  known: Decisions,
): Verdict {
  if (verdict.state !== 'stale' && verdict.state !== 'pending') return verdict
  const on: string[] = []
  for (const input of world.graph.inputs(index)) {
    if (request.inRun(input) || known.verdicts[input]!.state === 'fresh') continue
    on.push(world.graph.names[input]!)
  }
  return on.length === 0 ? verdict : { state: 'waiting', on }
}

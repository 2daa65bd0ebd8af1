import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import type { Version } from '../model/version.ts'
import type { Decisions } from './fold.ts'
import type { World } from './world.ts'

/** One asset or check in a chain of causes. */
export interface Explanation {
  readonly name: string
  readonly verdict: Verdict
  readonly reasons: readonly Reason[]
  readonly causes: readonly string[]
  readonly last: Materialization | CheckResult | null
  /** The version that the node below had seen, when it is not the present one. */
  readonly seen: Version | null
}

/** Why a past build ran; null when that is not known any more. */
export type History = (name: string, run: number) => readonly Reason[] | null

/**
 * Everything that explains a node's verdict, in topological order, the node itself last. For what is
 * fresh the reasons are those of its last build. A virtual asset has none of its own: it hands on to
 * the inputs that moved under it. Pure.
 */
export function explain(
  world: World,
  decisions: Decisions,
  name: string,
  history: History,
): readonly Explanation[] {
  const nodes = new Map<string, Explanation>()
  const open: { name: string; seen: Version | null; moved: readonly string[] }[] = [
    { name, seen: null, moved: [] },
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const index = world.graph.indexOf(next.name)
    if (index === undefined || nodes.has(next.name)) continue
    const verdict = decisions.verdicts[index]!
    const last = world.state.records.get(next.name) ?? world.state.checks.get(next.name) ?? null
    // A virtual asset that only shows what moved under it has no reasons of its own.
    const reasons = next.moved.length > 0 ? [] : reasonsOf(verdict, last, next.name, history)
    const explains = explainedBy(world, next.name, verdict, reasons, next.moved)
    nodes.set(next.name, {
      name: next.name,
      verdict,
      reasons,
      causes: explains.map((cause) => cause.name),
      last,
      seen: next.seen,
    })
    open.push(...explains.reverse())
  }
  const position = new Map(
    [...world.graph.order].map((index, at) => [world.graph.names[index]!, at]),
  )
  return [...nodes.values()].sort((a, b) => position.get(a.name)! - position.get(b.name)!)
}

function reasonsOf(
  verdict: Verdict,
  last: Materialization | CheckResult | null,
  name: string,
  history: History,
): readonly Reason[] {
  if (verdict.state === 'stale') return verdict.reasons
  if (verdict.state === 'fresh' && last !== null) return history(name, last.run) ?? []
  return []
}

/** What explains a node further; `moved` are the inputs that moved under a virtual asset. */
function explainedBy(
  world: World,
  name: string,
  verdict: Verdict,
  reasons: readonly Reason[],
  moved: readonly string[],
): { name: string; seen: Version | null; moved: readonly string[] }[] {
  if (moved.length > 0) return moved.map((one) => ({ name: one, seen: null, moved: [] }))
  if (verdict.state === 'pending' || verdict.state === 'waiting') {
    return verdict.on.map((one) => ({ name: one, seen: null, moved: openUnder(world, one) }))
  }
  const last = world.state.records.get(name) ?? world.state.checks.get(name)
  const recorded = last?.inputs
  const run = last?.run
  return reasons.flatMap((reason) => {
    if (reason.asset === undefined || reason.asset === name) return []
    const input = recorded?.find((one) => one.name === reason.asset)
    const under = input?.under ?? []
    const moved =
      verdict.state === 'stale'
        ? under.filter((one) => isOther(world, one.name, one.version)).map((one) => one.name)
        : movedBefore(
            world,
            under.map((one) => one.name),
            run ?? 0,
          )
    return [{ name: reason.asset, seen: reason.from ?? null, moved }]
  })
}

/**
 * Of what a view shows, what had moved when a past run saw the view change: what that run built, or
 * else what was built last before it.
 */
function movedBefore(world: World, names: readonly string[], run: number): readonly string[] {
  const built = names.flatMap((name) => {
    const record = world.state.records.get(name)
    const isMoved = record !== undefined && record.how !== 'unchanged' && record.run <= run
    return isMoved && !isVirtual(world, name) ? [record] : []
  })
  const latest = built.reduce((newest, record) => Math.max(newest, record.run), 0)
  return built.filter((record) => record.run === latest).map((record) => record.asset)
}

function isVirtual(world: World, name: string): boolean {
  const form = world.definitions.get(name)?.form
  return form === 'view' || form === 'ephemeral'
}

/** A view that is waited for hands on to what it reads. */
function openUnder(world: World, name: string): readonly string[] {
  const index = world.graph.indexOf(name)
  if (index === undefined || !isVirtual(world, name)) return []
  return Array.from(world.graph.inputs(index), (input) => world.graph.names[input]!)
}

function isOther(world: World, name: string, version: Version | null): boolean {
  const now = world.state.records.get(name)?.dataVersion
  return now !== undefined && now !== version
}

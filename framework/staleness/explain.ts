import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import type { Version } from '../model/version.ts'
import type { Decisions } from './decide-all.ts'
import type { World } from './world.ts'

/** One asset or check in a chain of causes. */
export interface Explanation {
  readonly name: string
  readonly verdict: Verdict
  readonly reasons: readonly Reason[]
  readonly causes: readonly string[]
  readonly last: Materialization | CheckResult | null
  /** The version that its reader in the chain was built from, if it is not the current one. */
  readonly seen: Version | null
}

/** The reasons of a past build; null if they are not recorded any more. */
export type History = (name: string, run: number) => readonly Reason[] | null

/** A node of the chain that is still to be explained. */
interface Cause {
  readonly name: string
  readonly seen: Version | null
  /** Of a virtual asset: the inputs that changed below it. */
  readonly moved: readonly string[]
}

/**
 * Everything that explains a node's verdict, in topological order, the node itself last. A fresh node
 * has the reasons of its last build. A virtual asset that only shows a change has no reasons: its
 * causes are the inputs that changed. Pure.
 */
export function explain(
  world: World,
  decisions: Decisions,
  name: string,
  history: History,
): readonly Explanation[] {
  const nodes = new Map<string, Explanation>()
  const open: Cause[] = [{ name, seen: null, moved: [] }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const i = world.graph.indexOf(next.name)
    if (i === undefined || nodes.has(next.name)) continue
    const verdict = decisions.verdicts[i]!
    const last = world.last(i)
    const reasons = next.moved.length > 0 ? [] : reasonsOf(verdict, last, next.name, history)
    const causes = causesOf(world, i, verdict, reasons, next.moved)
    nodes.set(next.name, {
      name: next.name,
      verdict,
      reasons,
      causes: causes.map((cause) => cause.name),
      last,
      seen: next.seen,
    })
    open.push(...causes.reverse())
  }
  const position = new Map([...world.graph.order].map((i, at) => [world.name(i), at]))
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

function causesOf(
  world: World,
  i: number,
  verdict: Verdict,
  reasons: readonly Reason[],
  moved: readonly string[],
): Cause[] {
  if (moved.length > 0) return moved.map((one) => ({ name: one, seen: null, moved: [] }))
  if (verdict.state === 'pending' || verdict.state === 'waiting') {
    return verdict.on.map((one) => ({ name: one, seen: null, moved: inputsBelow(world, one) }))
  }
  const last = world.last(i)
  return reasons.flatMap((reason) => {
    if (reason.asset === undefined || reason.asset === world.name(i)) return []
    const input = last?.inputs.find((one) => one.name === reason.asset)
    const under = input?.under ?? []
    const moved =
      verdict.state === 'stale'
        ? under.filter((one) => isOther(world, one.name, one.version)).map((one) => one.name)
        : movedBefore(
            world,
            under.map((one) => one.name),
            last?.run ?? 0,
          )
    return [{ name: reason.asset, seen: reason.from ?? null, moved }]
  })
}

/**
 * Of the assets that a view shows, those that had changed when a past run saw the view change: the
 * ones that this run built, or else the ones built last before it.
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
  const i = world.graph.indexOf(name)
  return i !== undefined && world.isVirtual(i)
}

/** The inputs of a virtual asset that something waits for. */
function inputsBelow(world: World, name: string): readonly string[] {
  const i = world.graph.indexOf(name)
  if (i === undefined || !world.isVirtual(i)) return []
  return Array.from(world.graph.inputs(i), (input) => world.name(input))
}

function isOther(world: World, name: string, version: Version | null): boolean {
  const now = world.state.records.get(name)?.dataVersion
  return now !== undefined && now !== version
}

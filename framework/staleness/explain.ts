import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import type { Version } from '../model/version.ts'
import type { Decisions } from './decide-all.ts'
import { type Moved, movedBelow, movedInRun } from './moved-below.ts'
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
  /** Of a virtual asset that changed in itself, without a build that has reasons. */
  readonly root: 'code' | 'always_new' | null
}

/** The reasons of a past build; null if they are not recorded any more. */
export type History = (name: string, run: number) => readonly Reason[] | null

/** A node of the chain that is still to be explained. */
interface Cause {
  readonly name: string
  readonly seen: Version | null
  /** What changed below the virtual assets of one reader; empty if it reads none of them. */
  readonly moved: ReadonlyMap<string, Moved>
}

const NOTHING_MOVED: ReadonlyMap<string, Moved> = new Map()

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
  // A virtual asset can show one reader other changes than another reader: it is explained for each.
  const done = new Map<string, Set<Cause['moved']>>()
  const below = memoized(world, decisions)
  const open: Cause[] = [{ name, seen: null, moved: NOTHING_MOVED }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const i = world.graph.indexOf(next.name)
    if (i === undefined) continue
    const before = done.get(next.name) ?? new Set()
    const moved = next.moved.has(next.name) ? next.moved : NOTHING_MOVED
    if (before.has(moved)) continue
    done.set(next.name, before.add(moved))
    const verdict = decisions.verdicts[i]!
    const last = world.last(i)
    const shows = moved.get(next.name)
    const hasReasons = shows === undefined || shows.own === 'installed'
    const reasons = hasReasons ? reasonsOf(verdict, last, next.name, history) : []
    const causes = [
      ...causesOf(world, below, i, verdict, reasons),
      ...(shows?.below ?? []).map((one) => ({
        name: one,
        seen: shows?.seen.get(one) ?? null,
        moved,
      })),
    ]
    const known = nodes.get(next.name)
    nodes.set(next.name, {
      name: next.name,
      verdict,
      reasons: merged(known?.reasons, reasons),
      causes: merged(
        known?.causes,
        causes.map((cause) => cause.name),
      ),
      last,
      seen: known?.seen ?? next.seen,
      root: known?.root ?? (shows === undefined || shows.own === 'installed' ? null : shows.own),
    })
    open.push(...causes.reverse())
  }
  const position = new Map([...world.graph.order].map((i, at) => [world.name(i), at]))
  return [...nodes.values()].sort((a, b) => position.get(a.name)! - position.get(b.name)!)
}

function merged<T>(known: readonly T[] = [], more: readonly T[]): readonly T[] {
  return [...new Set([...known, ...more])]
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

type Below = (reader: number, input: string) => ReadonlyMap<string, Moved>

/** What changed below each input of each node, computed once. */
function memoized(world: World, decisions: Decisions): Below {
  const known = new Map<string, ReadonlyMap<string, Moved>>()
  return (reader, name) => {
    const key = `${reader} ${name}`
    const before = known.get(key)
    if (before !== undefined) return before
    const last = world.last(reader)
    const input = last?.inputs.find((one) => one.name === name)
    const moved =
      last === null || input === undefined
        ? NOTHING_MOVED
        : movedBelow(world, decisions, input, last.run)
    known.set(key, moved)
    return moved
  }
}

function causesOf(
  world: World,
  below: Below,
  i: number,
  verdict: Verdict,
  reasons: readonly Reason[],
): Cause[] {
  if (verdict.state === 'pending' || verdict.state === 'waiting') {
    return verdict.on.map((name) => ({ name, seen: null, moved: below(i, name) }))
  }
  return reasons.flatMap(({ asset, from, moved }) => {
    if (asset === undefined || asset === world.name(i)) return []
    const shown =
      verdict.state === 'stale'
        ? below(i, asset)
        : movedInRun(world, asset, moved ?? [], world.last(i)!.run)
    return [{ name: asset, seen: from ?? null, moved: shown }]
  })
}

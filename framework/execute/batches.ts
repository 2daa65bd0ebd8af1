import type { KindName } from '../model/asset.ts'
import type { BatchStep } from '../ports/batch.ts'
import { factsOf, isFullBuild, kindOf } from '../staleness/fold.ts'
import { freshSince } from '../staleness/freshness.ts'
import { gatePassed, stoppedBy } from './next-action.ts'
import { claimsOf, type Pools, withoutPlace } from './pools.ts'
import type { RunState } from './run-state.ts'

/**
 * The largest set of candidates of one kind that a single call can serve: every input of a member has
 * its last word or is a member, and so has every gate. `candidates` come in topological order. Pure.
 */
export function joinBatch(runState: RunState, candidates: readonly number[]): readonly number[] {
  const joined = new Set<number>()
  for (const index of candidates) {
    if (mayStart(runState, index, joined)) joined.add(index)
  }
  return [...joined]
}

/**
 * The part of `joinBatch` for which there is room in its pools: of each pool the steps with the longest
 * way to go, so what is left out holds up as little as may be. Pure.
 */
export function joinWithin(
  runState: RunState,
  candidates: readonly number[],
  pools: Pools,
  remaining: Float64Array,
): readonly number[] {
  const batch = joinBatch(runState, candidates)
  const longest = (steps: readonly number[]) => Math.max(...steps.map((index) => remaining[index]!))
  // Ties keep the topological order, and an ancestor's way is never shorter: none is left behind.
  const claims = claimsOf(runState, batch).toSorted((a, b) => longest(b.steps) - longest(a.steps))
  const left = new Set(withoutPlace(claims, pools).flatMap(({ steps }) => steps))
  if (left.size === 0) return batch
  return joinBatch(
    runState,
    candidates.filter((index) => !left.has(index)),
  )
}

/** Whether a candidate may start, alone or together with what has `joined` its batch. */
export function mayStart(runState: RunState, index: number, joined: ReadonlySet<number>): boolean {
  const { graph, definitions } = runState.world
  if (!graph.isCheck(index) && !definitions.has(runState.name(index))) return false
  // An ephemeral is part of the statement that names it: what it waits for is all there is to wait for.
  const open = [index]
  const seen = new Set<number>()
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const input of graph.inputs(at)) {
      if (joined.has(input) || seen.has(input)) continue
      if (runState.phase[input] === 'final') {
        if (stoppedBy(runState, input) !== null) return false
        continue
      }
      if (definitions.get(runState.name(input))?.form !== 'ephemeral') return false
      seen.add(input)
      open.push(input)
    }
    for (const gate of graph.gates(at)) {
      if (!gatePassed(runState, gate) && !joined.has(gate)) return false
    }
  }
  return true
}

/** Whether one of these candidates reads what a batch of another kind is building now. Pure. */
export function awaitsOther(
  runState: RunState,
  candidates: readonly number[],
  kind: KindName,
): boolean {
  const building = (input: number) =>
    runState.phase[input] === 'running' && kindOf(runState.world, input) !== kind
  return candidates.some((index) => runState.world.graph.inputs(index).some(building))
}

/** What a kind is told about one step. */
export function batchStep(runState: RunState, index: number): BatchStep {
  const name = runState.name(index)
  const verdict = runState.verdict[index]!
  const reasons = verdict.state === 'stale' ? verdict.reasons : []
  const full = isFullBuild(runState.world, index, verdict)
  const check = runState.world.checks.get(name)
  if (check !== undefined) {
    return { name, action: 'check', full, reasons, subject: { is: 'check', check } }
  }
  const { asset, definition, record, journal } = factsOf(runState.world, name)
  if (definition === null) throw new Error(`${name} was started without a definition`)
  const freshness = asset.policy.freshness ?? definition.freshness
  const inputs = new Map(
    Array.from(runState.world.graph.inputs(index), (input) => {
      const settled = runState.settled[input]!
      return [runState.name(input), settled.state === 'settled' ? settled.shape : null]
    }),
  )
  return {
    name,
    action: 'build',
    full,
    reasons,
    subject: {
      is: 'asset',
      asset,
      definition,
      record,
      inputs,
      unfinished: journal === null ? null : { at: journal.at, reference: journal.reference },
      freshSince: freshness === undefined ? null : freshSince(freshness, runState.request.now),
    },
  }
}

/** Candidates by the kind that builds them. */
export function byKind(runState: RunState, indices: Iterable<number>): Map<KindName, number[]> {
  const groups = new Map<KindName, number[]>()
  for (const index of indices) {
    const kind = kindOf(runState.world, index)
    const group = groups.get(kind)
    if (group === undefined) groups.set(kind, [index])
    else group.push(index)
  }
  return groups
}

/**
 * Seconds of the longest path of work that starts at each node, through what reads it and what a check
 * holds back: what is on the critical path goes first. A node without history counts one second.
 */
export function remainingPaths(
  runState: RunState,
  durations: ReadonlyMap<string, number>,
): Float64Array {
  const { graph } = runState.world
  const remaining = new Float64Array(graph.size)
  for (let at = graph.order.length - 1; at >= 0; at--) {
    const index = graph.order[at]!
    let below = 0
    for (const reader of graph.readers(index)) below = Math.max(below, remaining[reader]!)
    if (graph.isCheck(index)) {
      for (const held of graph.gated(index)) below = Math.max(below, remaining[held]!)
    }
    const own = runState.phase[index] === 'final' ? 0 : (durations.get(runState.name(index)) ?? 1)
    remaining[index] = own + below
  }
  return remaining
}

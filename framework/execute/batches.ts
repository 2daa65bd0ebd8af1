import { groupBy } from '../lib/group-by.ts'
import type { KindName } from '../model/asset.ts'
import type { BatchStep, Committed } from '../ports/batch.ts'
import { freshSince } from '../staleness/freshness.ts'
import { isFullBuild } from '../staleness/full-refresh.ts'
import { blockerOf, gatePassed } from './next-action.ts'
import { claimsOf, type Pools, withoutSlot } from './pools.ts'
import type { RunState } from './run-state.ts'

/**
 * The largest set of candidates of one kind that a single call can serve: every input and gate of a
 * member is final or a member itself. `candidates` come in topological order. Pure.
 */
export function joinBatch(runState: RunState, candidates: readonly number[]): readonly number[] {
  const joined = new Set<number>()
  for (const i of candidates) if (mayStart(runState, i, joined)) joined.add(i)
  return [...joined]
}

/**
 * The part of `joinBatch` that has slots in its pools. In each pool the steps with the longest
 * remaining path get the slots. Pure.
 */
export function joinWithin(
  runState: RunState,
  candidates: readonly number[],
  pools: Pools,
  remaining: Float64Array,
): readonly number[] {
  const batch = joinBatch(runState, candidates)
  const longest = (steps: readonly number[]) => Math.max(...steps.map((i) => remaining[i]!))
  // The sort is stable, and the path of an ancestor is never shorter: no ancestor is left out alone.
  const claims = claimsOf(runState, batch).toSorted((a, b) => longest(b.steps) - longest(a.steps))
  const left = new Set(withoutSlot(claims, pools).flatMap(({ steps }) => steps))
  if (left.size === 0) return batch
  return joinBatch(
    runState,
    candidates.filter((i) => !left.has(i)),
  )
}

/** Whether a candidate may start, alone or in a batch with what has `joined` it. Pure. */
export function mayStart(runState: RunState, i: number, joined: ReadonlySet<number>): boolean {
  const { world } = runState
  const { graph } = world
  if (!graph.isCheck(i) && world.definition(i) === null) return false
  // An ephemeral is part of its reader's statement, so the reader waits for its inputs instead.
  const open = [i]
  const seen = new Set<number>()
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const input of graph.inputs(at)) {
      if (joined.has(input) || seen.has(input)) continue
      if (runState.phase[input] === 'final') {
        if (blockerOf(runState, input) !== null) return false
        continue
      }
      if (world.definition(input)?.form !== 'ephemeral') return false
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
  const { world, phase } = runState
  const isBuilding = (input: number) => phase[input] === 'running' && world.kind(input) !== kind
  return candidates.some((i) => world.graph.inputs(i).some(isBuilding))
}

/**
 * The members of a batch that must succeed before `i` starts: its inputs, through ephemerals, and its
 * gates. The external program may not know of them. Pure.
 */
function predecessors({ world }: RunState, i: number, batch: ReadonlySet<number>): number[] {
  const { graph } = world
  const found = new Set<number>()
  const open = [i]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const input of graph.inputs(at)) {
      if (batch.has(input)) found.add(input)
      else if (world.definition(input)?.form === 'ephemeral') open.push(input)
    }
    for (const gate of graph.gates(at)) if (batch.has(gate)) found.add(gate)
  }
  return [...found]
}

/** What a kind needs to know of one step of a batch. */
export function batchStep(runState: RunState, i: number, batch: ReadonlySet<number>): BatchStep {
  const { world, request, settled } = runState
  const name = world.name(i)
  const verdict = runState.verdict[i]!
  const reasons = verdict.state === 'stale' ? verdict.reasons : []
  const full = isFullBuild(world, i, verdict)
  const after = predecessors(runState, i, batch).map((before) => world.name(before))
  if (world.graph.isCheck(i)) {
    const subject = { is: 'check', check: world.check(i) } as const
    return { name, action: 'check', full, reasons, after, subject }
  }
  const { asset, definition, record, journal } = world.facts(i)
  if (definition === null) throw new Error(`${name} was started without a definition`)
  const freshness = asset.policy.freshness ?? definition.freshness
  const inputs = new Map(
    Array.from(world.graph.inputs(i), (input) => {
      const version = settled[input]!
      return [world.name(input), version.state === 'settled' ? version.shape : null]
    }),
  )
  return {
    name,
    action: 'build',
    full,
    reasons,
    after,
    subject: {
      is: 'asset',
      asset,
      definition,
      record,
      inputs,
      inputsCommitted: inputsCommitted(runState, i),
      unfinished: journal === null ? null : { at: journal.at, reference: journal.reference },
      freshSince: freshness === undefined ? null : freshSince(freshness, request.now),
    },
  }
}

/**
 * The last commit among what an asset reads, through virtual assets; null if an input has no record, or is observed
 * only. Pure.
 */
export function inputsCommitted(runState: RunState, i: number): Committed | null {
  const { world } = runState
  const open = [...world.graph.inputs(i)]
  const seen = new Set(open)
  let run = 0
  let at = 0
  for (let input = open.pop(); input !== undefined; input = open.pop()) {
    const { record, definition } = runState.facts(input)
    if (definition?.form === 'external') return null
    if (world.isVirtual(input)) {
      for (const below of world.graph.inputs(input)) {
        if (!seen.has(below)) open.push(below)
        seen.add(below)
      }
    } else if (record === null) return null
    if (record === null) continue
    run = Math.max(run, record.run)
    at = Math.max(at, record.finishedAt)
  }
  return { run, at }
}

/** Nodes by the kind that builds them. */
export function byKind({ world }: RunState, indices: Iterable<number>): Map<KindName, number[]> {
  return groupBy(indices, (i) => world.kind(i))
}

/**
 * Seconds of the longest path of work that starts at each node, through its readers and what it
 * gates. The critical path is started first. A node without a time counts one second. Pure.
 */
export function remainingPaths(
  runState: RunState,
  durations: ReadonlyMap<string, number>,
): Float64Array {
  const { graph } = runState.world
  const remaining = new Float64Array(graph.size)
  for (let at = graph.order.length - 1; at >= 0; at--) {
    const i = graph.order[at]!
    let below = 0
    for (const reader of graph.readers(i)) below = Math.max(below, remaining[reader]!)
    if (graph.isCheck(i)) {
      for (const gated of graph.gated(i)) below = Math.max(below, remaining[gated]!)
    }
    const own = runState.phase[i] === 'final' ? 0 : (durations.get(runState.name(i)) ?? 1)
    remaining[i] = own + below
  }
  return remaining
}

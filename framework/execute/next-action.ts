import type { Asset } from '../model/asset.ts'
import { moveOf } from '../model/place.ts'
import type { Problem } from '../model/problem.ts'
import type { Outcome } from '../model/step.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Settled } from '../model/version.ts'
import { decideOne } from '../staleness/decide-all.ts'
import { isOfOther } from '../staleness/full-refresh.ts'
import type { RunState } from './run-state.ts'

/** What the loop does with one node now. */
export type NextAction =
  /** Nothing: something that it depends on is not final. */
  | { readonly next: 'wait' }
  /** It is certainly stale. It starts when its inputs and gates allow it. */
  | { readonly next: 'candidate'; readonly verdict: Verdict }
  /** A view whose content under its new key must be hashed. */
  | { readonly next: 'measure' }
  | {
      readonly next: 'finish'
      readonly outcome: Outcome | null
      readonly settled?: Settled
      /** Set for a node outside the run: its verdict now. */
      readonly verdict?: Verdict
      /** Set if it ended well but its readers must not start. */
      readonly blocker?: string
    }

/**
 * Decides one open node again from the current state of its inputs and gates. Pure. `shared`: a stale
 * member of its unit, or null.
 */
export function nextAction(runState: RunState, i: number, shared: string | null): NextAction {
  const { world, request } = runState
  // What it is, and whether anything can block it, is known with its definition.
  if (!world.graph.isCheck(i) && world.definition(i) === null) return { next: 'wait' }
  const blocker = blockingInput(runState, i) ?? failedGate(runState, i)
  const known = { verdicts: runState.verdict, settled: runState.settled }
  const { verdict, settled } = decideOne(world, request, i, known, shared)
  if (!request.inRun(i)) return outsideRun(runState, i, verdict, settled, blocker)

  switch (verdict.state) {
    case 'waiting':
      return runState.inputsFinal(i) ? { next: 'finish', outcome: null } : { next: 'wait' }
    case 'building':
      return { next: 'wait' }
    case 'pending':
      // It can still turn out fresh, even if another of its inputs failed.
      return { next: 'wait' }
    case 'stale':
      if (world.isExternal(i)) return finishExternal(world.asset(i), verdict, settled)
      if (blocker !== null) return { next: 'finish', outcome: { state: 'blocked', by: blocker } }
      if (!isLostSnapshot(runState, i)) return { next: 'candidate', verdict }
      // Wait for all inputs and gates: a blocker is reported instead of the lost snapshot.
      return runState.inputsFinal(i) && runState.gatesFinal(i)
        ? { next: 'finish', outcome: { state: 'failed', problem: lostSnapshot(runState, i) } }
        : { next: 'wait' }
    case 'fresh':
      return finishFresh(runState, i, settled, blocker)
  }
}

function finishFresh(
  runState: RunState,
  i: number,
  settled: Settled,
  blocker: string | null,
): NextAction {
  const outcome: Outcome | null =
    runState.verdict[i]!.state === 'fresh' ? null : { state: 'released' }
  if (runState.world.graph.isCheck(i)) return { next: 'finish', outcome }
  if (!runState.inputsFinal(i) || !runState.gatesFinal(i)) return { next: 'wait' }
  const isUnsettled = settled.state === 'unsettled'
  if (blocker === null) {
    return isUnsettled ? { next: 'measure' } : { next: 'finish', outcome, settled }
  }
  // A fresh asset is not changed, but blocks its readers. What a view over a failed input shows is
  // unknown.
  return {
    next: 'finish',
    outcome,
    settled: isUnsettled ? { state: 'unknown' } : settled,
    blocker,
  }
}

/** A node outside the run that a node in it reads: only its version is needed. */
function outsideRun(
  runState: RunState,
  i: number,
  verdict: Verdict,
  settled: Settled,
  blocker: string | null,
): NextAction {
  const { world, request, phase } = runState
  const isGated = world.graph
    .gates(i)
    .some((gate) => request.inRun(gate) && phase[gate] !== 'final')
  if (!runState.inputsFinal(i) || isGated) return { next: 'wait' }
  // What a virtual asset over a failed input shows is unknown. A table still holds its rows.
  if (blocker !== null && world.isVirtual(i)) {
    return { next: 'finish', outcome: null, settled: { state: 'unknown' }, blocker }
  }
  return verdict.state === 'fresh' && settled.state === 'unsettled'
    ? { next: 'measure' }
    : { next: 'finish', outcome: null, settled, verdict }
}

/** A snapshot holds history that exists nowhere else, so no build can restore it (SEMANTICS 10). */
function isLostSnapshot({ world }: RunState, i: number): boolean {
  if (world.graph.isCheck(i)) return false
  const { definition, record, forced, observation } = world.facts(i)
  if (definition?.accumulates !== 'snapshot' || record === null) return false
  if (forced === 'full_refresh') return false
  const found = observation?.found.state
  if (moveOf(record, definition) === null) return found === 'absent'
  // A table of another asset is not the history that was moved there.
  return found !== 'present' || isOfOther(world, i)
}

function lostSnapshot({ world }: RunState, i: number): Problem {
  const name = world.name(i)
  const { definition, record } = world.facts(i)
  const move = record && definition && moveOf(record, definition)
  if (move) {
    const { from, to } = move
    return {
      code: 'snapshot-moved',
      message: `${name} belongs at ${to} now, and the history that it holds is at ${from}`,
      hint: `copy it: create table ${to} as select * from ${from}; or undo the change; or start a new history: assets materialize ${name} --full-refresh`,
      asset: name,
    }
  }
  return {
    code: 'snapshot-gone',
    message: `${name} is gone, and the history it held can't be built again`,
    hint: `restore it from a backup, or start a new history: assets materialize ${name} --full-refresh`,
    asset: name,
  }
}

function blockingInput(runState: RunState, i: number): string | null {
  for (const input of runState.world.graph.inputs(i)) {
    const blocker = runState.phase[input] === 'final' ? blockerOf(runState, input) : null
    if (blocker !== null) return blocker
  }
  return null
}

/** What blocks the readers of a final node, or null. An absent node blocks them itself. */
export function blockerOf(runState: RunState, i: number): string | null {
  const blocker = runState.blocker[i]!
  return blocker === null && runState.settled[i]!.state === 'absent' ? runState.name(i) : blocker
}

function failedGate(runState: RunState, i: number): string | null {
  const { request } = runState
  for (const gate of runState.world.graph.gates(i)) {
    // A node outside the run exists, whether or not a check outside the run ever passed.
    if (!request.inRun(i) && !request.inRun(gate)) continue
    if (runState.phase[gate] === 'final' && !gatePassed(runState, gate)) {
      return runState.blocker[gate] ?? runState.name(gate)
    }
  }
  return null
}

/** Whether a check passed in this run, or before on the same versions of its inputs. */
export function gatePassed(runState: RunState, gate: number): boolean {
  if (runState.phase[gate] !== 'final') return false
  const state = runState.outcome[gate]?.state
  if (state === undefined) return runState.verdict[gate]!.state === 'fresh'
  return state === 'checked' || state === 'released'
}

function finishExternal(
  { name, spec, file }: Asset,
  verdict: Extract<Verdict, { readonly state: 'stale' }>,
  settled: Settled,
): NextAction {
  const isMissing = verdict.reasons.some(({ reason }) => reason === 'missing')
  if (!isMissing) return { next: 'finish', outcome: null, settled }
  const place = typeof spec.path === 'string' ? `file ${spec.path}` : `relation ${spec.relation}`
  const problem: Problem = {
    code: 'external-missing',
    message: `${name} does not exist: there is no ${place}, and assets builds no external assets`,
    hint: `load it, or remove ${name} from ${file}; then run the same command again`,
    asset: name,
  }
  return { next: 'finish', outcome: { state: 'failed', problem }, settled }
}

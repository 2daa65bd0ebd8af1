import type { Problem } from '../model/problem.ts'
import type { Outcome } from '../model/step.ts'
import type { Verdict } from '../model/verdict.ts'
import type { Settled } from '../model/version.ts'
import { factsOf, judge } from '../staleness/fold.ts'
import type { RunState } from './run-state.ts'

/** What the loop should do with one node now. */
export type NextAction =
  /** Nothing: something it hangs on has no last word yet. */
  | { readonly next: 'wait' }
  /** It is certainly stale; it may start when its inputs and gates allow. */
  | { readonly next: 'candidate'; readonly verdict: Verdict }
  /** A view whose content under its new key has to be looked at. */
  | { readonly next: 'measure' }
  | {
      readonly next: 'finish'
      readonly outcome: Outcome | null
      readonly settled?: Settled
      /** Set where it differs from the one that the run began with and nothing is done about it. */
      readonly verdict?: Verdict
      /** Ended well itself, but what reads it must not start. */
      readonly stop?: string
    }

/**
 * Decides one waiting node from where its inputs and gates stand. Pure. `shared` is the stale member
 * of its unit, if there is one.
 */
export function nextAction(runState: RunState, index: number, shared: string | null): NextAction {
  const { world, request } = runState
  const { graph } = world
  const isCheck = graph.isCheck(index)
  const blockedBy = stoppedInput(runState, index) ?? failedGate(runState, index)
  const known = { verdicts: runState.verdict, settled: runState.settled }
  const { verdict, settled } = judge(world, request, index, known, shared)
  if (!request.inRun(index)) return look(runState, index, verdict, settled, blockedBy)
  const wasOpen = runState.verdict[index]!.state !== 'fresh'

  switch (verdict.state) {
    case 'waiting':
      return runState.inputsFinal(index) ? { next: 'finish', outcome: null } : { next: 'wait' }
    case 'building':
      return { next: 'wait' }
    case 'pending':
      // It may yet turn out fresh, whatever has ended badly beside what it waits for.
      return { next: 'wait' }
    case 'stale':
      if (world.assets.get(graph.names[index]!)?.kind === 'external') {
        return finishExternal(graph.names[index]!, verdict, settled)
      }
      if (blockedBy !== null) {
        return { next: 'finish', outcome: { state: 'blocked', by: blockedBy } }
      }
      if (!isLostSnapshot(runState, index)) return { next: 'candidate', verdict }
      // What it hangs on may yet end badly: then that is all there is to tell, whoever was first.
      return runState.inputsFinal(index) && gatesFinal(runState, index)
        ? { next: 'finish', outcome: { state: 'failed', problem: lost(graph.names[index]!) } }
        : { next: 'wait' }
    case 'fresh': {
      const outcome: Outcome | null = wasOpen ? { state: 'released' } : null
      if (isCheck) return { next: 'finish', outcome }
      if (!runState.inputsFinal(index) || !gatesFinal(runState, index)) return { next: 'wait' }
      if (settled.state === 'unsettled' && blockedBy === null) return { next: 'measure' }
      if (blockedBy === null) return { next: 'finish', outcome, settled }
      // What is fresh stays as it is, and holds up what is below; a view of something that failed
      // shows nothing that could be relied on.
      return {
        next: 'finish',
        outcome,
        settled: settled.state === 'unsettled' ? { state: 'unknown' } : settled,
        stop: blockedBy,
      }
    }
  }
}

/** An asset outside the run that something in it reads: what it shows is found out, and nothing is done about it. */
function look(
  runState: RunState,
  index: number,
  verdict: Verdict,
  settled: Settled,
  blockedBy: string | null,
): NextAction {
  const { world, request, phase } = runState
  const isHeld = world.graph
    .gates(index)
    .some((gate) => request.inRun(gate) && phase[gate] !== 'final')
  if (!runState.inputsFinal(index) || isHeld) return { next: 'wait' }
  // What is virtual shows nothing over what failed; a table is there whatever became of its inputs.
  if (blockedBy !== null && runState.isVirtual(index)) {
    return { next: 'finish', outcome: null, settled: { state: 'unknown' }, stop: blockedBy }
  }
  return verdict.state === 'fresh' && settled.state === 'unsettled'
    ? { next: 'measure' }
    : { next: 'finish', outcome: null, settled, verdict }
}

/** A snapshot holds what is nowhere else: once it is gone, no build brings it back (SEMANTICS 10). */
function isLostSnapshot(runState: RunState, index: number): boolean {
  if (runState.world.graph.isCheck(index)) return false
  const { definition, record, forced, observation } = factsOf(runState.world, runState.name(index))
  const isGone = record !== null && observation?.found.state === 'absent'
  return definition?.accumulates === 'snapshot' && isGone && forced !== 'full_refresh'
}

function lost(name: string): Problem {
  return {
    code: 'snapshot-gone',
    message: `${name} is gone, and the history it held can't be built again`,
    hint: `restore it from a backup, or begin a new history with assets materialize ${name} --full-refresh`,
    asset: name,
  }
}

function gatesFinal(runState: RunState, index: number): boolean {
  return runState.world.graph.gates(index).every((gate) => runState.phase[gate] === 'final')
}

/** An input that ended badly or is not there at all. */
function stoppedInput(runState: RunState, index: number): string | null {
  for (const input of runState.world.graph.inputs(index)) {
    const stopped = runState.phase[input] === 'final' ? stoppedBy(runState, input) : null
    if (stopped !== null) return stopped
  }
  return null
}

/** Who stops what reads a node that has its last word; null when nobody does. */
export function stoppedBy(runState: RunState, input: number): string | null {
  const stopped = runState.stoppedBy[input]!
  return stopped === null && runState.settled[input]!.state === 'absent'
    ? runState.name(input)
    : stopped
}

/** A gate that has its last word and did not pass. */
function failedGate(runState: RunState, index: number): string | null {
  const { request } = runState
  for (const gate of runState.world.graph.gates(index)) {
    // What is left out is there, whether or not a check that was left out too ever passed.
    if (!request.inRun(index) && !request.inRun(gate)) continue
    if (runState.phase[gate] === 'final' && !gatePassed(runState, gate)) {
      return runState.stoppedBy[gate] ?? runState.name(gate)
    }
  }
  return null
}

/** Passed now, or passed before on the very versions that its inputs have come out with. */
export function gatePassed(runState: RunState, gate: number): boolean {
  if (runState.phase[gate] !== 'final') return false
  const state = runState.outcome[gate]?.state
  if (state === undefined) return runState.verdict[gate]!.state === 'fresh'
  return state === 'checked' || state === 'released'
}

function finishExternal(name: string, verdict: Verdict, settled: Settled): NextAction {
  const missing =
    verdict.state === 'stale' && verdict.reasons.some((reason) => reason.reason === 'missing')
  if (!missing) return { next: 'finish', outcome: null, settled }
  const problem: Problem = {
    code: 'external-missing',
    message: `${name} is not there, and nothing here builds it`,
    hint: `put it in place, or take ${name} out of the YAML; then run the same command again`,
    asset: name,
  }
  return { next: 'finish', outcome: { state: 'failed', problem }, settled }
}

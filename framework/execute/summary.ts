import type { StepSummary } from '../model/run.ts'
import type { Action, Outcome } from '../model/step.ts'
import type { RunState } from './run-state.ts'
import type { Span } from './step-times.ts'

/** A step as the history of its run keeps it; `batch` 0 for one that no call served. Pure. */
export function summaryOf(
  runState: RunState,
  index: number,
  outcome: Outcome,
  batch: number,
  span: Span,
): StepSummary {
  const verdict = runState.verdict[index]!
  return {
    name: runState.name(index),
    action: actionOf(runState, index, outcome),
    outcome: outcome.state,
    batch,
    ...span,
    rows: 'rows' in outcome ? outcome.rows : null,
    reasons: verdict.state === 'stale' ? verdict.reasons : [],
    reference: runState.committed.get(index)?.reference ?? null,
    problem: outcome.state === 'failed' ? outcome.problem : null,
    note: noteOf(outcome),
  }
}

function actionOf(runState: RunState, index: number, outcome: Outcome): Action {
  if (runState.world.graph.isCheck(index)) return 'check'
  return outcome.state === 'adopted' ? 'adopt' : 'build'
}

function noteOf(outcome: Outcome): string | null {
  switch (outcome.state) {
    case 'checked':
      return outcome.result
    case 'blocked':
      return `blocked by ${outcome.by}`
    case 'built':
    case 'unchanged':
    case 'adopted':
    case 'released':
    case 'failed':
    case 'cancelled':
      return null
  }
}

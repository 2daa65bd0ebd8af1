import type { StepSummary } from '../model/run.ts'
import type { Action, Outcome } from '../model/step.ts'
import { WHY_ADOPTED } from '../plan/adopted-because.ts'
import type { RunState } from './run-state.ts'
import type { Span } from './step-times.ts'

/** A step as the history of runs keeps it; `batch` 0 for a step that no call served. Pure. */
export function summaryOf(
  runState: RunState,
  i: number,
  outcome: Outcome,
  batch: number,
  span: Span,
): StepSummary {
  const verdict = runState.verdict[i]!
  return {
    name: runState.name(i),
    action: actionOf(runState, i, outcome),
    outcome: outcome.state,
    batch,
    ...span,
    rows: 'rows' in outcome ? outcome.rows : null,
    reasons: verdict.state === 'stale' ? verdict.reasons : [],
    reference: runState.committed.get(i)?.reference ?? null,
    problem: outcome.state === 'failed' ? outcome.problem : null,
    note: outcome.state === 'adopted' ? whyAdopted(runState, i) : noteOf(outcome),
  }
}

function actionOf({ world }: RunState, i: number, outcome: Outcome): Action {
  if (world.graph.isCheck(i)) return 'check'
  return outcome.state === 'adopted' ? 'adopt' : 'build'
}

function whyAdopted({ committed }: RunState, i: number): string | null {
  const because = committed.get(i)?.because
  return because === undefined ? null : WHY_ADOPTED[because]
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

import type { StepSummary } from '../model/run.ts'
import type { Action, Outcome } from '../model/step.ts'
import type { Ledger } from './run-state.ts'
import type { Span } from './step-times.ts'

/** A step as the history of its run keeps it; `batch` 0 for one that no call served. Pure. */
export function summaryOf(
  ledger: Ledger,
  index: number,
  outcome: Outcome,
  batch: number,
  span: Span,
): StepSummary {
  const verdict = ledger.verdict[index]!
  return {
    name: ledger.name(index),
    action: actionOf(ledger, index, outcome),
    outcome: outcome.state,
    batch,
    ...span,
    rows: 'rows' in outcome ? outcome.rows : null,
    reasons: verdict.state === 'stale' ? verdict.reasons : [],
    reference: ledger.committed.get(index)?.reference ?? null,
    problem: outcome.state === 'failed' ? outcome.problem : null,
    note: noteOf(outcome),
  }
}

function actionOf(ledger: Ledger, index: number, outcome: Outcome): Action {
  if (ledger.world.graph.isCheck(index)) return 'check'
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

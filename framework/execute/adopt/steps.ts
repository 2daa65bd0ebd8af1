import type { Materialization } from '../../model/record.ts'
import type { PlanStep } from '../../model/step.ts'
import { WHY_ADOPTED } from '../../plan/adopted-because.ts'
import type { Planned } from '../../plan/plan.ts'
import type { Adoption } from './adoption.ts'

/**
 * The plan with a step for each adoption. One whose asset is built if an input comes out different is possible, in place
 * of that build. Pure.
 */
export function withAdoptions({
  planned,
  records,
}: Pick<Adoption, 'planned' | 'records'>): Planned {
  if (records.length === 0) return planned
  const { plan, comments, ...rest } = planned
  const names = new Set(records.map(({ asset }) => asset))
  const pending = new Map(plan.steps.map((step) => [step.asset, step]))
  const adopted = records.map((record) => stepOf(record, pending.get(record.asset)))
  return {
    ...rest,
    comments,
    plan: {
      ...plan,
      steps: [...adopted, ...plan.steps.filter(({ asset }) => !names.has(asset))],
      fresh: plan.fresh.filter((asset) => !names.has(asset)),
    },
  }
}

function stepOf({ asset, because }: Materialization, pending: PlanStep | undefined): PlanStep {
  return {
    asset,
    action: 'adopt',
    full: false,
    verdict: pending === undefined ? 'stale' : 'pending',
    reasons: [{ reason: 'missing', message: WHY_ADOPTED[because!] }],
    pendingOn: pending?.pendingOn ?? [],
    batch: 0,
  }
}

import type { Plan } from '../plan/plan.ts'

/** What `plan` and `materialize --dry-run` show. */
export interface PlanReport extends Plan {
  readonly project: string
  readonly target: string
}

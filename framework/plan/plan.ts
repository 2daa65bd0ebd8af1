import { type Decisions, decideAll } from '../staleness/decide-all.ts'
import type { Request, World } from '../staleness/world.ts'
import { commentsToSet } from './comments.ts'
import { requestOf, type Scope } from './scope.ts'
import { type Plan, planSteps } from './steps.ts'

/** A world with the decisions and the plan of a command. */
export interface Planned {
  readonly world: World
  readonly scope: Scope
  readonly request: Request
  readonly decisions: Decisions
  readonly plan: Plan
  /** Assets whose comments are set without a build. */
  readonly comments: readonly string[]
}

/**
 * Decides every node and plans the steps of a scope. Every verb decides with this function, and a run
 * executes the plan that it returns. Pure. `now`: milliseconds since the epoch, the same for all
 * decisions of a run.
 */
export function planFor(world: World, scope: Scope, now: number): Planned {
  const request = requestOf(world, scope, now)
  const decisions = decideAll(world, request)
  let plan: Plan | null = null
  return {
    world,
    scope,
    request,
    decisions,
    // `status` of a hundred thousand assets asks for verdicts alone.
    get plan() {
      plan ??= planSteps(world, request, decisions)
      return plan
    },
    get comments() {
      return commentsToSet(world, request, decisions)
    },
  }
}

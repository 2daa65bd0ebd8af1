import type { Problem } from '../model/problem.ts'
import { type Planned, planFor } from '../plan/plan.ts'
import type { Scope } from '../plan/scope.ts'
import type { OnWait } from '../ports/batch.ts'
import type { Site } from '../ports/site.ts'
import type { Lease, StateReader } from '../ports/state.ts'
import { type DefinedProject, defineMore, type Kinds } from '../staleness/define.ts'
import { gather } from '../staleness/gather.ts'
import { noteFirstBuilds } from './first-builds.ts'
import { projectOutputConflicts } from './output-conflicts.ts'
import type { RunState } from './run-state.ts'

export interface DefineLaterOptions {
  readonly runState: RunState
  readonly defined: DefinedProject
  readonly scope: Scope
  readonly lease: Lease
  readonly kinds: Kinds
  readonly site: Site
  readonly state: StateReader
}

/** The plan once every asset is defined. */
export interface LaterPlan {
  /** null if the definitions have problems. */
  readonly planned: Planned | null
  readonly problems: readonly Problem[]
  /** True if the configuration is wrong; false if a tool is missing or the outside can't be observed. */
  readonly misconfigured: boolean
}

/**
 * Defines the assets whose definitions take longer, while the run is on (dbt's project is parsed for
 * the first time), and plans again with them: the same function decides. Null if the run needs none.
 */
export function laterPlan(
  options: DefineLaterOptions,
): ((onWait: OnWait) => Promise<LaterPlan>) | null {
  const { defined, runState } = options
  const { later } = defined
  if (later === null || !needsDefinition(runState)) return null
  return async (onWait) => {
    const { kinds, site, state, scope, lease } = options
    const { run } = lease
    const refused = (problems: readonly Problem[], misconfigured: boolean): LaterPlan => ({
      planned: null,
      problems,
      misconfigured,
    })
    const more = defineMore(defined, await later.define(onWait), site.project.assets)
    if (more.problems.length > 0) {
      const { problems } = more
      return refused(
        problems,
        problems.some(({ at }) => at !== undefined),
      )
    }
    const conflicts = await projectOutputConflicts(more, kinds, site)
    if (conflicts.length > 0) return refused(conflicts, true)
    const gathered = await gather(more, state, 'sparing', kinds, site)
    if (!gathered.ok) return refused(gathered.problems, true)
    const { world, problems } = gathered.value
    // Steps that this run has begun are not interrupted steps.
    const journal = new Map([...world.state.journal].filter(([, entry]) => entry.run !== run))
    const planned = planFor(world.withState({ journal }), scope, runState.request.now)
    const written = await lease.write(noteFirstBuilds(runState, planned, run))
    if (!written.ok) return refused(written.problems, false)
    return { planned, problems, misconfigured: false }
  }
}

/** Whether an asset that the run builds, or whose version it needs, has no definition. */
function needsDefinition({ world, phase }: RunState): boolean {
  for (let i = 0; i < world.graph.assetCount; i++) {
    if (phase[i] !== 'final' && world.definition(i) === null) return true
  }
  return false
}

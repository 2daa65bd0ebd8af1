import type { Problem, Result } from '../model/problem.ts'
import { ok } from '../model/problem.ts'
import type { StateSnapshot } from '../model/record.ts'
import { type Gathered, gather, type Look } from '../staleness/gather.ts'
import { type DefinedProject, define, defineMore } from '../staleness/observe.ts'
import { isAllQuiet } from '../staleness/quiet.ts'
import { recall } from '../staleness/recall.ts'
import { EXIT } from './context.ts'
import type { Workspace } from './workspace.ts'

/**
 * The definitions of a project's assets. Re-reads dbt's project when it changed, but never makes its
 * Python environment: then `later` is left for a build to do. Problems: whatever is wrong with the
 * project beyond the YAML, such as dependencies that dbt sees otherwise.
 */
export async function defineProject(workspace: Workspace): Promise<Result<DefinedProject>> {
  const { kinds, site } = workspace
  let defined = (await recall(kinds, site)) ?? (await define(site.project.assets, kinds, site))
  if (defined.later?.needs === 'parse') {
    defined = defineMore(defined, await defined.later.define(), site.project.assets)
  }
  return defined.problems.length > 0 ? { ok: false, problems: defined.problems } : ok(defined)
}

/** What a verb that only looks has to go by. */
export interface Survey {
  readonly defined: DefinedProject
  readonly gathered: Gathered
  readonly state: StateSnapshot
  /** `offline` also when the warehouse is in another process's hands. */
  readonly look: Look
}

/** A survey, or why there is none and what the command exits with for it. */
export type Surveyed =
  | { readonly ok: true; readonly value: Survey }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly code: number }

/**
 * Looks at a workspace without building. While another process holds the warehouse, records speak.
 * `verdicts`: the caller shows no record of what is fresh, so that where all is quiet none is read.
 * Problems: the state can't be read; the project is wrong; a cycle.
 */
export async function survey(
  workspace: Workspace,
  look: Look,
  detail: 'records' | 'verdicts' = 'records',
): Promise<Surveyed> {
  const opened = await workspace.state()
  if (!opened.ok) return { ...opened, code: EXIT.failed }
  const { kinds, site } = workspace
  const defined = await defineProject(workspace)
  if (!defined.ok) return { ...defined, code: EXIT.usage }
  if (look === 'offline' && detail === 'verdicts') {
    const state = await opened.value.snapshot(site.target.name, 'columns')
    if (!state.ok) return { ...state, code: EXIT.failed }
    const gathered = await gather(defined.value, state.value, look, kinds, site)
    if (!gathered.ok) return { ...gathered, code: EXIT.usage }
    if (isAllQuiet(gathered.value.world)) {
      const seen = { defined: defined.value, gathered: gathered.value, state: state.value, look }
      return { ok: true, value: seen }
    }
  }
  const state = await opened.value.snapshot(site.target.name)
  if (!state.ok) return { ...state, code: EXIT.failed }
  const gathered = await gather(defined.value, state.value, look, kinds, site)
  if (!gathered.ok) return { ...gathered, code: EXIT.usage }
  const { problems } = gathered.value
  if (look === 'online' && problems.length > 0 && problems.every(isLocked)) {
    site.notice(`${problems[0]!.message}: what follows is as of the records`)
    const offline = await gather(defined.value, state.value, 'offline', kinds, site)
    if (!offline.ok) return { ...offline, code: EXIT.usage }
    const records = { gathered: offline.value, look: 'offline' } as const
    return { ok: true, value: { defined: defined.value, state: state.value, ...records } }
  }
  const seen = { defined: defined.value, gathered: gathered.value, state: state.value, look }
  return { ok: true, value: seen }
}

function isLocked(problem: Problem): boolean {
  return problem.code === 'warehouse-locked'
}

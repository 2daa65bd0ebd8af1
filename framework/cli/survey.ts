import type { Problem, Result } from '../model/problem.ts'
import { ok } from '../model/problem.ts'
import type { StateSnapshot } from '../model/record.ts'
import type { Wanted } from '../ports/state.ts'
import { defineFromCache } from '../staleness/define-from-cache.ts'
import { type Gathered, gather, type Look } from '../staleness/gather.ts'
import { type DefinedProject, define, defineMore } from '../staleness/observe.ts'
import { recordsInDoubt } from '../staleness/unchanged-fast-path.ts'
import { EXIT } from './context.ts'
import type { Workspace } from './workspace.ts'

/**
 * The definitions of a project's assets. Re-reads dbt's project when it changed, but never makes its
 * Python environment: then `later` is left for a build to do. Problems: whatever is wrong with the
 * project beyond the YAML, such as dependencies that dbt sees otherwise.
 */
export async function defineProject(workspace: Workspace): Promise<Result<DefinedProject>> {
  const { kinds, site } = workspace
  let defined =
    (await defineFromCache(kinds, site)) ?? (await define(site.project.assets, kinds, site))
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
 * `verdicts`: the caller shows no record of what is fresh, so that those of what is quiet are not read.
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
  const by = async (want: Wanted): Promise<Surveyed> => {
    const state = await opened.value.snapshot(site.target.name, want)
    if (!state.ok) return { ...state, code: EXIT.failed }
    const gathered = await gather(defined.value, state.value, look, kinds, site)
    if (!gathered.ok) return { ...gathered, code: EXIT.usage }
    const seen = { defined: defined.value, gathered: gathered.value, state: state.value, look }
    return { ok: true, value: seen }
  }
  if (look === 'offline' && detail === 'verdicts') {
    const compared = await by('columns')
    if (!compared.ok) return compared
    const wanted = recordsInDoubt(compared.value.gathered.world)
    if (wanted.size === 0) return compared
    if (wanted.size <= FEW) {
      const seen = await by(wanted)
      // A run may have written in between, and put others in doubt.
      if (!seen.ok || isWithin(recordsInDoubt(seen.value.gathered.world), wanted)) return seen
    }
  }
  const seen = await by('records')
  if (!seen.ok) return seen
  const { problems } = seen.value.gathered
  if (look === 'offline' || problems.length === 0 || !problems.every(isLocked)) return seen
  site.notice(`${problems[0]!.message}: what follows is as of the records`)
  const { state } = seen.value
  const gathered = await gather(defined.value, state, 'offline', kinds, site)
  if (!gathered.ok) return { ...gathered, code: EXIT.usage }
  const offline = { gathered: gathered.value, state, look: 'offline' } as const
  return { ok: true, value: { defined: defined.value, ...offline } }
}

/** Records that are read one by one: of more than these, all are read sooner. */
const FEW = 5_000

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((name) => all.has(name))
}

function isLocked(problem: Problem): boolean {
  return problem.code === 'warehouse-locked'
}

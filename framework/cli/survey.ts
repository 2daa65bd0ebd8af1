import { ok, type Problem, type Result } from '../model/problem.ts'
import type { State, Wanted } from '../ports/state.ts'
import { type DefinedProject, define, defineMore } from '../staleness/define.ts'
import { defineFromCache } from '../staleness/fast-path/define-from-cache.ts'
import { recordsInDoubt } from '../staleness/fast-path/unchanged.ts'
import { type Gathered, gather, type Look } from '../staleness/gather.ts'
import type { Workspace } from './workspace.ts'

/**
 * The definitions of a project's assets. Parses dbt's project again if it changed, but never creates its
 * Python environment: without one, `later` stays set. Problems: mistakes in the project that its YAML
 * alone does not show, such as `deps` that disagree with dbt.
 */
export async function defineProject(workspace: Workspace): Promise<Result<DefinedProject>> {
  const defined = await definitionsOf(workspace, { parses: true })
  return defined.problems.length > 0 ? { ok: false, problems: defined.problems } : ok(defined)
}

/**
 * The definitions of a project's assets, with its mistakes. If dbt can't read its project, `later` stays set.
 * `parses`: whether dbt's project is parsed if that is needed. `installs`: whether its Python environment is created
 * for that.
 */
export async function definitionsOf(
  workspace: Workspace,
  { parses, installs = false }: { readonly parses: boolean; readonly installs?: boolean },
): Promise<DefinedProject> {
  const { kinds, site } = workspace
  const { assets } = site.project
  const defined =
    (await defineFromCache(assets, kinds, site)) ?? (await define(assets, kinds, site))
  const { later } = defined
  if (later === null || !parses || (later.needs === 'environment' && !installs)) return defined
  return withLater(workspace, defined, later)
}

/**
 * The definitions of all assets. Creates dbt's Python environment if there is none. Problems: those of the
 * environment, and mistakes in the project.
 */
export async function defineAll(
  workspace: Workspace,
  defined: DefinedProject,
): Promise<Result<DefinedProject>> {
  if (defined.later === null) return ok(defined)
  const all = await withLater(workspace, defined, defined.later)
  return all.problems.length > 0 ? { ok: false, problems: all.problems } : ok(all)
}

/** Adds the definitions that need slow work. If dbt can't read its project, its problems are added, and no more. */
async function withLater(
  { site, tellIfSlow }: Workspace,
  defined: DefinedProject,
  later: NonNullable<DefinedProject['later']>,
): Promise<DefinedProject> {
  const more = await tellIfSlow(later.define)
  return more.dbt === undefined
    ? { ...defined, problems: [...defined.problems, ...more.problems] }
    : defineMore(defined, more, site.project.assets)
}

/** What a command gathered of a target before it decides. */
export interface Survey {
  readonly defined: DefinedProject
  readonly gathered: Gathered
  /** `offline` also if another process holds the warehouse. */
  readonly look: Look
}

/** How `survey` gathers. */
export interface SurveyOptions {
  readonly look: Look
  /** `verdicts`: the caller shows no records of fresh assets, so they are not read. */
  readonly detail?: 'records' | 'verdicts'
  /** Use the records if another process holds the warehouse. */
  readonly fallsBack?: boolean
}

/** Gathers everything that a decision needs. Problems: the state can't be read; a cycle. */
export async function survey(
  workspace: Workspace,
  state: State,
  defined: DefinedProject,
  { look, detail = 'records', fallsBack = false }: SurveyOptions,
): Promise<Result<Survey>> {
  const { kinds, site } = workspace
  const by = async (want: Wanted, how: Look = look): Promise<Result<Survey>> => {
    const gathered = await gather(defined, state, how, kinds, site, want)
    return gathered.ok ? ok({ defined, gathered: gathered.value, look: how }) : gathered
  }
  if (look === 'offline' && detail === 'verdicts') {
    const compared = await by('index')
    if (!compared.ok) return compared
    const wanted = recordsInDoubt(compared.value.gathered.world)
    if (wanted.size === 0) return compared
    if (wanted.size <= FEW) {
      const seen = await by(wanted)
      // A run may have written in between, so that more records are needed.
      if (!seen.ok || isWithin(recordsInDoubt(seen.value.gathered.world), wanted)) return seen
    }
  }
  const seen = await by('records')
  if (!seen.ok || look === 'offline' || !fallsBack) return seen
  const { problems } = seen.value.gathered
  if (problems.length === 0 || !problems.every(isHeldByOther)) return seen
  site.notice(`${problems[0]!.message}; the records are shown instead`)
  return by('records', 'offline')
}

/** Up to this number, records are read one by one; beyond it, reading all of them is faster. */
const FEW = 5_000

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return [...some].every((name) => all.has(name))
}

function isHeldByOther({ heldByOther }: Problem): boolean {
  return heldByOther === true
}

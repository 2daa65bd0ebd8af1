import { cpus } from 'node:os'
import { findProject } from '../../../config/index.ts'
import { withNewExternals } from '../../../execute/as-built.ts'
import type { ParseSql } from '../../../model/columns.ts'
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import { differencesOf, reasonsAgainst } from '../../../plan/against.ts'
import { type ColumnChanges, columnChanges } from '../../../plan/column-changes.ts'
import { forecast } from '../../../plan/estimate.ts'
import { type Planned, planFor } from '../../../plan/plan.ts'
import type { SqlParser } from '../../../ports/sql.ts'
import { type PlanAgainstReport, planAgainstReporter } from '../../../report/plan-against.ts'
import { planAgainstMarkdown } from '../../../report/plan-against-markdown.ts'
import type { DefinedProject } from '../../../staleness/define.ts'
import { declaredParts } from '../../../staleness/gather.ts'
import { World } from '../../../staleness/world.ts'
import { baseCommit } from '../../against/base-commit.ts'
import { findRepository } from '../../against/git.ts'
import { type OpenedBase, openBase } from '../../against/open-base.ts'
import { clockWarnings } from '../../clock-warnings.ts'
import { columnFacts } from '../../column-facts.ts'
import { commandLine } from '../../command-line.ts'
import { type Context, EXIT, exitCodeFor } from '../../context.ts'
import type { Output } from '../../output.ts'
import { refusalOf } from '../../refusal.ts'
import { choose } from '../../selecting.ts'
import { definitionsOf } from '../../survey.ts'
import { openWorkspace, type Workspace } from '../../workspace.ts'
import type { PlanOptions } from './index.ts'

export interface PlanAgainstOptions extends PlanOptions {
  /** null: an option was given that only makes sense with it. */
  readonly against: string | null
  readonly mergeBase: boolean
  readonly markdown: boolean
}

/**
 * `assets plan --against REF`: what the working tree would rebuild, if all of the project at REF were built (SEMANTICS 42).
 * Connects to nothing, and asks for no secret.
 */
export async function planAgainst(
  context: Context,
  output: Output,
  options: PlanAgainstOptions,
): Promise<number> {
  const { against, markdown } = options
  if (against === null) return output.fail([withoutAgainst(markdown)], EXIT.usage)
  if (markdown && output.json) return output.fail([TWO_FORMS], EXIT.usage)
  const root = findProject(context.cwd)
  if (!root.ok) return output.fail(root.problems, EXIT.usage)
  const repository = await findRepository(root.value, context.env)
  if (!repository.ok) return output.fail(repository.problems, exitCodeFor(repository.problems))
  const base = await baseCommit(repository.value, against, !options.mergeBase)
  if (!base.ok) return output.fail(base.problems, exitCodeFor(base.problems))

  const opened = await openWorkspace(context, options.target, output, { reach: 'declarations' })
  if (!opened.ok) return output.fail(opened.problems, EXIT.usage)
  const workspace = opened.value
  try {
    const defined = await definitionsOf(workspace, { parses: true, installs: true })
    if (defined.problems.length > 0) return await output.fail(defined.problems, EXIT.usage)
    const listener = {
      notice: (message: string) => output.notice(`${base.value.ref}: ${message}`),
      redact: (secrets: readonly string[]) => output.redact(secrets),
      showTarget: () => {},
    }
    const other = await openBase(context, workspace, repository.value, base.value, listener)
    if (!other.ok) return await output.fail(other.problems, exitCodeFor(other.problems))
    try {
      const planned = await planOf(workspace, defined, other.value, options, output)
      if (!planned.ok) return await output.fail(planned.problems, EXIT.usage)
      const refused = await refusalOf(workspace, defined, planned.value, null)
      if (refused !== null) return await output.fail(refused.problems, refused.code)
      const report = await reportOf(context, output, {
        workspace,
        defined,
        planned: planned.value,
        other: other.value,
        base: base.value,
        options,
      })
      if (options.markdown) output.print(planAgainstMarkdown(report))
      else output.show(planAgainstReporter, report)
      return options.exitCode && report.steps.length > 0 ? EXIT.notFresh : EXIT.done
    } finally {
      await other.value.close()
    }
  } finally {
    await workspace.close()
  }
}

const TWO_FORMS: Problem = {
  code: 'usage',
  message: '--markdown and --json are two forms of one document',
  hint: 'leave one of them out',
}

function withoutAgainst(markdown: boolean): Problem {
  const option = markdown ? '--markdown' : '--no-merge-base'
  return {
    code: 'usage',
    message: `${option} needs --against`,
    hint: `assets plan --against main ${option}`,
  }
}

/** The plan of the working tree in the state of the base. Problems: those of a selection; a cycle. */
async function planOf(
  workspace: Workspace,
  defined: DefinedProject,
  base: OpenedBase,
  options: PlanAgainstOptions,
  output: Output,
): Promise<Result<Planned>> {
  const declared = declaredParts(defined, workspace.project.assets)
  if (!declared.ok) return declared
  const now = workspace.site.clock()
  const { definitions } = declared.value
  const state = withNewExternals(base.state, base.project.definitions, definitions, now)
  const world = new World({ ...declared.value, state, observations: new Map() })
  const chosen = await choose(options, { workspace, defined, world })
  if (!chosen.ok) return fail(...chosen.problems)
  output.warnings(chosen.value.warnings)
  // What runs in each run anyway, such as a check that names the clock, is no consequence of the change.
  const scope = { ...chosen.value, only: options.only, purpose: 'look' as const }
  return ok(planFor(world, scope, now))
}

interface ReportParts {
  readonly workspace: Workspace
  readonly defined: DefinedProject
  readonly planned: Planned
  readonly other: OpenedBase
  readonly base: PlanAgainstReport['base']
  readonly options: PlanAgainstOptions
}

async function reportOf(
  context: Context,
  output: Output,
  { workspace, defined, planned, other, base, options }: ReportParts,
): Promise<PlanAgainstReport> {
  const { site } = workspace
  const { world, plan, comments } = planned
  const differences = differencesOf(planned, other.project)
  const name = `${base.ref} (${base.short})`
  const steps = plan.steps.map((step) => ({
    ...step,
    reasons: reasonsAgainst(step, differences, name),
  }))
  const inSteps = new Set(steps.map(({ asset }) => asset))
  const durations = await durationsOf(context, workspace)
  const timed = forecast(world.graph, { ...plan, steps }, durations, cpus().length)
  const files = steps.flatMap(({ asset, verdict }) => {
    const { relation, outputs = [], kind } = world.parts.definitions.get(asset) ?? { relation: '' }
    if (relation !== null || kind === undefined) return []
    return outputs.map((path) => ({ asset, kind, path, isCertain: verdict === 'stale' }))
  })
  return {
    ...plan,
    ...timed,
    ...differences,
    project: site.project.name,
    target: site.target.name,
    base,
    lacks: other.lacks,
    files,
    columns: await columnsOf(context, workspace, planned, other),
    comments,
    command: commandLine(['materialize', ...options.select], options),
    warnings: await output.warn(clockWarnings(workspace, defined, (asset) => inSteps.has(asset))),
  }
}

/** The columns that differ, as far as files say. The parser is created when the first query has to be read. */
async function columnsOf(
  { registries }: Context,
  workspace: Workspace,
  { world }: Planned,
  other: OpenedBase,
): Promise<ColumnChanges> {
  const { kinds, site } = workspace
  const facts = await columnFacts(kinds, site, world.parts.definitions)
  let made: Promise<SqlParser> | null = null
  const parse: ParseSql = async (sql) => {
    made ??= registries.sqlParser()
    return (await made).parse(sql)
  }
  try {
    return await columnChanges(world.graph, await other.columns(), facts, parse)
  } finally {
    if (made !== null) (await (made as Promise<SqlParser>)).close()
  }
}

/** How long builds took before, if the state is on this machine. Without it, nothing is estimated. */
async function durationsOf(
  { registries }: Context,
  workspace: Workspace,
): Promise<ReadonlyMap<string, number>> {
  const { site } = workspace
  const { state: settings, name } = site.target
  const isAtHand = await registries.states[settings.type]?.isAtHand?.()
  // To open the state fills in all secrets of the target.
  const needsSecrets = JSON.stringify(site.target).includes('${secret:')
  if (needsSecrets || isAtHand?.(settings, site) !== true) return new Map()
  const state = await workspace.state()
  const durations = state.ok ? await state.value.durations(name) : state
  return durations.ok ? durations.value : new Map()
}

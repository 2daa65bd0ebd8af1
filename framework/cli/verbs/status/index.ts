import { bitsOf } from '../../../graph/node-set.ts'
import type { ObservationChange } from '../../../ports/state.ts'
import { type StatusAsset, type StatusCheck, statusReporter } from '../../../report/status.ts'
import { observationChanges } from '../../../staleness/record-observations.ts'
import { clockWarnings } from '../../clock-warnings.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { seenAt } from '../../seen-at.ts'
import { type View, type ViewOptions, withView } from '../../view.ts'
import type { Workspace } from '../../workspace.ts'
import { LastAnswer } from './last-answer.ts'

export interface StatusOptions extends ViewOptions {
  /** Exit with 4 if something is not fresh. */
  readonly exitCode: boolean
}

/** `assets status`: the verdict of every asset, observed now or, offline, from the records. */
export async function status(
  context: Context,
  output: Output,
  options: StatusOptions,
): Promise<number> {
  const usesRecords = output.json || [...options.select, ...options.exclude].length > 0
  const detail = usesRecords ? 'records' : 'verdicts'
  const lastAnswer = usesRecords
    ? null
    : new LastAnswer(options.offline ? 'offline' : 'online', context)
  const shortcut = async (workspace: Workspace) => {
    const report = (await lastAnswer?.recall(workspace)) ?? null
    if (report === null) return null
    output.show(statusReporter, { ...report, warnings: await output.warn(report.warnings) })
    return EXIT.done
  }
  const asked = { ...options, detail, purpose: 'look', shortcut } as const
  return withView(context, output, asked, async (view) => {
    const { workspace, survey } = view
    await recordObservations(view)
    const { assets, unlisted } = statusAssets(view, output.json)
    const checks = statusChecks(view)
    const { selected } = view.planned.scope
    const warnings = clockWarnings(workspace, survey.defined, (name) => selected.has(name))
    const report = {
      project: workspace.project.name,
      target: workspace.site.target.name,
      observedAt: observedAt(view),
      offline: survey.look === 'offline',
      assets,
      unlisted,
      checks,
      warnings,
    }
    output.show(statusReporter, { ...report, warnings: await output.warn(warnings) })
    await lastAnswer?.keep(view, report)
    const isOpen =
      assets.some(({ verdict }) => verdict.state !== 'fresh') ||
      checks.some(({ verdict }) => verdict.state !== 'fresh' && verdict.state !== 'waiting')
    return options.exitCode && isOpen ? EXIT.notFresh : EXIT.done
  })
}

/**
 * The selected assets. For a person, fresh assets are only counted, except views over a stale asset, because they
 * connect their readers to it.
 */
function statusAssets(
  { planned: { world, scope, decisions } }: View,
  namesAll: boolean,
): { readonly assets: readonly StatusAsset[]; readonly unlisted: number } {
  const { graph } = world
  const selected = bitsOf(graph, scope.selected)
  const assets: StatusAsset[] = []
  let unlisted = 0
  for (const i of graph.order) {
    if (graph.isCheck(i) || selected[i] === 0) continue
    const verdict = decisions.verdicts[i]!
    const isBetween = decisions.settled[i]!.state === 'unsettled'
    if (verdict.state === 'fresh' && !namesAll && !isBetween) {
      unlisted += 1
      continue
    }
    const { name, kind, group } = world.asset(i)
    assets.push({ name, kind, group, verdict, last: world.state.records.get(name) ?? null })
  }
  return { assets, unlisted }
}

/** The checks that are selected, or that read a selected asset. */
function statusChecks({ planned: { world, scope, decisions } }: View): readonly StatusCheck[] {
  const { graph } = world
  if (graph.size === graph.assetCount) return []
  const selected = bitsOf(graph, scope.selected)
  return [...graph.order].flatMap((i): StatusCheck[] => {
    if (!graph.isCheck(i)) return []
    if (selected[i] === 0 && !graph.inputs(i).some((read) => selected[read] === 1)) return []
    const { name, reads, severity } = world.check(i)
    const last = world.state.checks.get(name) ?? null
    return [{ name, reads, severity, verdict: decisions.verdicts[i]!, last }]
  })
}

/** The time of the observations: now; offline, the time of the latest build or observation. */
function observedAt({ survey, planned, workspace }: View): number {
  if (survey.look === 'online') return workspace.site.clock()
  return seenAt(planned.world)
}

/** Records what was observed, so that `--offline` never says fresh where online says stale (SEMANTICS 9). */
async function recordObservations({ survey, state, workspace }: View): Promise<void> {
  if (survey.look === 'offline') return
  const observed = observationChanges(survey.gathered).filter(
    (change): change is ObservationChange => change.change === 'observed',
  )
  // If the observations can't be written, `status` shows its result anyway.
  if (observed.length > 0) await state.recordObservations(workspace.site.target.name, observed)
}

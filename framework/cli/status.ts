import { bitsOf } from '../graph/node-set.ts'
import type { ObservationChange } from '../ports/state.ts'
import { type StatusAsset, type StatusCheck, statusReporter } from '../report/status.ts'
import { observationChanges } from '../staleness/record-observations.ts'
import { type Context, EXIT } from './context.ts'
import { type LookOptions, look, type View } from './looking.ts'
import type { Output } from './output.ts'

export interface StatusOptions extends LookOptions {
  /** Exit with 4 when something is not fresh. */
  readonly exitCode: boolean
}

/** `assets status`: every asset's verdict, observed now or, offline, as the records have it. */
export async function status(
  context: Context,
  output: Output,
  options: StatusOptions,
): Promise<number> {
  const usesRecords = output.json || [...options.select, ...options.exclude].length > 0
  const detail = usesRecords ? 'records' : 'verdicts'
  return look(context, output, { ...options, detail, purpose: 'look' }, async (view) => {
    const { world, scope, decisions, survey, workspace } = view
    await noteObservations(view)
    const assets: StatusAsset[] = []
    const checks: StatusCheck[] = []
    const { graph } = world
    const selected = bitsOf(graph, scope.selected)
    let unlisted = 0
    for (const [at, index] of graph.order.entries()) {
      const verdict = decisions.verdicts[index]!
      if (graph.isCheck(index)) {
        const name = graph.names[index]!
        const { reads, severity } = world.checks.get(name)!
        if (selected[index] === 0 && !graph.inputs(index).some((read) => selected[read] === 1)) {
          continue
        }
        const last = world.state.checks.get(name) ?? null
        checks.push({ name, reads, severity, verdict, last })
      } else if (selected[index] === 1) {
        // What is fresh is only counted for a person, but for the last, which is named in the end, and
        // for views of something stale, through which others wait for that.
        const isLast = survey.look === 'online' && at === graph.size - 1
        const isBetween = decisions.settled[index]!.state === 'unsettled'
        const isNamed = output.json || isLast || isBetween
        if (verdict.state === 'fresh' && !isNamed) {
          unlisted += 1
          continue
        }
        const name = graph.names[index]!
        const { kind, group } = world.assets.get(name)!
        const last = world.state.records.get(name) ?? null
        assets.push({ name, kind, group, verdict, last })
      }
    }
    output.show(statusReporter, {
      project: workspace.project.name,
      target: workspace.site.target.name,
      observedAt: observedAt(view),
      offline: survey.look === 'offline',
      assets,
      unlisted,
      checks,
    })
    const open =
      assets.some(({ verdict }) => verdict.state !== 'fresh') ||
      checks.some(({ verdict }) => verdict.state !== 'fresh' && verdict.state !== 'waiting')
    return options.exitCode && open ? EXIT.notFresh : EXIT.done
  })
}

/** Now, or, from records alone, when something was looked at last. */
function observedAt({ survey, world, workspace }: View): number {
  if (survey.look === 'online') return workspace.site.clock()
  const { records, recordTable, observed } = world.state
  let latest = recordTable?.newest ?? 0
  if (recordTable === null) {
    for (const { finishedAt } of records.values()) latest = Math.max(latest, finishedAt)
  }
  for (const { at } of observed.values()) latest = Math.max(latest, at)
  return latest
}

/** So that `--offline` never says fresh where online, from the same facts, says stale (SEMANTICS 9). */
async function noteObservations({ survey, workspace }: View): Promise<void> {
  if (survey.look === 'offline') return
  const observed = observationChanges(survey.gathered).filter(
    (change): change is ObservationChange => change.change === 'observed',
  )
  if (observed.length === 0) return
  const state = await workspace.state()
  // A state that can't be written to just now is no reason not to show what was seen.
  if (state.ok) await state.value.recordObservations(workspace.site.target.name, observed)
}

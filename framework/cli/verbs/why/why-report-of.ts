import type { Verdict } from '../../../model/verdict.ts'
import type { WhyNode, WhyReport } from '../../../report/why-report.ts'
import type { World } from '../../../staleness/world.ts'
import { commandLine } from '../../command-line.ts'
import { policiesWithPlaces } from '../../policy-places.ts'
import type { View } from '../../view.ts'
import { comparedOf, whyNodes } from './why-nodes.ts'

/** The chain of causes of an asset or check of the view. `target`: as the command line names it. */
export async function whyReportOf(
  view: View,
  name: string,
  target: string | null,
): Promise<WhyReport> {
  const { planned, workspace, survey } = view
  const { world, decisions } = planned
  const i = world.graph.indexOf(name)!
  const nodes = await whyNodes(view, name)
  const verdict = decisions.verdicts[i]!
  const asset = workspace.project.assets.get(name)
  return {
    asset: name,
    target: workspace.site.target.name,
    verdict,
    nodes,
    policies: asset === undefined ? [] : (await policiesWithPlaces([asset], workspace))[0]!,
    compared: verdict.state === 'fresh' ? comparedOf(planned, i) : null,
    offline: survey.look === 'offline' ? { seenAt: seenAt(nodes, world) } : null,
    next: nextCommand(name, verdict, target, world.isExternal(i)),
  }
}

/** When the latest of these nodes was built or observed. */
function seenAt(nodes: readonly WhyNode[], world: World): number {
  const times = nodes.flatMap(({ asset, last }) => [
    last?.finishedAt ?? 0,
    world.state.observed.get(asset)?.at ?? 0,
  ])
  return Math.max(0, ...times)
}

/** An external is built by others, so the command builds its readers. */
function nextCommand(
  name: string,
  verdict: Verdict,
  target: string | null,
  isExternal: boolean,
): string {
  const line = (...words: readonly string[]) =>
    commandLine(words, { exclude: [], only: false, target })
  switch (verdict.state) {
    case 'stale':
    case 'pending':
      return line('materialize', isExternal ? `${name}+` : name)
    case 'waiting':
      return line('materialize', ...verdict.on)
    case 'building':
      return line('runs', String(verdict.run))
    case 'fresh':
      return line('status')
  }
}

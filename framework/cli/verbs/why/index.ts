import { closest } from '../../../lib/did-you-mean.ts'
import type { Problem } from '../../../model/problem.ts'
import type { Verdict } from '../../../model/verdict.ts'
import { whyReporter } from '../../../report/why.ts'
import type { WhyNode } from '../../../report/why-report.ts'
import type { World } from '../../../staleness/world.ts'
import { commandLine } from '../../command-line.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { policiesWithPlaces } from '../../policy-places.ts'
import { type ViewOptions, withView } from '../../view.ts'
import { comparedOf, whyNodes } from './why-nodes.ts'

/** `assets why ASSET`: the chain of causes, from one asset or check to its roots. */
export async function why(
  context: Context,
  output: Output,
  name: string,
  options: Pick<ViewOptions, 'target' | 'offline'>,
): Promise<number> {
  const everything = { ...options, select: [], exclude: [], only: false, purpose: 'look' } as const
  return withView(context, output, everything, async (view) => {
    const { planned, workspace, survey } = view
    const { world, decisions } = planned
    const i = world.graph.indexOf(name)
    if (i === undefined) {
      return output.fail([unknownAsset(name, world.graph.names)], EXIT.usage)
    }
    const nodes = await whyNodes(view, name)
    const verdict = decisions.verdicts[i]!
    const asset = workspace.project.assets.get(name)
    output.show(whyReporter, {
      asset: name,
      target: workspace.site.target.name,
      verdict,
      nodes,
      policies: asset === undefined ? [] : (await policiesWithPlaces([asset], workspace))[0]!,
      compared: verdict.state === 'fresh' ? comparedOf(planned, i) : null,
      offline: survey.look === 'offline' ? { seenAt: seenAt(nodes, world) } : null,
      next: nextCommand(name, verdict, options.target, world.isExternal(i)),
    })
    return EXIT.done
  })
}

function unknownAsset(name: string, names: readonly string[]): Problem {
  const near = closest(name, names)
  return {
    code: 'unknown-asset',
    message: `no asset or check is named ${name}`,
    hint: near === null ? 'list all names: assets list' : `did you mean ${near}?`,
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

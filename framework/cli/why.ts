import { closest } from '../lib/did-you-mean.ts'
import type { Problem } from '../model/problem.ts'
import type { Verdict } from '../model/verdict.ts'
import { whyReporter } from '../report/why.ts'
import type { WhyNode } from '../report/why-report.ts'
import type { World } from '../staleness/world.ts'
import { commandLine } from './command-line.ts'
import { type Context, EXIT } from './context.ts'
import { type LookOptions, look } from './looking.ts'
import type { Output } from './output.ts'
import { comparedOf, whyNodes } from './why-nodes.ts'

/** `assets why ASSET`: the chain of causes, from one asset or check to its roots. */
export async function why(
  context: Context,
  output: Output,
  name: string,
  options: Pick<LookOptions, 'target' | 'offline'>,
): Promise<number> {
  const everything: LookOptions = {
    ...options,
    select: [],
    exclude: [],
    only: false,
    purpose: 'look',
  }
  return look(context, output, everything, async (view) => {
    const { world, decisions, workspace } = view
    const index = world.graph.indexOf(name)
    if (index === undefined) {
      const near = closest(name, world.graph.names)
      const problem: Problem = {
        code: 'unknown-asset',
        message: `there is no asset or check ${name}`,
        hint: near === null ? 'assets list shows them all' : `did you mean ${near}?`,
      }
      return output.tell([problem], EXIT.usage)
    }
    const opened = await workspace.state()
    if (!opened.ok) return output.tell(opened.problems, EXIT.failed)
    const nodes = await whyNodes(view, opened.value, name)
    const verdict = decisions.verdicts[index]!
    output.show(whyReporter, {
      asset: name,
      target: workspace.site.target.name,
      verdict,
      nodes,
      compared: verdict.state === 'fresh' ? comparedOf(view, index) : null,
      offline: view.survey.look === 'offline' ? { seenAt: seenAt(nodes, world) } : null,
      next: nextCommand(name, verdict, options.target, world.assets.get(name)?.kind === 'external'),
    })
    return EXIT.done
  })
}

/** When the newest of these was built or seen. */
function seenAt(nodes: readonly WhyNode[], world: World): number {
  const times = nodes.flatMap(({ asset, last }) => [
    last?.finishedAt ?? 0,
    world.state.observed.get(asset)?.at ?? 0,
  ])
  return Math.max(0, ...times)
}

/** An external is somebody else's to make; what reads it is ours. */
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

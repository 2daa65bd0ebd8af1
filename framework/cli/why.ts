import { closest } from '../lib/did-you-mean.ts'
import type { Materialization } from '../model/record.ts'
import type { Reason } from '../model/verdict.ts'
import type { Version } from '../model/version.ts'
import type { State } from '../ports/state.ts'
import type { WhyNode } from '../report/why.ts'
import { type TraceNode, trace } from '../staleness/trace.ts'
import { type Context, EXIT } from './context.ts'
import { type LookOptions, look, type View } from './looking.ts'
import type { Output } from './output.ts'

/** `assets why ASSET`: the chain of causes, from one asset or check to its roots. */
export async function why(
  context: Context,
  output: Output,
  name: string,
  options: Pick<LookOptions, 'target' | 'offline'>,
): Promise<number> {
  const everything: LookOptions = { ...options, select: [], exclude: [], only: false }
  return look(context, output, everything, async (view) => {
    const { world, decisions, workspace } = view
    const index = world.graph.indexOf(name)
    if (index === undefined) {
      const near = closest(name, world.graph.names)
      const problem = {
        code: 'unknown-asset',
        message: `there is no asset or check ${name}`,
        hint: near === null ? 'assets list shows them all' : `did you mean ${near}?`,
      }
      return output.problems([problem], EXIT.usage)
    }
    const opened = await workspace.state()
    if (!opened.ok) return output.problems(opened.problems, EXIT.failed)
    const nodes = await explain(view, opened.value, name)
    output.why({
      asset: name,
      target: workspace.site.target.name,
      verdict: decisions.verdicts[index]!,
      nodes,
    })
    return EXIT.done
  })
}

async function explain(view: View, state: State, name: string): Promise<readonly WhyNode[]> {
  const { world, decisions, workspace } = view
  // Which past runs the chain needs is known only from the chain, so it is walked until it has them.
  const runs = new Map<number, ReadonlyMap<string, readonly Reason[]>>()
  for (;;) {
    const wanted = new Set<number>()
    const nodes = trace(world, decisions, name, (node, run) => {
      const steps = runs.get(run)
      if (steps === undefined) wanted.add(run)
      return steps?.get(node) ?? null
    })
    if (wanted.size === 0) {
      return Promise.all(nodes.map((node) => present(node, view, state)))
    }
    for (const run of wanted) runs.set(run, await reasonsOfRun(state, run))
  }

  async function reasonsOfRun(
    from: State,
    run: number,
  ): Promise<ReadonlyMap<string, readonly Reason[]>> {
    const detail = await from.run(run)
    const steps = detail.ok && detail.value !== null ? detail.value.steps : []
    return new Map(steps.map((step) => [step.name, step.reasons]))
  }

  async function present(node: TraceNode, { world }: View, from: State): Promise<WhyNode> {
    return {
      asset: node.name,
      verdict: node.verdict,
      reasons: node.reasons,
      causes: node.causes,
      last: node.last,
      before: await before(from, node.name, node.seen),
      declared: null,
      ...declaredIn(world.assets.get(node.name)?.file),
    }
  }

  async function before(
    from: State,
    asset: string,
    seen: Version | null,
  ): Promise<Materialization | null> {
    if (seen === null) return null
    const found = await from.producer(workspace.site.target.name, asset, seen)
    return found.ok ? found.value : null
  }
}

function declaredIn(file: string | undefined): Partial<WhyNode> {
  return file === undefined ? {} : { declared: { file, line: 1, column: 1 } }
}

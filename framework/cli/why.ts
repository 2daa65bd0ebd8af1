import { locateAll } from '../config/index.ts'
import { closest } from '../lib/did-you-mean.ts'
import type { Place } from '../model/place.ts'
import type { Problem } from '../model/problem.ts'
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
      const problem = {
        code: 'unknown-asset',
        message: `there is no asset or check ${name}`,
        hint: near === null ? 'assets list shows them all' : `did you mean ${near}?`,
      }
      return output.tell([problem], EXIT.usage)
    }
    const opened = await workspace.state()
    if (!opened.ok) return output.tell(opened.problems, EXIT.failed)
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
      const declared = await declarations(nodes, view)
      return Promise.all(nodes.map((node) => present(node, declared, state)))
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

  async function present(
    node: TraceNode,
    declared: ReadonlyMap<string, Place>,
    from: State,
  ): Promise<WhyNode> {
    return {
      asset: node.name,
      verdict: node.verdict,
      reasons: node.reasons,
      causes: node.causes,
      last: node.last,
      before: await before(from, node.name, node.seen),
      declared: declared.get(node.name) ?? null,
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

/** Where each asset of a chain stands in the YAML. */
async function declarations(
  nodes: readonly TraceNode[],
  { world, workspace }: View,
): Promise<ReadonlyMap<string, Place>> {
  const pointers = nodes.flatMap(({ name }): Problem[] => {
    const file = world.assets.get(name)?.file
    return file === undefined
      ? []
      : [{ code: '', message: name, at: { file, path: ['assets', name], key: true } }]
  })
  const places = new Map<string, Place>()
  for (const { message: name, at } of await locateAll(pointers, workspace.site.root)) {
    if (at !== undefined && 'line' in at) places.set(name, at)
  }
  return places
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { locatePointers } from '../config/index.ts'
import { definitionLine } from '../lib/definition-line.ts'
import type { CodePart } from '../model/definition.ts'
import type { Location } from '../model/location.ts'
import type { Materialization } from '../model/record.ts'
import type { Reason } from '../model/verdict.ts'
import type { Version } from '../model/version.ts'
import type { State } from '../ports/state.ts'
import type { Compared, WhyNode } from '../report/why.ts'
import { type Explanation, explain } from '../staleness/explain.ts'
import type { View } from './looking.ts'

/** The chain of causes of an asset or check, with builds and places, for `why`. */
export async function whyNodes(
  view: View,
  state: State,
  name: string,
): Promise<readonly WhyNode[]> {
  const { world, decisions, workspace } = view
  // Which past runs the chain needs is known only from the chain, so it is walked until it has them.
  const runs = new Map<number, ReadonlyMap<string, readonly Reason[]>>()
  for (;;) {
    const wanted = new Set<number>()
    const nodes = explain(world, decisions, name, (node, run) => {
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
    node: Explanation,
    declared: ReadonlyMap<string, Location>,
    from: State,
  ): Promise<WhyNode> {
    const earlier = await before(from, node.name, node.seen)
    return {
      asset: node.name,
      verdict: node.verdict,
      reasons: node.reasons.map((reason) =>
        withLines(reason, workspace.site.root, declared.get(node.name) ?? null),
      ),
      causes: node.causes,
      last: node.last,
      before: earlier,
      root: rootOf(node, earlier, view),
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
  nodes: readonly Explanation[],
  { world, workspace }: View,
): Promise<ReadonlyMap<string, Location>> {
  const declared = nodes.flatMap(({ name }) => {
    const file = world.assets.get(name)?.file
    return file === undefined
      ? []
      : [{ name, at: { file, path: ['assets', name], key: true } as const }]
  })
  const places = new Map<string, Location>()
  for (const { name } of nodes) {
    const file = world.checks.get(name)?.file
    if (file != null) places.set(name, { file, line: 1, column: 1 })
  }
  const pointers = declared.map(({ at }) => at)
  const located = await locatePointers(pointers, workspace.site.root)
  for (const [index, location] of located.entries()) places.set(declared[index]!.name, location)
  return places
}

/** What was held against the record of a fresh asset or check. */
export function comparedOf({ world, decisions }: View, index: number): Compared {
  const name = world.graph.names[index]!
  const last = world.state.records.get(name) ?? world.state.checks.get(name)
  const observation = world.observations.get(name)
  const inputs = (last?.inputs ?? []).map(({ name: asset, version }) => {
    const input = world.graph.indexOf(asset)
    const settled = input === undefined ? undefined : decisions.settled[input]
    return { asset, was: version, is: settled?.state === 'settled' ? settled.version : null }
  })
  return { inputs, itself: lookedAt(), source: observation?.probe.answer === 'unchanged' }

  function lookedAt(): Compared['itself'] {
    switch (observation?.found.state) {
      case 'recorded':
        return 'untouched'
      case 'present':
        return observation.found.installed === null ? 'content' : 'definition'
      case 'absent':
      case 'unreadable':
      case undefined:
        return 'unlooked'
    }
  }
}

/** What explains a build that no reason of its own explains (SEMANTICS 24). */
function rootOf(
  node: Explanation,
  before: Materialization | null,
  { world }: View,
): WhyNode['root'] {
  const { last } = node
  if (last === null || 'check' in last) return null
  if (last.how === 'adopted') return 'adopted'
  const definition = world.definitions.get(node.name)
  if (before === null || definition === undefined || definition.accumulates !== 'no') return null
  const wasReadFrom = new Map(before.inputs.map(({ name, version }) => [name, version]))
  const isSame =
    last.inputs.length > 0 &&
    last.codeVersion === before.codeVersion &&
    last.dataVersion !== before.dataVersion &&
    last.inputs.every(({ name, version }) => version !== null && wasReadFrom.get(name) === version)
  return isSame ? 'not_deterministic' : null
}

/** The reason with the line of each ingredient of the code that changed, as far as it can be told. */
function withLines(reason: Reason, root: string, declared: Location | null): Reason {
  if (reason.parts === undefined) return reason
  let { message } = reason
  for (const part of reason.parts) {
    if (part.file === undefined) continue
    const isDeclaration = part.file === declared?.file
    const line = isDeclaration ? declared.line : lineOfPart(part, join(root, part.file))
    if (line === null) continue
    message = message.replace(
      `${part.label} (${part.file})`,
      `${part.label} (${part.file}:${line})`,
    )
  }
  return { ...reason, message }
}

function lineOfPart({ label }: CodePart, path: string): number | null {
  try {
    return definitionLine(label, readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

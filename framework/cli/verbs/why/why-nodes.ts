import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { locatePointers } from '../../../config/index.ts'
import { definitionLine } from '../../../lib/definition-line.ts'
import type { CodePart } from '../../../model/definition.ts'
import type { Location } from '../../../model/location.ts'
import type { Materialization } from '../../../model/record.ts'
import type { Reason } from '../../../model/verdict.ts'
import type { Version } from '../../../model/version.ts'
import type { Planned } from '../../../plan/plan.ts'
import type { State } from '../../../ports/state.ts'
import type { Compared, WhyNode } from '../../../report/why-report.ts'
import { type Explanation, explain } from '../../../staleness/explain.ts'
import type { View } from '../../view.ts'

/** The chain of causes of an asset or check, with builds and locations, for `why`. */
export async function whyNodes(view: View, name: string): Promise<readonly WhyNode[]> {
  const { planned, state, workspace } = view
  const { world, decisions } = planned
  // The chain determines which past runs it needs, so explain again until all of them are read.
  const runs = new Map<number, ReadonlyMap<string, readonly Reason[]>>()
  for (;;) {
    const wanted = new Set<number>()
    const nodes = explain(world, decisions, name, (node, run) => {
      const steps = runs.get(run)
      if (steps === undefined) wanted.add(run)
      return steps?.get(node) ?? null
    })
    if (wanted.size === 0) {
      const declared = await declaredAt(nodes, view)
      return Promise.all(nodes.map((node) => whyNode(node, declared.get(node.name) ?? null)))
    }
    for (const run of wanted) runs.set(run, await reasonsOfRun(state, run))
  }

  async function whyNode(node: Explanation, declared: Location | null): Promise<WhyNode> {
    const before = await recordOfVersion(node.name, node.seen)
    return {
      asset: node.name,
      verdict: node.verdict,
      reasons: node.reasons.map((reason) => withLines(reason, workspace.site.root, declared)),
      causes: node.causes,
      last: node.last,
      before,
      root: node.root ?? rootOf(node, before, planned),
      declared,
    }
  }

  async function recordOfVersion(
    asset: string,
    version: Version | null,
  ): Promise<Materialization | null> {
    if (version === null) return null
    const found = await state.producer(workspace.site.target.name, asset, version)
    return found.ok ? found.value : null
  }
}

async function reasonsOfRun(
  state: State,
  run: number,
): Promise<ReadonlyMap<string, readonly Reason[]>> {
  const detail = await state.run(run)
  const steps = detail.ok && detail.value !== null ? detail.value.steps : []
  return new Map(steps.map((step) => [step.name, step.reasons]))
}

/** The location of each declaration of a chain. */
async function declaredAt(
  nodes: readonly Explanation[],
  { planned: { world }, workspace }: View,
): Promise<ReadonlyMap<string, Location>> {
  const declared = nodes.flatMap(({ name }) => {
    const file = world.parts.assets.get(name)?.file
    return file === undefined
      ? []
      : [{ name, at: { file, path: ['assets', name], key: true } as const }]
  })
  const places = new Map<string, Location>()
  for (const { name } of nodes) {
    const file = world.parts.checks.get(name)?.file
    if (file != null) places.set(name, { file, line: 1, column: 1 })
  }
  const pointers = declared.map(({ at }) => at)
  const located = await locatePointers(pointers, workspace.site.root)
  for (const [index, location] of located.entries()) places.set(declared[index]!.name, location)
  return places
}

/** What was compared with the record of a fresh asset or check. */
export function comparedOf({ world, decisions }: Planned, i: number): Compared {
  const last = world.last(i)
  const observation = world.parts.observations.get(world.name(i))
  const inputs = (last?.inputs ?? []).map(({ name: asset, version }) => {
    const input = world.graph.indexOf(asset)
    const settled = input === undefined ? undefined : decisions.settled[input]
    return { asset, was: version, is: settled?.state === 'settled' ? settled.version : null }
  })
  const probe = observation?.probe
  const isUnchanged = probe?.answer === 'unchanged'
  return {
    inputs,
    itself: lookedAt(),
    source: isUnchanged,
    asFarAs: isUnchanged ? (probe.asFarAs ?? null) : null,
  }

  function lookedAt(): Compared['itself'] {
    switch (observation?.found.state) {
      case 'recorded':
        return 'untouched'
      case 'present':
        return observation.found.installed === null ? 'content' : 'definition'
      case 'absent':
      case 'replaced':
      case 'unreadable':
      case undefined:
        return 'unlooked'
    }
  }
}

/** Why the content changed when the recorded code and inputs do not explain it (SEMANTICS 24). */
function rootOf(
  node: Explanation,
  before: Materialization | null,
  { world }: Planned,
): WhyNode['root'] {
  const { last } = node
  if (last === null || 'check' in last) return null
  if (last.how === 'adopted') return 'adopted'
  const definition = world.parts.definitions.get(node.name)
  if (before === null || definition === undefined || definition.accumulates !== 'no') return null
  const wasReadFrom = new Map(before.inputs.map(({ name, version }) => [name, version]))
  const isSame =
    last.inputs.length > 0 &&
    last.codeVersion === before.codeVersion &&
    last.dataVersion !== before.dataVersion &&
    last.inputs.every(({ name, version }) => version !== null && wasReadFrom.get(name) === version)
  return isSame ? 'not_deterministic' : null
}

/** The reason with the line of each changed part of the code, where the line can be found. */
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

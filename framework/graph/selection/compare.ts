import type { DbtFacts } from '../../model/dbt-facts.ts'
import type { Value } from './ast.ts'
import type { SelectionFacts } from './facts.ts'
import type { Candidate, Method } from './method.ts'
import type { WiderGraph } from './wider-graph.ts'

/** A node that an expression selects. */
export const SELECTED = 1
/**
 * A node from which a walk starts, without being selected itself: dbt's readers, and checks of which only the
 * folder or the package was named.
 */
const START = 2

/** `SELECTED` and `START` for the nodes and readers that a method matches. */
export function compare(
  method: Method,
  value: Value,
  path: readonly string[],
  facts: SelectionFacts,
  wider: WiderGraph,
): Uint8Array {
  const { assetCount, size, names } = facts.graph
  const bits = new Uint8Array(wider.size)
  const matches = method.compile(value, path)
  // `<null>` asks for assets without a property: no check has an owner, and hardly any a tag.
  const selects = value.text === null ? (['assets'] as const) : method.selects
  // Every node of the asset must lack the property.
  const matchesOne = (all: readonly Candidate[]) =>
    value.text === null ? all.every(matches) : all.some(matches)
  if (selects.includes('assets')) {
    for (let i = 0; i < assetCount; i++) {
      if (matchesOne(nodesOf(names[i]!, facts))) bits[i] = SELECTED
    }
  }
  if (selects.includes('checks')) {
    for (let i = assetCount; i < size; i++) {
      const nodes = nodesOf(names[i]!, facts)
      if (!matchesOne(nodes)) continue
      const dbt = nodes[0]?.dbt() ?? null
      const isSelected = dbt === null || (method.selectsCheck?.(dbt, value) ?? true)
      bits[i] = isSelected ? SELECTED : START
    }
  }
  if (selects.includes('readers')) {
    for (let i = size; i < bits.length; i++) {
      if (matches(readerCandidate(wider.reader(i).facts))) bits[i] = START
    }
  }
  return bits
}

/** Every text that a method compares with its value. */
export function textsOf(
  method: Method,
  path: readonly string[],
  facts: SelectionFacts,
): ReadonlySet<string> {
  const { texts } = method
  const found = new Set<string>()
  if (texts === undefined) return found
  for (const name of facts.graph.names) {
    for (const node of nodesOf(name, facts)) for (const text of texts(node, path)) found.add(text)
  }
  return found
}

function nodesOf(name: string, facts: SelectionFacts): readonly Candidate[] {
  const candidate = (dbt: () => DbtFacts | null): Candidate => ({
    name,
    asset: facts.assets.get(name) ?? null,
    definition: facts.definitions.get(name) ?? null,
    dbt,
    state: () => facts.state(name),
  })
  const all = facts.dbt.nodes.get(name)
  return all === undefined ? [candidate(() => null)] : all.map((dbt) => candidate(() => dbt))
}

function readerCandidate(dbt: DbtFacts): Candidate {
  const name = dbt.fqn.at(-1)!
  const state = (): never => {
    throw new Error(`a selection asked for the state of ${dbt.resourceType} ${name}`)
  }
  return { name, asset: null, definition: null, dbt: () => dbt, state }
}

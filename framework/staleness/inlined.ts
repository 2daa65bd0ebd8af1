import type { Graph } from '../graph/graph.ts'
import { hash } from '../lib/hash.ts'
import type { CodeVersionTable } from '../model/columns.ts'
import type { Definition } from '../model/definition.ts'
import type { Shape } from '../model/version.ts'
import type { Input } from './reasons.ts'

/** Tells a statement from the name of a relation. */
const INLINED = 'select:'

/**
 * Hashes of the statements that stand for ephemeral assets in what reads them, by name. A view keeps
 * the statement it was created with, so another one below it asks for a new view, whatever the data.
 */
export function inlinedStatements(
  graph: Graph,
  definitions: ReadonlyMap<string, Definition>,
  { known }: CodeVersionTable,
): ReadonlyMap<string, string> {
  const statements = new Map<string, string>()
  for (const index of graph.order) {
    if (known[index] === 1) continue
    const name = graph.names[index]!
    const definition = definitions.get(name)
    if (definition?.form !== 'ephemeral') continue
    const inputs = Array.from(graph.inputs(index), (input) => graph.names[input]!)
    const parts = inputs.flatMap((input) => [input, statements.get(input) ?? ''])
    statements.set(name, `${INLINED}${hash(definition.codeVersion, ...parts)}`)
  }
  return statements
}

/** Whether an input stands in a view with another statement than now, or no longer with one at all. */
export function isInlinedOtherwise(was: Shape | null, statement: string | null): boolean {
  const before = was?.relation?.startsWith(INLINED) ? was.relation : null
  return before !== statement
}

/** An ephemeral as what reads it sees it: its statement, and what that statement names. */
export function inlinedShape(statement: string, inputs: readonly Input[]): Shape {
  const shapes = inputs.map(({ settled }) =>
    settled.state === 'settled' && settled.shape !== null
      ? `${settled.shape.relation} ${settled.shape.columns}`
      : '',
  )
  return { relation: statement, columns: hash(...shapes) }
}

import type { Graph } from '../graph/graph.ts'
import { hash } from '../lib/hash.ts'
import type { Definition } from '../model/definition.ts'
import type { CodeVersionTable } from '../model/tables/code-version-table.ts'
import type { Shape } from '../model/version.ts'
import type { Input } from './reasons.ts'

/** Distinguishes the hash of a statement from the name of a relation. */
const INLINED = 'select:'

/** The statement that an ephemeral is inlined as. */
export interface Statement {
  readonly hash: string
  /** Whether it, or one that is inlined in it, is worked out from data. */
  readonly isRenderedFromData: boolean
}

/**
 * The statements that ephemeral assets are inlined as, by name. A view keeps the statement that it was
 * created with, so when a statement below it changes, the view must be replaced, even if no data changed.
 * The statement names the relations that it reads, so they are part of the hash.
 */
export function inlinedStatements(parts: {
  readonly graph: Graph
  readonly definitions: ReadonlyMap<string, Definition>
  readonly codes: CodeVersionTable
}): ReadonlyMap<string, Statement> {
  const { graph, definitions, codes } = parts
  const statements = new Map<string, Statement>()
  for (const i of graph.order) {
    if (codes.has(i)) continue
    const name = graph.names[i]!
    const definition = definitions.get(name)
    if (definition?.form !== 'ephemeral') continue
    const inputs = Array.from(graph.inputs(i), (input) => graph.names[input]!)
    const read = inputs.flatMap((input) => [
      input,
      statements.get(input)?.hash ?? definitions.get(input)?.relation ?? '',
    ])
    const isRenderedFromData =
      definition.isRenderedFromData === true ||
      inputs.some((input) => statements.get(input)?.isRenderedFromData === true)
    const statement = `${INLINED}${hash(definition.codeVersion, ...read)}`
    statements.set(name, { hash: statement, isRenderedFromData })
  }
  return statements
}

/** Whether a view was created with another statement for this input, or with none. */
export function isInlinedOtherwise(was: Shape | null, statement: string | null): boolean {
  const before = isInlined(was) ? was!.relation : null
  return before !== statement
}

/** Whether a recorded input is the statement of an ephemeral. */
export function isInlined(shape: Shape | null): boolean {
  return shape?.relation?.startsWith(INLINED) === true
}

/** An ephemeral as its readers see it: its statement, and the columns that the statement reads. */
export function inlinedShape(statement: string, inputs: readonly Input[]): Shape {
  const shapes = inputs.map(({ settled }) =>
    settled.state === 'settled' && settled.shape !== null
      ? `${settled.shape.relation} ${settled.shape.columns}`
      : '',
  )
  return { relation: statement, columns: hash(...shapes) }
}

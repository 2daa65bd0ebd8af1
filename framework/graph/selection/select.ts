import type { Problem, Result } from '../../model/problem.ts'
import type { Graph } from '../graph.ts'
import type { Selection } from './ast.ts'
import { Evaluation } from './evaluate.ts'
import type { SelectionFacts } from './facts.ts'
import { selectionProblem } from './problem.ts'

export interface Selected {
  /**
   * 1 for each selected node of the graph. Checks are selected only where the selection names them
   * (by name, `test_name:`, `resource_type:`). The checks of selected assets are not included.
   */
  readonly bits: Uint8Array
  /** Parts of the selection that match nothing. */
  readonly warnings: readonly Problem[]
}

/**
 * Evaluates a selection, minus `exclude`. Problems, each with carets below the text at fault:
 * `unknown-asset` for a plain name that does not exist, `unknown-selector`, `selector-cycle`. A method
 * or wildcard that matches nothing is a warning.
 */
export function select(
  selection: Selection,
  exclude: Selection | null,
  facts: SelectionFacts,
): Result<Selected> {
  const evaluation = new Evaluation(facts)
  const bits = evaluation.union(selection.length === 0 ? EVERYTHING : selection)
  if (exclude !== null && exclude.length > 0) {
    const excluded = evaluation.union(exclude)
    for (let i = 0; i < bits.length; i++) if (excluded[i] === 1) bits[i] = 0
  }
  const { problems, warnings } = evaluation
  if (problems.length > 0) return { ok: false, problems }
  if (selection.length > 0 && warnings.length === 0 && !bits.includes(1)) {
    const whole = selection.map(({ text }) => text).join(' ')
    const message = 'the selection matches no assets'
    warnings.push(
      selectionProblem('selection-empty', message, whole, { start: 0, end: whole.length }),
    )
  }
  return { ok: true, value: { bits, warnings } }
}

const EVERYTHING: Selection = [{ text: '*', expression: { op: 'all' } }]

/** Names of the selected nodes, in declaration order. */
export function namesOf(graph: Graph, bits: Uint8Array): readonly string[] {
  return graph.names.filter((_, i) => bits[i] === 1)
}

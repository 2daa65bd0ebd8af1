import { ok, type Problem, type Result } from '../../model/problem.ts'
import type { Graph } from '../graph.ts'
import type { Selection } from './ast.ts'
import { Evaluation } from './evaluate.ts'
import type { SelectionFacts } from './facts.ts'
import { selectionProblem } from './problem.ts'

export interface Selected {
  /**
   * A mark (1) for each node of the graph. Checks are marked only where the selection names them
   * (by name, `test_name:`, `resource_type:`): which others run with the assets they read is not
   * a matter of selection.
   */
  readonly marks: Uint8Array
  /** Parts of the selection that matched nothing: said, and not an error. */
  readonly warnings: readonly Problem[]
}

/**
 * The nodes that a selection means, less those of `exclude`. Problems, each with a caret:
 * `unknown-asset` for a plain name that is none, `unknown-selector`, `selector-cycle`. A method or
 * a wildcard that matches nothing is only a warning.
 */
export function select(
  selection: Selection,
  exclude: Selection | null,
  facts: SelectionFacts,
): Result<Selected> {
  const evaluation = new Evaluation(facts)
  const marks = evaluation.union(selection.length === 0 ? EVERYTHING : selection)
  if (exclude !== null && exclude.length > 0) {
    const excluded = evaluation.union(exclude)
    for (let i = 0; i < marks.length; i++) if (excluded[i] === 1) marks[i] = 0
  }
  const { problems, warnings } = evaluation
  if (problems.length > 0) return { ok: false, problems }
  if (selection.length > 0 && warnings.length === 0 && !marks.includes(1)) {
    const whole = selection.map(({ text }) => text).join(' ')
    const message = 'the selection holds no asset'
    warnings.push(
      selectionProblem('selection-empty', message, whole, { start: 0, end: whole.length }),
    )
  }
  return ok({ marks, warnings })
}

const EVERYTHING: Selection = [{ text: '*', expression: { op: 'all' } }]

/** Names of the marked nodes, in declaration order. */
export function namesOf(graph: Graph, marks: Uint8Array): readonly string[] {
  return graph.names.filter((_, i) => marks[i] === 1)
}

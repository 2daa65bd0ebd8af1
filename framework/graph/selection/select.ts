import { ok, type Problem, type Result } from '../../model/problem.ts'
import type { Graph } from '../graph.ts'
import type { Selection } from './ast.ts'
import { Evaluation } from './evaluate.ts'
import type { SelectionFacts } from './facts.ts'
import { selectionProblem } from './problem.ts'

export interface Selected {
  /**
   * A bit (1) for each node of the graph. Checks are marked only where the selection names them
   * (by name, `test_name:`, `resource_type:`): which others run with the assets they read is not
   * a matter of selection.
   */
  readonly bits: Uint8Array
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
  const bits = evaluation.union(selection.length === 0 ? EVERYTHING : selection)
  if (exclude !== null && exclude.length > 0) {
    const excluded = evaluation.union(exclude)
    for (let i = 0; i < bits.length; i++) if (excluded[i] === 1) bits[i] = 0
  }
  const { problems, warnings } = evaluation
  if (problems.length > 0) return { ok: false, problems }
  if (selection.length > 0 && warnings.length === 0 && !bits.includes(1)) {
    const whole = selection.map(({ text }) => text).join(' ')
    const message = 'the selection holds no asset'
    warnings.push(
      selectionProblem('selection-empty', message, whole, { start: 0, end: whole.length }),
    )
  }
  return ok({ bits, warnings })
}

const EVERYTHING: Selection = [{ text: '*', expression: { op: 'all' } }]

/** Names of the marked nodes, in declaration order. */
export function namesOf(graph: Graph, bits: Uint8Array): readonly string[] {
  return graph.names.filter((_, i) => bits[i] === 1)
}

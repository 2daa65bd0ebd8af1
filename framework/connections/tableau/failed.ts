import type { Problem, Result } from '../../model/problem.ts'

/** The first problem of a result, as the outcome of a work. */
export function failed({ problems }: Extract<Result<unknown>, { readonly ok: false }>): {
  readonly is: 'failed'
  readonly problem: Problem
} {
  return { is: 'failed', problem: problems[0]! }
}

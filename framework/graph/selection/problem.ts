import type { Problem, ProblemCode } from '../../model/problem.ts'
import type { Span } from './ast.ts'

/** Characters shown on either side of the span. */
const CONTEXT = 60

/** A problem of an expression. `detail` is its text with carets below the span. */
export function selectionProblem(
  code: ProblemCode,
  message: string,
  text: string,
  span: Span,
  hint?: string,
): Problem {
  const from = Math.max(0, span.start - CONTEXT)
  const to = Math.min(text.length, span.end + CONTEXT)
  const inLine = (start: number, end: number) => text.slice(start, end).replaceAll(/\s/g, ' ')
  const before = (from > 0 ? '…' : '') + inLine(from, span.start)
  const after = inLine(span.start, to) + (to < text.length ? '…' : '')
  const carets = '^'.repeat(Math.max(1, span.end - span.start))
  return {
    code,
    message,
    at: {
      file: '<selection>',
      line: 1,
      column: span.start + 1,
      endLine: 1,
      endColumn: Math.max(span.end, span.start + 1) + 1,
    },
    detail: `${before}${after}\n${' '.repeat(before.length)}${carets}`,
    ...(hint === undefined ? {} : { hint }),
    mistake: true,
  }
}

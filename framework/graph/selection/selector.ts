import { isGlob, nameGlob } from '../../lib/glob.ts'
import { ok, type Result } from '../../model/problem.ts'
import type { Selector } from '../../model/selector.ts'
import type { Expression } from './ast.ts'
import { parseSelection } from './parse.ts'

/** The longest chain of selectors that refer to each other. The call stack holds more. */
export const MAX_SELECTORS = 30

/**
 * The expression of an entry of `selectors:`. Problems: those of `parseSelection`, each with carets below
 * its own text.
 */
export function parseSelector(selector: Selector): Result<Expression> {
  if (typeof selector === 'string') {
    const parsed = parseSelection(selector)
    if (!parsed.ok) return parsed
    const [part] = parsed.value
    return part === undefined ? ok({ op: 'all' }) : ok({ op: 'part', part })
  }
  const of = parseAll(selector.of)
  const except = parseAll(selector.except)
  if (!of.ok) return of
  if (!except.ok) return except
  const joined: Expression = { op: selector.join, of: of.value }
  if (except.value.length === 0) return ok(joined)
  return ok({
    op: 'intersection',
    of: [joined, { op: 'not', of: { op: 'union', of: except.value } }],
  })
}

function parseAll(selectors: readonly Selector[]): Result<readonly Expression[]> {
  const parsed = selectors.map(parseSelector)
  const problems = parsed.flatMap((one) => (one.ok ? [] : one.problems))
  if (problems.length > 0) return { ok: false, problems }
  return ok(parsed.flatMap((one) => (one.ok ? [one.value] : [])))
}

/** The selectors that a name or pattern stands for. A name stands for itself, whether it exists or not. */
export function selectorNames(
  wanted: string,
  selectors: Readonly<Record<string, Selector>>,
): readonly string[] {
  if (!isGlob(wanted) || Object.hasOwn(selectors, wanted)) return [wanted]
  return Object.keys(selectors).filter(nameGlob(wanted))
}

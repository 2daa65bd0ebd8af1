import type { Problem } from '../../model/problem.ts'
import { describeValue } from '../schema/issue-text.ts'
import type { Subject } from '../schema/validate.ts'

export type Mapping = Readonly<Record<string, unknown>>

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value if it is a mapping. An empty value (`raw_x:`) is an empty mapping. Problems: `wrong-type`. */
export function requireMapping(
  value: unknown,
  subject: Subject,
  listHint: string,
): { readonly value: Mapping; readonly problems: readonly Problem[] } {
  if (value === null || value === undefined) return { value: {}, problems: [] }
  if (isMapping(value)) return { value, problems: [] }
  const problem: Problem = {
    code: 'wrong-type',
    message: `${subject.name} must be a mapping, not ${describeValue(value, subject.mayShowValue)}`,
    at: subject.at,
    hint: Array.isArray(value) ? listHint : 'write "key: value" lines below it',
    ...(subject.asset === undefined ? {} : { asset: subject.asset }),
  }
  return { value: {}, problems: [problem] }
}

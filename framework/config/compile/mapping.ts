import type { Problem } from '../../model/problem.ts'
import { describe } from '../schema/issue-text.ts'
import type { Subject } from '../schema/validate.ts'

export type Mapping = Readonly<Record<string, unknown>>

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A mapping as it is, nothing (`raw_x:` with no value) as an empty one, or a `wrong-type` problem. */
export function mappingOf(
  value: unknown,
  subject: Subject,
  listHint: string,
): { readonly value: Mapping; readonly problems: readonly Problem[] } {
  if (value === null || value === undefined) return { value: {}, problems: [] }
  if (isMapping(value)) return { value, problems: [] }
  const problem: Problem = {
    code: 'wrong-type',
    message: `${subject.name} must be a mapping, not ${describe(value, subject.show)}`,
    at: subject.at,
    hint: Array.isArray(value) ? listHint : 'write "key: value" lines below it',
    ...(subject.asset === undefined ? {} : { asset: subject.asset }),
  }
  return { value: {}, problems: [problem] }
}

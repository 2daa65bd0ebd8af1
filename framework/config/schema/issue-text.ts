import type { z } from 'zod'

export type Issue = z.core.$ZodIssue

/**
 * Describes what is wrong with a value, to follow its name in a message: `must be a list, not the
 * string "a"`. With `mayShowValue` false, only its type is named: it may be a secret.
 */
export function issueText(issue: Issue, value: unknown, mayShowValue: boolean): string {
  if (issue.message !== '') return declaredMessage(issue.message)
  switch (issue.code) {
    case 'invalid_type':
      return mustBe(typeName(issue.expected), value, mayShowValue)
    case 'invalid_value':
      return mustBe(oneOf(issue.values), value, mayShowValue)
    case 'invalid_union':
      return mustBe(unionOf(issue), value, mayShowValue)
    case 'too_small':
      if (amount(issue.origin) !== 'be' && issue.minimum === 1) return 'must not be empty'
      return `must ${amount(issue.origin)} ${limit('least', issue.minimum, issue.inclusive)}`
    case 'too_big':
      return `must ${amount(issue.origin)} ${limit('most', issue.maximum, issue.inclusive)}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_format':
      return `must be ${issue.format === 'regex' ? `of the form ${issue.pattern}` : `a valid ${issue.format}`}`
    case 'unrecognized_keys':
      return `has unknown keys: ${issue.keys.join(', ')}`
    case 'invalid_key':
    case 'invalid_element':
      return declaredMessage(issue.issues[0]?.message || 'is not allowed')
    case 'custom':
      return 'is not valid'
  }
}

/** A message of a declaration. `a duration such as 1h` gets "must be" in front; a verb does not. */
function declaredMessage(message: string): string {
  return /^(must|is|has|needs|can) /.test(message) ? message : `must be ${message}`
}

function mustBe(what: string, value: unknown, mayShowValue: boolean): string {
  return `must be ${what}, not ${describeValue(value, mayShowValue)}`
}

/** A value in a sentence: `the string "dedup"`, `an empty value`. */
export function describeValue(value: unknown, mayShowValue: boolean): string {
  if (value === null || value === undefined) return 'an empty value'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (!mayShowValue) return typeName(typeof value)
  if (typeof value !== 'string')
    return typeof value === 'number' ? `the number ${value}` : `${value}`
  return value === '' ? 'an empty string' : `the string ${JSON.stringify(clip(value))}`
}

const clip = (text: string) => (text.length > 40 ? `${text.slice(0, 37)}...` : text)

function typeName(expected: string): string {
  switch (expected) {
    case 'string':
      return 'a string'
    case 'int':
      return 'a whole number'
    case 'boolean':
      return 'true or false'
    case 'array':
    case 'tuple':
      return 'a list'
    case 'object':
    case 'record':
      return 'a mapping'
    default:
      return `a ${expected}`
  }
}

function unionOf(issue: z.core.$ZodIssueInvalidUnion): string {
  if (issue.inclusive !== false && issue.options !== undefined) return oneOf(issue.options)
  const expected = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => {
      if (inner.code === 'invalid_type') return [typeName(inner.expected)]
      const isOfUnion = inner.code === 'invalid_value' && inner.path.length === 0
      return isOfUnion ? inner.values.map((value) => JSON.stringify(value)) : []
    }),
  )
  return orList([...new Set(expected)])
}

const oneOf = (values: readonly unknown[]) => orList(values.map((value) => JSON.stringify(value)))

/** `a`, `a or b`, `a, b or c`. */
export function orList(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}

function amount(origin: string): string {
  return origin === 'array' || origin === 'set' ? 'have' : origin === 'string' ? 'be long' : 'be'
}

function limit(side: 'least' | 'most', bound: number | bigint, inclusive = true): string {
  if (inclusive) return `at ${side} ${bound}`
  return `${side === 'least' ? 'more' : 'less'} than ${bound}`
}

import type { z } from 'zod'

export type Issue = z.core.$ZodIssue

/**
 * What is wrong with a value, as the end of a sentence that its name begins: `must be a list, not
 * the text "a"`. `show` is false where values may be secret: then only their type is told.
 */
export function wordingOf(issue: Issue, value: unknown, show: boolean): string {
  if (issue.message !== '') return ownWording(issue.message)
  switch (issue.code) {
    case 'invalid_type':
      return mustBe(typeName(issue.expected), value, show)
    case 'invalid_value':
      return mustBe(oneOf(issue.values), value, show)
    case 'invalid_union':
      return mustBe(unionOf(issue), value, show)
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
      return ownWording(issue.issues[0]?.message || 'is not allowed')
    case 'custom':
      return 'is not valid'
  }
}

/** A declaration's own words: `must …` and `is …` as they are, `a duration such as 1h` after "must be". */
function ownWording(message: string): string {
  return /^(must|is|has|needs|names|can) /.test(message) ? message : `must be ${message}`
}

function mustBe(what: string, value: unknown, show: boolean): string {
  return `must be ${what}, not ${describe(value, show)}`
}

/** A value in a sentence: `the text "dedup"`, `a list`, `nothing`. */
export function describe(value: unknown, show: boolean): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (!show) return typeName(typeof value)
  if (typeof value !== 'string')
    return typeof value === 'number' ? `the number ${value}` : `${value}`
  return value === '' ? 'an empty text' : `the text ${JSON.stringify(clip(value))}`
}

const clip = (text: string) => (text.length > 40 ? `${text.slice(0, 37)}...` : text)

function typeName(expected: string): string {
  switch (expected) {
    case 'string':
      return 'a text'
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
    branch.flatMap((inner) => (inner.code === 'invalid_type' ? [typeName(inner.expected)] : [])),
  )
  return or([...new Set(expected)])
}

const oneOf = (values: readonly unknown[]) => or(values.map((value) => JSON.stringify(value)))

/** `a`, `a or b`, `a, b or c`. */
export function or(words: readonly string[]): string {
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

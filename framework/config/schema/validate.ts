import type { z } from 'zod'
import { closest } from '../../lib/did-you-mean.ts'
import type { Pointer } from '../../model/location.ts'
import type { Problem, ProblemCode } from '../../model/problem.ts'
import { type Issue, issueText } from './issue-text.ts'

/** The value under validation: its name in messages and its location. */
export interface Subject {
  /** The start of messages: `raw_payment`, `target local, warehouse`. */
  readonly name: string
  readonly at: Pointer
  readonly asset?: string
  /** False for settings, which may contain passwords: messages then show only the value's type. */
  readonly mayShowValue: boolean
  /** Keys that come from `defaults:` and were validated there. Problems with them are dropped. */
  readonly checkedElsewhere?: ReadonlySet<string>
}

type Schema = z.core.$ZodType

/**
 * The parsed value, or undefined and all problems. Problems: `unknown-key`, `missing-key`,
 * `wrong-type`, `invalid-value`, `invalid-name`.
 */
export function validate<S extends Schema>(
  schema: S & { readonly safeParse: z.ZodType['safeParse'] },
  value: unknown,
  subject: Subject,
): { readonly value: z.output<S> | undefined; readonly problems: readonly Problem[] } {
  // An empty message means that the declaration gives none: `issueText` then writes one.
  const parsed = schema.safeParse(value, { error: () => '' })
  if (parsed.success) return { value: parsed.data as z.output<S>, problems: [] }
  const issues = parsed.error.issues
    .flatMap(likeliestBranch)
    .filter(({ path: [key] }) => key === undefined || !subject.checkedElsewhere?.has(String(key)))
  const suggested = new Set(issues.flatMap((issue) => closestPaths(issue, schema)))
  const problems = issues
    .filter((issue) => !(isMissing(issue, value) && suggested.has(pathText(pathOf(issue)))))
    .flatMap((issue) => problemsOf(issue, schema, value, subject))
  return { value: undefined, problems }
}

type Path = readonly (string | number)[]

/** `readValue` makes no other keys than texts and numbers. */
const pathOf = (issue: Issue) => issue.path as Path

/** Known keys that an unknown key resembles. They are not reported as missing too. */
function closestPaths(issue: Issue, schema: Schema): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return []
  const known = keysAt(schema, pathOf(issue))
  const suggestions = issue.keys.map((key) => closestKey(key, known))
  return suggestions.flatMap((key) => (key === null ? [] : [pathText([...pathOf(issue), key])]))
}

function isMissing(issue: Issue, root: unknown): boolean {
  const isTypeError = isOfOtherType(issue) || issue.code === 'invalid_union'
  return isTypeError && valueAt(root, pathOf(issue)) === undefined
}

/** Issues of the branch of a union that fits best: the right type and the fewest issues. */
export function likeliestBranch(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const [branch] = issue.errors
    .filter((issues) => !issues.some((inner) => inner.path.length === 0 && isOfOtherType(inner)))
    .toSorted((a, b) => unknownKeys(a) - unknownKeys(b) || a.length - b.length)
  if (branch === undefined) return [issue]
  return branch
    .map((inner): Issue => ({ ...inner, path: [...issue.path, ...inner.path] }))
    .flatMap(likeliestBranch)
}

function unknownKeys(issues: readonly Issue[]): number {
  return issues.filter((issue) => issue.code === 'unrecognized_keys').length
}

function isOfOtherType(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value'
}

function problemsOf(
  issue: Issue,
  schema: Schema,
  root: unknown,
  subject: Subject,
): readonly Problem[] {
  const path = pathOf(issue)
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path)
    return issue.keys.map((key) => unknownKey(subject, [...path, key], known))
  }
  const value = valueAt(root, path)
  if (isMissing(issue, root)) return [missingKey(subject, path)]
  const name = path.length === 0 ? subject.name : `${subject.name}: "${pathText(path)}"`
  const declared = declaredProblem(issue)
  const hint = declared?.hint ?? hintFor(issue, value)
  return [
    {
      code: declared?.problem ?? codeOf(issue),
      message: `${name} ${issueText(issue, value, subject.mayShowValue)}`,
      at: pointTo(subject, path, issue.code === 'invalid_key'),
      ...(hint === undefined ? {} : { hint }),
      ...assetOf(subject),
    },
  ]
}

/** The problem of an unknown key. `known`: the keys that are valid there. */
export function unknownKey(subject: Subject, path: Path, known: readonly string[]): Problem {
  const key = String(path.at(-1))
  const suggestion = closestKey(key, known)
  const others = known.includes(key)
    ? 'it is not allowed together with the other keys here'
    : `known keys: ${known.join(', ')}`
  return {
    code: 'unknown-key',
    message: `${subject.name}: unknown key "${pathText(path)}"`,
    at: pointTo(subject, path, true),
    hint: suggestion === null ? others : `did you mean "${suggestion}"?`,
    ...assetOf(subject),
  }
}

/** The known key that resembles an unknown one; null for none, or if another branch of a union has it. */
export function closestKey(key: string, known: readonly string[]): string | null {
  return known.includes(key) ? null : closest(key, known)
}

function missingKey(subject: Subject, path: Path): Problem {
  return {
    code: 'missing-key',
    message: `${subject.name}: "${pathText(path)}" is missing`,
    at: pointTo(subject, path.slice(0, -1), true),
    ...assetOf(subject),
  }
}

/** The code and the hint that a check of a declaration gives with its message; null for others. */
function declaredProblem(
  issue: Issue,
): { readonly problem: ProblemCode; readonly hint: string } | null {
  const params = issue.code === 'custom' ? issue.params : undefined
  if (params?.problem === undefined) return null
  return { problem: params.problem as ProblemCode, hint: String(params.hint) }
}

function codeOf(issue: Issue): ProblemCode {
  if (issue.code === 'invalid_key') return 'invalid-name'
  if (issue.code === 'invalid_type') return 'wrong-type'
  const isUnionOfTypes = issue.code === 'invalid_union' && issue.errors.length > 0
  return isUnionOfTypes ? 'wrong-type' : 'invalid-value'
}

function hintFor(issue: Issue, value: unknown): string | undefined {
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    const suggestion = closest(value, issue.values.map(String))
    return suggestion === null ? undefined : `did you mean "${suggestion}"?`
  }
  if (issue.code !== 'invalid_type') return undefined
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  if (issue.expected === 'string' && isPlain) return 'put quotes around it'
  if (issue.expected === 'array' && typeof value === 'string') return 'write it as a list: [ ]'
  return undefined
}

function pointTo(subject: Subject, path: Path, key: boolean): Pointer {
  const at = { file: subject.at.file, path: [...subject.at.path, ...path] }
  return key ? { ...at, key: true } : at
}

const assetOf = ({ asset }: Subject) => (asset === undefined ? {} : { asset })

/** `freshness.max_age`, `deps[2]`. */
function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    return (value as Record<string | number, unknown>)[part]
  }, root)
}

/** The keys that a schema allows at a path. */
function keysAt(schema: Schema, path: Path): readonly string[] {
  const { _zod } = schema as z.core.$ZodTypes
  const { def } = _zod
  const [part, ...rest] = path
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      return keysAt(def.innerType, path)
    case 'lazy':
      return keysAt(def.getter(), path)
    case 'union':
      return [...new Set(def.options.flatMap((option) => keysAt(option, path)))]
    case 'object': {
      if (part === undefined) return Object.keys(def.shape)
      const inner = def.shape[part]
      return inner === undefined ? [] : keysAt(inner, rest)
    }
    case 'array':
      return part === undefined ? [] : keysAt(def.element, rest)
    case 'record':
      return part === undefined ? [] : keysAt(def.valueType, rest)
    default:
      return []
  }
}

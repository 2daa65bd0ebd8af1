import type { z } from 'zod'
import { closest } from '../../lib/did-you-mean.ts'
import type { Pointer } from '../../model/location.ts'
import type { Problem, ProblemCode } from '../../model/problem.ts'
import { type Issue, wordingOf } from './issue-text.ts'

/** What a value in YAML is called and where it stands. */
export interface Subject {
  /** How messages begin: `raw_payment`, `target local, warehouse`. */
  readonly name: string
  readonly at: Pointer
  readonly asset?: string
  /** Whether a message may show the value: not where it may be a password. */
  readonly show: boolean
  /** Keys whose values came from elsewhere and were judged there. */
  readonly judged?: ReadonlySet<string>
}

type Schema = z.core.$ZodType

/** The parsed value, or every problem with it. Codes: `unknown-key`, `missing-key`, `wrong-type`, `invalid-value`, `invalid-name`. */
export function validate<S extends Schema>(
  schema: S & { readonly safeParse: z.ZodType['safeParse'] },
  value: unknown,
  subject: Subject,
): { readonly value: z.output<S> | undefined; readonly problems: readonly Problem[] } {
  // An empty message marks those that no declaration words by itself.
  const parsed = schema.safeParse(value, { error: () => '' })
  if (parsed.success) return { value: parsed.data as z.output<S>, problems: [] }
  const issues = parsed.error.issues
    .flatMap(untangle)
    .filter(({ path: [key] }) => key === undefined || !subject.judged?.has(String(key)))
  const mistyped = new Set(issues.flatMap((issue) => meantPaths(issue, schema)))
  const problems = issues
    .filter((issue) => !(isMissing(issue, value) && mistyped.has(pathText(pathOf(issue)))))
    .flatMap((issue) => problemsOf(issue, schema, value, subject))
  return { value: undefined, problems }
}

type Path = readonly (string | number)[]

/** YAML has no other keys than texts and numbers. */
const pathOf = (issue: Issue) => issue.path as Path

/** The keys that were meant by unknown ones: that they are missing is no problem of its own. */
function meantPaths(issue: Issue, schema: Schema): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return []
  const known = keysAt(schema, pathOf(issue))
  const meant = issue.keys.map((key) => meantKey(key, known))
  return meant.flatMap((key) => (key === null ? [] : [pathText([...pathOf(issue), key])]))
}

function isMissing(issue: Issue, root: unknown): boolean {
  const isAboutAll = isOfOtherType(issue) || issue.code === 'invalid_union'
  return isAboutAll && valueAt(root, pathOf(issue)) === undefined
}

/** Of a union's branches the one that was most likely meant: right in type, with the least wrong. */
export function untangle(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const [branch] = issue.errors
    .filter((issues) => !issues.some((inner) => inner.path.length === 0 && isOfOtherType(inner)))
    .toSorted((a, b) => unknownKeys(a) - unknownKeys(b) || a.length - b.length)
  if (branch === undefined) return [issue]
  return branch
    .map((inner): Issue => ({ ...inner, path: [...issue.path, ...inner.path] }))
    .flatMap(untangle)
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
  const named = path.length === 0 ? subject.name : `${subject.name}: "${pathText(path)}"`
  const hint = hintFor(issue, value)
  return [
    {
      code: codeOf(issue),
      message: `${named} ${wordingOf(issue, value, subject.show)}`,
      at: pointTo(subject, path, issue.code === 'invalid_key'),
      ...(hint === undefined ? {} : { hint }),
      ...assetOf(subject),
    },
  ]
}

/** A key that nothing takes. `known` are those that could have been meant. */
export function unknownKey(subject: Subject, path: Path, known: readonly string[]): Problem {
  const key = String(path.at(-1))
  const meant = meantKey(key, known)
  const others = known.includes(key)
    ? 'it does not go together with the keys beside it'
    : `known here: ${known.join(', ')}`
  return {
    code: 'unknown-key',
    message: `${subject.name}: unknown key "${pathText(path)}"`,
    at: pointTo(subject, path, true),
    hint: meant === null ? others : `did you mean "${meant}"?`,
    ...assetOf(subject),
  }
}

/** A key that some branch of a union knows was not mistyped. */
export function meantKey(key: string, known: readonly string[]): string | null {
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

function codeOf(issue: Issue): ProblemCode {
  if (issue.code === 'invalid_key') return 'invalid-name'
  if (issue.code === 'invalid_type') return 'wrong-type'
  const isUnionOfTypes = issue.code === 'invalid_union' && issue.errors.length > 0
  return isUnionOfTypes ? 'wrong-type' : 'invalid-value'
}

function hintFor(issue: Issue, value: unknown): string | undefined {
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    const meant = closest(value, issue.values.map(String))
    return meant === null ? undefined : `did you mean "${meant}"?`
  }
  if (issue.code !== 'invalid_type') return undefined
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  if (issue.expected === 'string' && isPlain) return 'put quotes around it'
  if (issue.expected === 'array' && typeof value === 'string') return 'put it in [ ]'
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

/** The keys that a schema takes at a path, for suggestions. */
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

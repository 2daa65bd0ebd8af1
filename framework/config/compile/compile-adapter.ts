import { z } from 'zod'
import { closest } from '../../lib/did-you-mean.ts'
import type { Json } from '../../lib/json.ts'
import type { Pointer } from '../../model/location.ts'
import type { Problem } from '../../model/problem.ts'
import type { AdapterSettings, Placeholder } from '../../model/project.ts'
import type { Declaration } from '../../ports/declaration.ts'
import { templated } from '../schema/allow-templates.ts'
import { type Subject, untangle, validate } from '../schema/validate.ts'
import { isTemplate, parseTemplate } from '../target/template.ts'

type Registry = Readonly<Record<string, () => Promise<Declaration>>>
type Path = Placeholder['path']

export interface CheckedAdapter {
  readonly settings: AdapterSettings | null
  readonly problems: readonly Problem[]
}

/**
 * Validates the settings of one adapter, with its variables still in place, and notes what has to
 * come out of them. `room` is what adapters of this registry are called. Problems: those of
 * `validate`, `unknown-type`, `invalid-variable`.
 */
export async function checkAdapter(
  raw: unknown,
  room: string,
  registry: Registry,
  subject: Subject,
): Promise<CheckedAdapter> {
  const shaped = validate(z.looseObject({ type: z.string() }), raw, subject)
  if (shaped.value === undefined) return { settings: null, problems: shaped.problems }
  const { type, ...given } = shaped.value
  const declare = Object.hasOwn(registry, type) ? registry[type] : undefined
  if (declare === undefined) {
    return { settings: null, problems: [unknownType(type, room, registry, subject)] }
  }
  const schema = z.strictObject((await declare()).fields)
  const typeKey = { ...subject, name: `${subject.name} (${type})` }
  const checked = validate(templated(schema) as typeof schema, given, typeKey)
  const paths = templatesIn(given, [])
  const problems = [...checked.problems, ...paths.flatMap((at) => templateProblems(at, subject))]
  if (checked.value === undefined || problems.length > 0) return { settings: null, problems }
  return { settings: settingsOf(type, checked.value, schema, subject.at), problems }
}

function settingsOf(
  type: string,
  settings: Readonly<Record<string, unknown>>,
  schema: z.ZodObject,
  at: Pointer,
): AdapterSettings {
  const json = settings as Readonly<Record<string, Json>>
  const templates = templatesIn(settings, [])
  if (templates.length === 0) return { type, settings: json, at }
  const expects = expectations(schema, settings)
  const placeholders = templates.map(({ path }) => ({
    path,
    expects: expects.get(JSON.stringify(path)) ?? ('text' as const),
  }))
  return { type, settings: json, at, placeholders }
}

/** What the schema says to a template where it wants something else than a text. */
function expectations(
  schema: z.ZodObject,
  settings: unknown,
): ReadonlyMap<string, Placeholder['expects']> {
  const parsed = schema.safeParse(settings)
  const issues = parsed.success ? [] : parsed.error.issues.flatMap(untangle)
  const found = issues.flatMap((issue): [string, Placeholder['expects']][] => {
    const path = JSON.stringify(issue.path)
    if (issue.code === 'invalid_value') return [[path, issue.values.map(String)]]
    if (issue.code !== 'invalid_type') return []
    if (issue.expected === 'boolean') return [[path, 'boolean']]
    return issue.expected === 'number' || issue.expected === 'int' ? [[path, 'number']] : []
  })
  return new Map(found)
}

interface Templated {
  readonly path: Path
  readonly text: string
}

function templatesIn(value: unknown, path: Path): readonly Templated[] {
  if (isTemplate(value)) return [{ path, text: value }]
  if (Array.isArray(value)) return value.flatMap((item, i) => templatesIn(item, [...path, i]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => templatesIn(inner, [...path, key]))
}

function templateProblems({ path, text }: Templated, subject: Subject): readonly Problem[] {
  const template = parseTemplate(text)
  if (typeof template !== 'string') return []
  return [
    {
      code: 'invalid-variable',
      message: `${subject.name}: ${template}`,
      at: { file: subject.at.file, path: [...subject.at.path, ...path] },
      hint: `write \${NAME}, \${NAME:-value when it is not set} or \${secret:NAME#key}; $\${ stands for \${ itself`,
    },
  ]
}

function unknownType(type: string, room: string, registry: Registry, subject: Subject): Problem {
  const known = Object.keys(registry)
  const meant = closest(type, known)
  return {
    code: 'unknown-type',
    message: `${subject.name}: there is no ${room} of type "${type}"`,
    at: { file: subject.at.file, path: [...subject.at.path, 'type'] },
    hint: meant === null ? `known types: ${known.join(', ')}` : `did you mean "${meant}"?`,
  }
}

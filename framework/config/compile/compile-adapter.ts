import { z } from 'zod'
import { closest } from '../../lib/did-you-mean.ts'
import type { Json } from '../../lib/json.ts'
import type { Pointer } from '../../model/location.ts'
import type { Problem } from '../../model/problem.ts'
import type { AdapterSettings, Placeholder } from '../../model/project.ts'
import type { DeclarationsByName } from '../schema/adapter-schemas.ts'
import { allowTemplates } from '../schema/allow-templates.ts'
import { likeliestBranch, type Subject, validate } from '../schema/validate.ts'
import { isTemplate, parseTemplate } from '../target/template.ts'

type Path = Placeholder['path']

export interface CheckedAdapter {
  readonly settings: AdapterSettings | null
  readonly problems: readonly Problem[]
}

/**
 * Validates the settings of one adapter before its variables are filled in, and notes the type that
 * each setting with a variable must have. `adapterKind`: `warehouse`, `connection` or `state`.
 * Problems: those of `validate`, `unknown-type`, `invalid-variable`.
 */
export async function checkAdapter(
  raw: unknown,
  adapterKind: string,
  declarations: DeclarationsByName,
  subject: Subject,
): Promise<CheckedAdapter> {
  const withType = validate(z.looseObject({ type: z.string() }), raw, subject)
  if (withType.value === undefined) return { settings: null, problems: withType.problems }
  const { type, ...given } = withType.value
  const load = Object.hasOwn(declarations, type) ? declarations[type] : undefined
  if (load === undefined) {
    const known = Object.keys(declarations)
    const at = { file: subject.at.file, path: [...subject.at.path, 'type'] }
    return { settings: null, problems: [unknownType(type, adapterKind, known, subject.name, at)] }
  }
  const schema = z.strictObject((await load()).fields)
  const typedSubject = { ...subject, name: `${subject.name} (${type})` }
  const checked = validate(allowTemplates(schema) as typeof schema, given, typedSubject)
  const invalid = templatesIn(given, []).flatMap((one) => templateProblems(one, subject))
  const problems = [...checked.problems, ...invalid]
  if (checked.value === undefined || problems.length > 0) return { settings: null, problems }
  return { settings: adapterSettings(type, checked.value, schema, subject.at), problems }
}

function adapterSettings(
  type: string,
  settings: Readonly<Record<string, unknown>>,
  schema: z.ZodObject,
  at: Pointer,
): AdapterSettings {
  const json = settings as Readonly<Record<string, Json>>
  const templates = templatesIn(settings, [])
  if (templates.length === 0) return { type, settings: json, at }
  const expects = expectedTypes(schema, settings)
  const placeholders = templates.map(({ path }) => ({
    path,
    expects: expects.get(JSON.stringify(path)) ?? ('text' as const),
  }))
  return { type, settings: json, at, placeholders }
}

/** The expected types of settings with variables, by path as JSON. Absent: a text. */
function expectedTypes(
  schema: z.ZodObject,
  settings: unknown,
): ReadonlyMap<string, Placeholder['expects']> {
  const parsed = schema.safeParse(settings)
  const issues = parsed.success ? [] : parsed.error.issues.flatMap(likeliestBranch)
  const types = issues.flatMap((issue): [string, Placeholder['expects']][] => {
    const path = JSON.stringify(issue.path)
    if (issue.code === 'invalid_value') return [[path, issue.values.map(String)]]
    if (issue.code !== 'invalid_type') return []
    if (issue.expected === 'boolean') return [[path, 'boolean']]
    return issue.expected === 'number' || issue.expected === 'int' ? [[path, 'number']] : []
  })
  return new Map(types)
}

interface SettingWithTemplate {
  readonly path: Path
  readonly text: string
}

function templatesIn(value: unknown, path: Path): readonly SettingWithTemplate[] {
  if (isTemplate(value)) return [{ path, text: value }]
  if (Array.isArray(value)) return value.flatMap((item, i) => templatesIn(item, [...path, i]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => templatesIn(inner, [...path, key]))
}

function templateProblems(
  { path, text }: SettingWithTemplate,
  subject: Subject,
): readonly Problem[] {
  const template = parseTemplate(text)
  if (typeof template !== 'string') return []
  return [
    {
      code: 'invalid-variable',
      message: `${subject.name}: ${template}`,
      at: { file: subject.at.file, path: [...subject.at.path, ...path] },
      hint: `write \${NAME}, \${NAME:-default} or \${secret:NAME#key}; write $\${ for a literal \${`,
    },
  ]
}

/** The problem of a type that no adapter has. `where` begins the message. */
export function unknownType(
  type: string,
  adapterKind: string,
  known: readonly string[],
  where: string,
  at: Pointer,
): Problem {
  const suggestion = closest(type, known)
  return {
    code: 'unknown-type',
    message: `${where}: unknown ${adapterKind} type "${type}"`,
    at,
    hint:
      suggestion === null ? `known types: ${known.join(', ')}` : `did you mean "${suggestion}"?`,
  }
}

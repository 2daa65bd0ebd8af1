import { z } from 'zod'
import { isTemplate } from '../target/template.ts'

type Schema = z.core.$ZodType

/**
 * A schema that also accepts a text with `${…}` in place of each scalar: the schema of settings whose
 * variables are not filled in yet. Such a text is not changed.
 */
export function allowTemplates(schema: Schema): Schema {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object': {
      const shape = Object.entries(def.shape).map(([key, field]) => [key, allowTemplates(field)])
      return withParts(schema, { shape: Object.fromEntries(shape) })
    }
    case 'array':
      return withParts(schema, { element: allowTemplates(def.element) })
    case 'record':
      return withParts(schema, { valueType: allowTemplates(def.valueType) })
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
      return withParts(schema, { innerType: allowTemplates(def.innerType) })
    case 'union':
      // The discriminator selects the branch, so it can't be a variable.
      if ('discriminator' in def) return schema
      return withParts(schema, { options: def.options.map(allowTemplates) })
    default:
      return allowTemplate(schema)
  }
}

function withParts(schema: Schema, parts: object): Schema {
  return z.clone(schema, Object.assign({}, schema._zod.def, parts))
}

function allowTemplate(schema: Schema): Schema {
  return z.unknown().transform((value, context) => {
    if (isTemplate(value)) return value
    const parsed = z.safeParse(schema, value, { error: () => '' })
    if (parsed.success) return parsed.data
    for (const issue of parsed.error.issues)
      context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue)
    return z.NEVER
  })
}

import { z } from 'zod'
import { isTemplate } from '../target/template.ts'

type Schema = z.core.$ZodType

/**
 * The same schema with a text that holds `${…}` allowed in place of every single value: what
 * settings look like before their variables are filled in. Such a text passes as it is.
 */
export function templated(schema: Schema): Schema {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object': {
      const shape = Object.entries(def.shape).map(([key, field]) => [key, templated(field)])
      return rebuilt(schema, { shape: Object.fromEntries(shape) })
    }
    case 'array':
      return rebuilt(schema, { element: templated(def.element) })
    case 'record':
      return rebuilt(schema, { valueType: templated(def.valueType) })
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
      return rebuilt(schema, { innerType: templated(def.innerType) })
    case 'union':
      // A discriminated union is told apart by a value that so can't be a variable.
      if ('discriminator' in def) return schema
      return rebuilt(schema, { options: def.options.map(templated) })
    default:
      return templatedValue(schema)
  }
}

function rebuilt(schema: Schema, parts: object): Schema {
  return z.clone(schema, Object.assign({}, schema._zod.def, parts))
}

function templatedValue(schema: Schema): Schema {
  return z.unknown().transform((value, context) => {
    if (isTemplate(value)) return value
    const parsed = z.safeParse(schema, value, { error: () => '' })
    if (parsed.success) return parsed.data
    for (const issue of parsed.error.issues)
      context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue)
    return z.NEVER
  })
}

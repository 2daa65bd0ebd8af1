import { z } from 'zod'
import type { Selector } from '../../model/selector.ts'
import { formed } from './pattern-string.ts'

// dbt's YAML selectors: an expression, one criterion in long or short form, or several of them
// joined. Source: docs.getdbt.com, "YAML selectors".

const text = z.string().min(1)
const METHOD = /^[a-z_]+(\.[A-Za-z0-9_-]+)*$/
/** A key of one of the other forms is no method. */
const SHORT =
  /^(?!(definition|description|union|intersection|method|value|exclude|parents|children|childrens_parents|parents_depth|children_depth)$)[a-z_]+(\.[A-Za-z0-9_-]+)*$/
const single = z.union([text, z.number(), z.boolean()])
const depth = z.int().min(1)

/** What stands in a list of a selector, or below its name. */
type Definition =
  | string
  | { readonly union: readonly Term[] }
  | { readonly intersection: readonly Term[] }
  | (Criterion & { readonly exclude?: readonly Definition[] | undefined })
  | Readonly<Record<string, string | number | boolean>>
type Term = Definition | { readonly exclude: readonly Definition[] }

const criterion = {
  method: formed(METHOD, 'a selection method such as tag, path or config.materialized').describe(
    'How to compare: tag, group, path, selector, config.materialized, …',
  ),
  value: single.describe('What to compare with; * and ? stand for anything.'),
  parents: z.boolean().optional().describe('Everything above it too.'),
  parents_depth: depth.optional().describe('How many levels above it.'),
  children: z.boolean().optional().describe('Everything below it too.'),
  children_depth: depth.optional().describe('How many levels below it.'),
  childrens_parents: z
    .boolean()
    .optional()
    .describe('Everything below it, and all that those are built from.'),
}
type Criterion = z.infer<z.ZodObject<typeof criterion>>

const definition: z.ZodType<Definition> = z.lazy(() =>
  z.union([
    text,
    z.strictObject({ union: terms.describe('What any of these selects.') }),
    z.strictObject({ intersection: terms.describe('What all of these select.') }),
    z.strictObject({
      ...criterion,
      exclude: definitions.optional().describe('What to leave out of it.'),
    }),
    shortForm,
  ]),
)
const definitions: z.ZodType<readonly Definition[]> = z.array(definition).min(1)
const terms: z.ZodType<readonly Term[]> = z
  .array(
    z.union([
      z.strictObject({ exclude: definitions.describe('What to leave out of the others.') }),
      definition,
    ]),
  )
  .min(1)

const shortForm = z
  .record(formed(SHORT, 'a selection method such as tag or path'), single)
  .refine((pair) => Object.keys(pair).length === 1, 'must be one method with its value')
  .meta({ minProperties: 1, maxProperties: 1 })

/** One entry of `selectors:`. */
export const selectorField = z
  .union([
    definition,
    z.strictObject({
      definition: definition.describe('What it selects.'),
      description: z.string().optional().describe('What it is for, for people.'),
    }),
  ])
  .describe("An expression as on the command line, or dbt's form of a YAML selector.")

/** The same in one shape: criteria become the expressions that they mean. */
export function selectorOf(field: z.infer<typeof selectorField>): Selector {
  const isWrapped = typeof field === 'object' && 'definition' in field
  return fromDefinition((isWrapped ? field.definition : field) as Definition)
}

function fromDefinition(one: Definition): Selector {
  if (typeof one === 'string') return one
  if ('union' in one) return joined('union', one.union as readonly Term[])
  if ('intersection' in one) {
    return joined('intersection', one.intersection as readonly Term[])
  }
  if (!('method' in one)) {
    const [method = '', value = ''] = Object.entries(one)[0] ?? []
    return expressionOf({ method, value: value as string })
  }
  const { exclude = [], ...rest } = one as Extract<Definition, Criterion>
  const expression = expressionOf(rest)
  if (exclude.length === 0) return expression
  return { join: 'union', of: [expression], except: exclude.map(fromDefinition) }
}

function joined(join: 'union' | 'intersection', terms: readonly Term[]): Selector {
  const of: Selector[] = []
  const except: Selector[] = []
  for (const term of terms) {
    if (typeof term === 'object' && 'exclude' in term && !('method' in term)) {
      except.push(...(term.exclude as readonly Definition[]).map(fromDefinition))
    } else of.push(fromDefinition(term as Definition))
  }
  return { join, of, except }
}

function expressionOf(criterion: Criterion): string {
  const { method, parents, children } = criterion
  const term = `${method}:${quoted(String(criterion.value))}`
  if (criterion.childrens_parents) return `@${term}`
  const up = parents ? `${criterion.parents_depth ?? ''}+` : ''
  const down = children ? `+${criterion.children_depth ?? ''}` : ''
  return `${up}${term}${down}`
}

/** Quotes are for spaces and marks; a tag's `key=value` stays a pair. */
function quoted(value: string): string {
  const parts = /^([^=]+)=([^=]+)$/.exec(value)?.slice(1) ?? [value]
  return parts.map((part) => (/^[\w.*?/-]+$/.test(part) ? part : `"${part}"`)).join('=')
}

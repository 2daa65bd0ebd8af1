import { z } from 'zod'
import type { Selector } from '../../model/selector.ts'
import { patternString } from './pattern-string.ts'

// dbt's YAML selectors: an expression, a criterion in long or short form, or a union or intersection
// of them. Source: docs.getdbt.com, "YAML selectors".

const text = z.string().min(1)
const METHOD = /^[a-z_]+(\.[A-Za-z0-9_-]+)*$/
/** A method name that is not a key of the other forms. */
const SHORT_FORM_METHOD =
  /^(?!(definition|description|union|intersection|method|value|exclude|parents|children|childrens_parents|parents_depth|children_depth)$)[a-z_]+(\.[A-Za-z0-9_-]+)*$/
const single = z.union([text, z.number(), z.boolean()])
const depth = z.int().min(1)

/** The value of an entry of `selectors:`, or an item of `union:`, `intersection:` or `exclude:`. */
type Definition =
  | string
  | { readonly union: readonly Term[] }
  | { readonly intersection: readonly Term[] }
  | (Criterion & { readonly exclude?: readonly Definition[] | undefined })
  | Readonly<Record<string, string | number | boolean>>
type Term = Definition | { readonly exclude: readonly Definition[] }

const criterion = {
  method: patternString(
    METHOD,
    'a selection method such as tag, path or config.materialized',
  ).describe('The selection method: tag, group, path, selector, config.materialized, …'),
  value: single.describe('The value to match; * and ? are wildcards.'),
  parents: z.boolean().optional().describe('Select its ancestors too.'),
  parents_depth: depth.optional().describe('How many levels of ancestors; all by default.'),
  children: z.boolean().optional().describe('Select its descendants too.'),
  children_depth: depth.optional().describe('How many levels of descendants; all by default.'),
  childrens_parents: z
    .boolean()
    .optional()
    .describe('Select its descendants and all their ancestors too.'),
}
type Criterion = z.infer<z.ZodObject<typeof criterion>>

const definition: z.ZodType<Definition> = z.lazy(() =>
  z.union([
    text,
    z.strictObject({ union: terms.describe('Selects what any of these selects.') }),
    z.strictObject({ intersection: terms.describe('Selects what all of these select.') }),
    z.strictObject({
      ...criterion,
      exclude: definitions.optional().describe('Selections to leave out.'),
    }),
    shortForm,
  ]),
)
const definitions: z.ZodType<readonly Definition[]> = z.array(definition).min(1)
const terms: z.ZodType<readonly Term[]> = z
  .array(
    z.union([
      z.strictObject({
        exclude: definitions.describe('Selections to leave out of the other items.'),
      }),
      definition,
    ]),
  )
  .min(1)

const shortForm = z
  .record(patternString(SHORT_FORM_METHOD, 'a selection method such as tag or path'), single)
  .refine(
    (pair) => Object.keys(pair).length === 1,
    'must be a single method with its value, such as {tag: daily}',
  )
  .meta({ minProperties: 1, maxProperties: 1 })

/** One entry of `selectors:`. */
export const selectorField = z
  .union([
    definition,
    z.strictObject({
      definition: definition.describe('The selection.'),
      description: z.string().optional().describe('What the selector is for.'),
    }),
  ])
  .describe("An expression as on the command line, or a selector in dbt's YAML form.")

/** Converts an entry of `selectors:` to the model: each criterion becomes an expression. */
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
  const term = `${method}:${quoteIfNeeded(String(criterion.value))}`
  if (criterion.childrens_parents) return `@${term}`
  const up = parents ? `${criterion.parents_depth ?? ''}+` : ''
  const down = children ? `+${criterion.children_depth ?? ''}` : ''
  return `${up}${term}${down}`
}

/** Quotes a value that contains spaces or punctuation. In `key=value`, each side on its own. */
function quoteIfNeeded(value: string): string {
  const parts = /^([^=]+)=([^=]+)$/.exec(value)?.slice(1) ?? [value]
  return parts.map((part) => (/^[\w.*?/-]+$/.test(part) ? part : `"${part}"`)).join('=')
}

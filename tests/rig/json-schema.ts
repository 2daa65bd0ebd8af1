export type Schema = { readonly [key: string]: unknown }
type Judge = (value: unknown, rule: unknown, schema: Schema, root: Schema) => boolean

/**
 * Whether a value fits a JSON Schema (draft 7). Supports the keywords that the project's schemas use
 * and throws on any other, so that none is ignored.
 */
export function fits(value: unknown, schema: unknown, root: Schema = schema as Schema): boolean {
  if (typeof schema === 'boolean') return schema
  return Object.entries(schema as Schema).every(([keyword, rule]) => {
    if (ANNOTATIONS.has(keyword)) return true
    const judge = JUDGES[keyword]
    if (judge === undefined) throw new Error(`unsupported keyword ${keyword}`)
    return judge(value, rule, schema as Schema, root)
  })
}

const ANNOTATIONS = new Set([
  '$schema',
  'definitions',
  'title',
  'description',
  'patternErrorMessage',
  'default',
  'then',
  'else',
])

export const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
}

const all = (rules: unknown) => rules as readonly unknown[]

const JUDGES: Readonly<Record<string, Judge>> = {
  type: (value, rule) => [rule].flat().some((name) => TYPES[name as string]!(value)),
  enum: (value, rule) => all(rule).includes(value),
  const: (value, rule) => value === rule,
  pattern: (value, rule) =>
    typeof value !== 'string' || new RegExp(rule as string, 'u').test(value),
  minLength: (value, rule) => typeof value !== 'string' || value.length >= (rule as number),
  maxLength: (value, rule) => typeof value !== 'string' || value.length <= (rule as number),
  minimum: (value, rule) => typeof value !== 'number' || value >= (rule as number),
  exclusiveMinimum: (value, rule) => typeof value !== 'number' || value > (rule as number),
  maximum: (value, rule) => typeof value !== 'number' || value <= (rule as number),
  minItems: (value, rule) => !Array.isArray(value) || value.length >= (rule as number),
  items: (value, rule, _schema, root) =>
    !Array.isArray(value) || value.every((item) => fits(item, rule, root)),
  required: (value, rule) =>
    !isObject(value) || all(rule).every((key) => Object.hasOwn(value, key as string)),
  properties: (value, rule, _schema, root) =>
    !isObject(value) ||
    Object.entries(rule as Schema).every(
      ([key, inner]) => !Object.hasOwn(value, key) || fits(value[key], inner, root),
    ),
  minProperties: (value, rule) => !isObject(value) || Object.keys(value).length >= (rule as number),
  maxProperties: (value, rule) => !isObject(value) || Object.keys(value).length <= (rule as number),
  propertyNames: (value, rule, _schema, root) =>
    !isObject(value) || Object.keys(value).every((key) => fits(key, rule, root)),
  additionalProperties: (value, rule, schema, root) =>
    !isObject(value) ||
    Object.entries(value).every(
      ([key, inner]) =>
        Object.hasOwn((schema.properties ?? {}) as Schema, key) || fits(inner, rule, root),
    ),
  allOf: (value, rule, _schema, root) => all(rule).every((one) => fits(value, one, root)),
  anyOf: (value, rule, _schema, root) => all(rule).some((one) => fits(value, one, root)),
  not: (value, rule, _schema, root) => !fits(value, rule, root),
  if: (value, rule, schema, root) => {
    const branch = fits(value, rule, root) ? schema.then : schema.else
    return branch === undefined || fits(value, branch, root)
  },
  $ref: (value, rule, _schema, root) => {
    const [, name] = /^#\/definitions\/(.+)$/.exec(rule as string) ?? []
    return fits(value, (root.definitions as Schema)[name!], root)
  },
}

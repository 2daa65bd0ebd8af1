/** The two parts of a relation, in upper case. */
export interface RelationName {
  readonly schema: string
  readonly name: string
}

/**
 * Splits `schema.name` and converts it to upper case, as Snowflake stores unquoted names: dbt doesn't quote
 * names, and Airbyte writes upper case. A name without a schema is in `defaultSchema`.
 */
export function relationName(relation: string, defaultSchema: string): RelationName {
  const dot = relation.indexOf('.')
  const [schema, name] =
    dot < 0 ? [defaultSchema, relation] : [relation.slice(0, dot), relation.slice(dot + 1)]
  return { schema: schema.toUpperCase(), name: name.toUpperCase() }
}

/** A name as YAML writes it. Names without a lower-case letter were not quoted. */
export const shownName = (name: string): string =>
  name === name.toUpperCase() ? name.toLowerCase() : name

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

export function qualified(database: string, { schema, name }: RelationName): string {
  return [database, schema, name].map(quoted).join('.')
}

/** A relation as its two names, as Snowflake keeps what was not quoted. */
export interface RelationName {
  readonly schema: string
  readonly name: string
}

/**
 * `schema.name` in capitals: dbt writes its names without quotes, and Airbyte its own in capitals. One
 * part alone is a table of the schema `fallback`.
 */
export function relationName(relation: string, fallback: string): RelationName {
  const dot = relation.indexOf('.')
  const [schema, name] =
    dot < 0 ? [fallback, relation] : [relation.slice(0, dot), relation.slice(dot + 1)]
  return { schema: schema.toUpperCase(), name: name.toUpperCase() }
}

/** A name as YAML writes it: what has no small letter was written without quotes. */
export const shownName = (name: string): string =>
  name === name.toUpperCase() ? name.toLowerCase() : name

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

export function qualified(database: string, { schema, name }: RelationName): string {
  return [database, schema, name].map(quoted).join('.')
}

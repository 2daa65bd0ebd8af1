/** A relation as its two names. */
export interface RelationName {
  readonly schema: string
  readonly name: string
}

/** `schema.name`; one part alone is a table of DuckDB's default schema, `main`. */
export function relationName(relation: string): RelationName {
  const dot = relation.indexOf('.')
  return dot < 0
    ? { schema: 'main', name: relation }
    : { schema: relation.slice(0, dot), name: relation.slice(dot + 1) }
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/**
 * A relation with its catalog, since `raw.payment` is ambiguous in a file called `raw.duckdb`.
 */
export function qualified(catalog: string, { schema, name }: RelationName): string {
  return [catalog, schema, name].map(quoted).join('.')
}

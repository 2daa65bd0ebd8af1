/** The two parts of a relation. */
export interface RelationName {
  readonly schema: string
  readonly name: string
}

/** Splits `schema.name`. A name without a schema is in DuckDB's default schema, `main`. */
export function relationName(relation: string): RelationName {
  const dot = relation.indexOf('.')
  return dot < 0
    ? { schema: 'main', name: relation }
    : { schema: relation.slice(0, dot), name: relation.slice(dot + 1) }
}

/** A quoted identifier. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A string literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** `catalog.schema.name`. Without the catalog, `raw.payment` is ambiguous in a file `raw.duckdb`. */
export function qualified(catalog: string, { schema, name }: RelationName): string {
  return [catalog, schema, name].map(quoted).join('.')
}

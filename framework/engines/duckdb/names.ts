import { relationParts } from '../../model/relation-name.ts'

/** The parts of a relation. */
export interface RelationName {
  /** An attached database; null for the file itself. */
  readonly database: string | null
  readonly schema: string
  readonly name: string
}

/** Splits `schema.name` or `database.schema.name`. A name without a schema is in DuckDB's default schema, `main`. */
export function relationName(relation: string): RelationName {
  const { database, schema, name } = relationParts(relation)
  return { database, schema: schema ?? 'main', name }
}

/** A quoted identifier. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A string literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/**
 * `catalog.schema.name`: the relation's own database, else `catalog`. Without it, `raw.payment` is ambiguous in a
 * file `raw.duckdb`.
 */
export function qualified(catalog: string, { database, schema, name }: RelationName): string {
  return [database ?? catalog, schema, name].map(quoted).join('.')
}

import { relationParts } from '../../model/relation-name.ts'

/** The parts of a relation, in upper case. */
export interface RelationName {
  /** null: the database of the target. */
  readonly database: string | null
  readonly schema: string
  readonly name: string
}

/**
 * Splits `schema.name` or `database.schema.name` and converts it to upper case, as Snowflake stores unquoted
 * names: dbt doesn't quote names, and Airbyte writes upper case. A name without a schema is in `defaultSchema`.
 */
export function relationName(relation: string, defaultSchema: string): RelationName {
  const { database, schema, name } = relationParts(relation)
  return {
    database: database?.toUpperCase() ?? null,
    schema: (schema ?? defaultSchema).toUpperCase(),
    name: name.toUpperCase(),
  }
}

/** A name as YAML writes it. Names without a lower-case letter were not quoted. */
export const shownName = (name: string): string =>
  name === name.toUpperCase() ? name.toLowerCase() : name

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** `database.schema.name`: the relation's own database, else `own`. */
export function qualified(own: string, { database, schema, name }: RelationName): string {
  return [database ?? own, schema, name].map(quoted).join('.')
}

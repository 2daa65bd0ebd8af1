import { databaseOf } from '../../model/relation-name.ts'
import { relationName } from './names.ts'

/**
 * What the account has refused to show of other databases than that of the target. In its own, what is refused
 * does not exist: dbt creates it. In another one, something else builds, and a missing grant looks the same.
 */
export class OtherDatabases {
  /** The database or schema that was refused, by database and schema. */
  readonly #refused = new Map<string, string>()
  readonly #role: string

  /** `role`: of the session, for the statement that grants what is missing; null for the user's default. */
  constructor(role: string | null) {
    this.#role = role ?? '<role>'
  }

  shown(database: string, schema: string): void {
    this.#refused.delete(keyOf(database, schema))
  }

  /** `what`: the database itself, or the schema in it. */
  refused(database: string, schema: string, what: 'database' | 'schema'): void {
    const name = what === 'database' ? database : `${database}.${schema}`
    const grant = `grant usage on ${what} ${name} to role ${this.#role}`
    const why = `${what} ${name} does not exist, or the role may not use it: ${grant}`
    this.#refused.set(keyOf(database, schema), why)
  }

  /** `Warehouse.whyUnseen`, as of the last look. */
  whyUnseen(relation: string): string | null {
    if (databaseOf(relation) === null) return null
    const { database, schema } = relationName(relation, '')
    return this.#refused.get(keyOf(database!, schema)) ?? null
  }
}

const keyOf = (database: string, schema: string): string => JSON.stringify([database, schema])

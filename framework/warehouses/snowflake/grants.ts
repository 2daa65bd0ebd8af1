import type { Query, Row } from './catalogue.ts'
import { quoted } from './names.ts'
import { orNull } from './problems.ts'

/** A right of a role, as SHOW GRANTS TO ROLE lists it. */
export interface Grant {
  readonly privilege: string
  /** `DATABASE`, `SCHEMA`, `WAREHOUSE`, `ROLE`. */
  readonly on: string
  /** As Snowflake writes it: `DVD_RENTAL.RAW`, quoted where it has to be. */
  readonly name: string
}

/** Roles that are looked into for what they hand on. */
const MOST_ROLES = 50

/** The rights of a role and of all that are granted to it; null when the service does not tell. */
export async function readGrants(query: Query, role: string): Promise<readonly Grant[] | null> {
  const grants: Grant[] = []
  const roles = [role]
  for (let next = 0; next < roles.length && next < MOST_ROLES; next++) {
    const rows = await orNull(query(`show grants to role ${quoted(roles[next]!)}`))
    if (rows === null) return next === 0 ? null : grants
    const found = rows.map(grantOf)
    grants.push(...found)
    const inherited = found.filter(({ on, privilege }) => on === 'ROLE' && privilege === 'USAGE')
    const names = inherited.map(({ name }) => unquoted(name))
    roles.push(...names.filter((name) => !roles.includes(name)))
  }
  return grants
}

const grantOf = (row: Row): Grant => ({
  privilege: String(row.privilege),
  on: String(row.granted_on),
  name: String(row.name),
})

/** A right that runs need; any of the privileges will do, and so does owning the object. */
export interface Need {
  readonly anyOf: readonly string[]
  readonly on: 'DATABASE' | 'SCHEMA' | 'WAREHOUSE'
  readonly name: string
}

/** What a role needs. Names as Snowflake keeps them; a schema that is not there has to be made. */
export function needsOf(place: {
  readonly database: string
  readonly warehouse: string | null
  /** Schemas that are read. */
  readonly read: readonly string[]
  /** Schemas that are built in, and whether they are there. */
  readonly built: ReadonlyMap<string, boolean>
}): readonly Need[] {
  const { database, warehouse, read, built } = place
  const schema = (name: string) => `${database}.${name}`
  const makes = [...built.values()].includes(false)
  return [
    ...(warehouse === null
      ? []
      : [{ anyOf: ['USAGE', 'OPERATE'], on: 'WAREHOUSE', name: warehouse } as const]),
    { anyOf: ['USAGE'], on: 'DATABASE', name: database },
    ...(makes ? [{ anyOf: ['CREATE SCHEMA'], on: 'DATABASE', name: database } as const] : []),
    ...read.map((name) => ({ anyOf: ['USAGE'], on: 'SCHEMA', name: schema(name) }) as const),
    ...[...built].flatMap(([name, isThere]) =>
      isThere
        ? ['USAGE', 'CREATE TABLE', 'CREATE VIEW'].map(
            (privilege) => ({ anyOf: [privilege], on: 'SCHEMA', name: schema(name) }) as const,
          )
        : [],
    ),
  ]
}

/** The needs that no grant meets. Pure. */
export function missingOf(needs: readonly Need[], grants: readonly Grant[]): readonly Need[] {
  return needs.filter(
    ({ anyOf, on, name }) =>
      !grants.some(
        (grant) =>
          grant.on === on &&
          unquoted(grant.name) === name &&
          (grant.privilege === 'OWNERSHIP' || anyOf.includes(grant.privilege)),
      ),
  )
}

/** What to run for each: `grant usage on schema DVD_RENTAL.RAW to role ASSETS_ROLE`. */
export function statementsFor(missing: readonly Need[], role: string): readonly string[] {
  return missing.map(
    ({ anyOf, on, name }) =>
      `grant ${anyOf[0]!.toLowerCase()} on ${on.toLowerCase()} ${name} to role ${role}`,
  )
}

const unquoted = (name: string): string => name.replaceAll('"', '')

import type { Query, Row } from './catalogue.ts'
import { quoted } from './names.ts'
import { nullIfRefused } from './problems.ts'

/** A privilege of a role, as SHOW GRANTS TO ROLE lists it. */
export interface Grant {
  readonly privilege: string
  /** `DATABASE`, `SCHEMA`, `WAREHOUSE`, `ROLE`. */
  readonly on: string
  /** As Snowflake writes it: `DVD_RENTAL.RAW`, quoted where necessary. */
  readonly name: string
}

/** The most roles whose grants are read. */
const MAX_ROLES = 50

/** The grants of a role and of all roles granted to it. Null when the service does not list them. */
export async function readGrants(query: Query, role: string): Promise<readonly Grant[] | null> {
  const grants: Grant[] = []
  const roles = [role]
  for (let next = 0; next < roles.length && next < MAX_ROLES; next++) {
    const rows = await nullIfRefused(query(`show grants to role ${quoted(roles[next]!)}`))
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

/** A privilege that runs need. One of `anyOf`, or ownership of the object, is enough. */
export interface RequiredGrant {
  readonly anyOf: readonly string[]
  readonly on: 'DATABASE' | 'SCHEMA' | 'WAREHOUSE'
  readonly name: string
}

/** The privileges that a role needs. Names are spelled as Snowflake stores them. */
export function requiredGrants(scope: {
  readonly database: string
  readonly warehouse: string | null
  /** Schemas that are read. */
  readonly read: readonly string[]
  /** Schemas to build in, and whether they exist. A missing one needs CREATE SCHEMA. */
  readonly built: ReadonlyMap<string, boolean>
}): readonly RequiredGrant[] {
  const { database, warehouse, read, built } = scope
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

/** The required grants that the role does not have. Pure. */
export function missingGrants(
  needs: readonly RequiredGrant[],
  grants: readonly Grant[],
): readonly RequiredGrant[] {
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

/** The SQL for the missing grants: `grant usage on schema DVD_RENTAL.RAW to role ASSETS_ROLE`. */
export function grantStatements(
  missing: readonly RequiredGrant[],
  role: string,
): readonly string[] {
  return missing.map(
    ({ anyOf, on, name }) =>
      `grant ${anyOf[0]!.toLowerCase()} on ${on.toLowerCase()} ${name} to role ${role}`,
  )
}

const unquoted = (name: string): string => name.replaceAll('"', '')

import { createRedactor } from '../../lib/redact.ts'
import { bad, clockFact, doubtful, good, type HealthFact } from '../../model/health-fact.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Examine, HealthSubject } from '../../ports/health.ts'
import type { Query } from './catalogue.ts'
import { SharedConnection } from './connection.ts'
import { grantStatements, missingGrants, readGrants, requiredGrants } from './grants.ts'
import { secretsOf } from './login.ts'
import { literal, qualified, quoted, relationName } from './names.ts'
import { type AccountLabel, type FallbackProblem, nullIfRefused, problemOf } from './problems.ts'
import type { SqlClient } from './reader.ts'
import { sqlClientOver } from './session.ts'
import { type SnowflakeSettings, settingsOf } from './settings.ts'

/** Shorter than the deadline of the examination, so a failed login shows its own problem. */
const LOGIN_TIMEOUT_MS = 8_000
/** A virtual warehouse that stays up longer than this without work costs too much, in seconds. */
const LONG_SUSPEND_S = 600
const TAG = 'assets/doctor'

/** Examines the account: login, database, virtual warehouse, and the privileges to read and build. */
export const examine: Examine = (subject) => {
  const read = settingsOf(subject.settings, subject.site)
  if (!read.ok) throw new ProblemError(...read.problems)
  return [{ part: null, facts: examineAccount(read.value, subject) }]
}

async function* examineAccount(
  settings: SnowflakeSettings,
  subject: HealthSubject,
): AsyncGenerator<HealthFact> {
  const { login, account, accessUrl } = settings
  const { site, signal } = subject
  const label: AccountLabel = {
    name: `${settings.database} on ${account ?? new URL(accessUrl!).host}`,
    redact: createRedactor([...site.target.secrets, ...secretsOf(login)]),
  }
  const limited = { ...settings, loginTimeout: Math.min(settings.loginTimeout, LOGIN_TIMEOUT_MS) }
  const connection = new SharedConnection(limited, label, site.clock)
  connection.retain()
  try {
    await connection.open(signal)
    const client = sqlClientOver(connection, signal, TAG)
    const session = await sessionRow(client.query, site.clock)
    yield* session.facts
    const role = text(session.row.role)
    const schemas = await schemasOf(client.query, settings.database.toUpperCase())
    yield databaseFact(settings, schemas, role)
    yield* await warehouseFacts(client.query, text(session.row.warehouse), settings, role)
    if (schemas !== null) {
      yield* await privilegeFacts(client.query, settings, subject, schemas, session.row)
      yield* await readingFacts(client, settings, subject, role)
    }
  } catch (error) {
    const fallback: FallbackProblem = {
      code: 'warehouse-failed',
      message: `${label.name} could not be examined`,
    }
    throw new ProblemError(problemOf(error, label, fallback))
  } finally {
    connection.release()
  }
}

/** Functions of the session. Each is queried alone, so an unknown one does not fail the others. */
const SESSION = {
  user: 'current_user()',
  role: 'current_role()',
  warehouse: 'current_warehouse()',
  account: 'current_account()',
  region: 'current_region()',
  version: 'current_version()',
  now: `date_part(epoch_second, current_timestamp())`,
} as const

/** Login, account and clock. Functions of the session need no virtual warehouse. */
async function sessionRow(query: Query, clock: () => number) {
  const asked = clock()
  const values = Object.entries(SESSION).map(async ([name, call]) => {
    const [found] = (await nullIfRefused(query(`select cast(${call} as varchar) as v`))) ?? []
    return [name, found?.v ?? null] as const
  })
  const row: Readonly<Record<string, unknown>> = Object.fromEntries(await Promise.all(values))
  const answered = clock()
  const { user, role, account, region, version, now } = row
  const parts = [`user ${text(user) ?? 'unknown'}`, `role ${text(role) ?? 'none'}`]
  const accountName = [text(account), text(region)].filter((part) => part !== null).join(' in ')
  const facts = [
    good('login', parts.join(', ')),
    good(
      'account',
      `${accountName === '' ? 'unknown' : accountName}, Snowflake ${text(version) ?? 'unknown'}`,
    ),
    now === null
      ? doubtful('clock', 'unknown: the service does not report its time')
      : clockFact(Number(now) * 1_000, { asked, answered }, 1_000),
  ]
  return { row, facts }
}

/** The visible schemas of a database. Null when the database does not exist or is not visible. */
async function schemasOf(query: Query, database: string): Promise<ReadonlySet<string> | null> {
  const rows = await nullIfRefused(query(`show schemas in database ${quoted(database)}`))
  return rows === null ? null : new Set(rows.map(({ name }) => String(name)))
}

function databaseFact(
  { database, schema }: SnowflakeSettings,
  schemas: ReadonlySet<string> | null,
  role: string | null,
): HealthFact {
  const name = database.toUpperCase()
  if (schemas !== null) {
    const missing = schemas.has(schema.toUpperCase()) ? '' : `; schema ${schema} does not exist yet`
    return good('database', `${name}${missing}`)
  }
  return bad(
    'database',
    `database ${name} does not exist, or role ${role ?? 'none'} may not see it`,
    `create database ${name}; grant usage on database ${name} to role ${role ?? '…'}`,
  )
}

async function warehouseFacts(
  query: Query,
  current: string | null,
  { warehouse }: SnowflakeSettings,
  role: string | null,
): Promise<readonly HealthFact[]> {
  const name = current ?? warehouse?.toUpperCase() ?? null
  if (name === null) {
    const why = 'no virtual warehouse is set, so no query can run'
    return [bad('warehouse', why, 'set `warehouse` to one that the role may use')]
  }
  const rows = await nullIfRefused(query(`show warehouses like ${literal(name)}`))
  const [row] = rows ?? []
  if (rows === null) {
    return [doubtful('warehouse', `${name}; the service does not say whether it can be used`)]
  }
  if (row === undefined) {
    const why = `virtual warehouse ${name} does not exist, or role ${role ?? 'none'} may not use it`
    return [bad('warehouse', why, `grant usage on warehouse ${name} to role ${role ?? '…'}`)]
  }
  const suspend = Number(row.auto_suspend ?? 0)
  const parts = [name, text(row.size), text(row.state)?.toLowerCase() ?? null]
  const message = parts.filter((part) => part !== null).join(', ')
  const fix = `alter warehouse ${name} set auto_suspend = 60`
  if (suspend === 0) return [doubtful('warehouse', `${message}; auto-suspend is off`, fix)]
  const idle = `${message}; suspends after ${suspend} s`
  return [suspend > LONG_SUSPEND_S ? doubtful('warehouse', idle, fix) : good('warehouse', idle)]
}

/** The privileges of the role, including those of roles granted to it. */
async function privilegeFacts(
  query: Query,
  settings: SnowflakeSettings,
  { streams }: HealthSubject,
  schemas: ReadonlySet<string>,
  session: Readonly<Record<string, unknown>>,
): Promise<readonly HealthFact[]> {
  const role = text(session.role)
  const grants = role === null ? null : await readGrants(query, role)
  if (role === null || grants === null) {
    const why = 'unknown: the service does not list the grants of the role'
    return [doubtful('privileges', why, 'compare the grants with deploy/snowflake.sql')]
  }
  const built = settings.schema.toUpperCase()
  const read = rawSchemas(streams, settings).filter((name) => schemas.has(name))
  const needs = requiredGrants({
    database: settings.database.toUpperCase(),
    warehouse: text(session.warehouse) ?? settings.warehouse?.toUpperCase() ?? null,
    read,
    built: new Map([[built, schemas.has(built)]]),
  })
  const missing = missingGrants(needs, grants)
  if (missing.length === 0) {
    return [good('privileges', `reads ${read.join(', ') || 'nothing'}, builds in ${built}`)]
  }
  const lacking = missing.map(({ anyOf, on, name }) => `${anyOf[0]} on ${on} ${name}`).join(', ')
  return [
    bad('privileges', `role ${role} lacks ${lacking}`, grantStatements(missing, role).join('; ')),
  ]
}

/** Describes a query of each raw table, which fails without the right to read it and runs nothing. */
async function readingFacts(
  { describe }: SqlClient,
  settings: SnowflakeSettings,
  { streams }: HealthSubject,
  role: string | null,
): Promise<readonly HealthFact[]> {
  if (streams.length === 0) return []
  const database = settings.database.toUpperCase()
  const described = streams.map(async ({ relation }) => {
    const name = relationName(relation, settings.schema)
    const columns = await nullIfRefused(describe(`select * from ${qualified(database, name)}`))
    return columns === null ? [`${name.schema}.${name.name}`] : []
  })
  const unreadable = (await Promise.all(described)).flat()
  if (unreadable.length === 0) return [good('raw tables', `all ${streams.length} can be read`)]
  const fixes = rawSchemas(streams, settings).map(
    (schema) =>
      `grant select on all tables in schema ${database}.${schema} to role ${role ?? '…'}, and on future tables`,
  )
  const message = `${unreadable.join(', ')}: missing, or not readable by role ${role ?? 'none'}`
  return [doubtful('raw tables', message, `sync them, or ${fixes.join('; ')}`)]
}

const rawSchemas = (
  streams: HealthSubject['streams'],
  { schema }: SnowflakeSettings,
): readonly string[] => [
  ...new Set(streams.map(({ relation }) => relationName(relation, schema).schema)),
]

const text = (value: unknown): string | null =>
  value === null || value === undefined || value === '' ? null : String(value)

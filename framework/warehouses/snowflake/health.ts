import { createRedactor } from '../../lib/redact.ts'
import { bad, clockFact, doubtful, good, type HealthFact } from '../../model/health-fact.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Examine, HealthSubject } from '../../ports/health.ts'
import type { Query } from './catalogue.ts'
import { SharedConnection } from './connection.ts'
import { missingOf, needsOf, readGrants, statementsFor } from './grants.ts'
import { secretsOf } from './login.ts'
import { literal, qualified, quoted, relationName } from './names.ts'
import { type Doing, orNull, problemOf, type Whereabouts } from './problems.ts'
import type { Asking } from './reader.ts'
import { askingOver } from './session.ts'
import { type Settings, settingsOf } from './settings.ts'

/** Logging in is to fail with its own words before the whole examination is given up. */
const LOGIN_TIMEOUT = 8_000
/** A virtual warehouse that idles longer than this costs more than it works, in seconds. */
const LONG_SUSPEND = 600
const TAG = 'assets/doctor'

/** Who we are in the account, and whether that is enough to read what arrives and to build. */
export const examine: Examine = (patient) => {
  const read = settingsOf(patient.settings, patient.site)
  if (!read.ok) throw new ProblemError(...read.problems)
  return [{ part: null, facts: examineAccount(read.value, patient) }]
}

async function* examineAccount(
  settings: Settings,
  patient: HealthSubject,
): AsyncGenerator<HealthFact> {
  const { login, account, accessUrl } = settings
  const { site, signal } = patient
  const where: Whereabouts = {
    name: `${settings.database} on ${account ?? new URL(accessUrl!).host}`,
    redact: createRedactor([...site.target.secrets, ...secretsOf(login)]),
  }
  const limited = { ...settings, loginTimeout: Math.min(settings.loginTimeout, LOGIN_TIMEOUT) }
  const connection = new SharedConnection(limited, where, site.clock)
  connection.enter()
  try {
    await connection.open(signal)
    const asking = askingOver(connection, signal, TAG)
    const session = await sessionRow(asking.query, site.clock)
    yield* session.facts
    const role = text(session.row.role)
    const schemas = await schemasOf(asking.query, settings.database.toUpperCase())
    yield databaseFact(settings, schemas, role)
    yield* await warehouseFacts(asking.query, text(session.row.warehouse), settings, role)
    if (schemas !== null) {
      yield* await privilegeFacts(asking.query, settings, patient, schemas, session.row)
      yield* await readingFacts(asking, settings, patient, role)
    }
  } catch (error) {
    const doing: Doing = {
      code: 'warehouse-failed',
      message: `${where.name} could not be examined`,
    }
    throw new ProblemError(problemOf(error, where, doing))
  } finally {
    connection.leave()
  }
}

/** Each is asked for alone where the service does not know all of them. */
const SESSION = {
  user: 'current_user()',
  role: 'current_role()',
  warehouse: 'current_warehouse()',
  account: 'current_account()',
  region: 'current_region()',
  version: 'current_version()',
  now: `date_part(epoch_second, current_timestamp())`,
} as const

/** Takes no virtual warehouse: functions of the session alone are answered without one. */
async function sessionRow(query: Query, clock: () => number) {
  const asked = clock()
  const values = Object.entries(SESSION).map(async ([name, call]) => {
    const [found] = (await orNull(query(`select cast(${call} as varchar) as v`))) ?? []
    return [name, found?.v ?? null] as const
  })
  const row: Readonly<Record<string, unknown>> = Object.fromEntries(await Promise.all(values))
  const answered = clock()
  const { user, role, account, region, version, now } = row
  const parts = [`as ${text(user) ?? 'nobody'}`, `role ${text(role) ?? 'none'}`]
  const place = [text(account), text(region)].filter((part) => part !== null).join(' in ')
  const facts = [
    good('login', parts.join(', ')),
    good('account', `${place === '' ? 'unnamed' : place}, Snowflake ${text(version) ?? 'unknown'}`),
    now === null
      ? doubtful('clock', 'unknown: the service does not tell its time')
      : clockFact(Number(now) * 1_000, { asked, answered }, 1_000),
  ]
  return { row, facts }
}

/** Names of the schemas of a database that we may see; null when there is no such database for us. */
async function schemasOf(query: Query, database: string): Promise<ReadonlySet<string> | null> {
  const rows = await orNull(query(`show schemas in database ${quoted(database)}`))
  return rows === null ? null : new Set(rows.map(({ name }) => String(name)))
}

function databaseFact(
  { database, schema }: Settings,
  schemas: ReadonlySet<string> | null,
  role: string | null,
): HealthFact {
  const name = database.toUpperCase()
  if (schemas !== null) {
    const made = schemas.has(schema.toUpperCase()) ? '' : `; ${schema} is not made yet`
    return good('database', `${name}${made}`)
  }
  return bad(
    'database',
    `there is no database ${name}, or role ${role ?? 'none'} may not see it`,
    `create database ${name}; grant usage on database ${name} to role ${role ?? '…'}`,
  )
}

async function warehouseFacts(
  query: Query,
  current: string | null,
  { warehouse }: Settings,
  role: string | null,
): Promise<readonly HealthFact[]> {
  const name = current ?? warehouse?.toUpperCase() ?? null
  if (name === null) {
    const why = 'no virtual warehouse is set, so nothing can be computed'
    return [bad('warehouse', why, 'set `warehouse` to one that the role may use')]
  }
  const rows = await orNull(query(`show warehouses like ${literal(name)}`))
  const [row] = rows ?? []
  if (rows === null) return [doubtful('warehouse', `${name}; unknown whether it can be used`)]
  if (row === undefined) {
    const why = `there is no virtual warehouse ${name}, or role ${role ?? 'none'} may not use it`
    return [bad('warehouse', why, `grant usage on warehouse ${name} to role ${role ?? '…'}`)]
  }
  const suspend = Number(row.auto_suspend ?? 0)
  const told = [name, text(row.size), text(row.state)?.toLowerCase() ?? null]
  const message = told.filter((part) => part !== null).join(', ')
  const fix = `alter warehouse ${name} set auto_suspend = 60`
  if (suspend === 0) return [doubtful('warehouse', `${message}; it never suspends by itself`, fix)]
  const idle = `${message}; suspends after ${suspend} s`
  return [suspend > LONG_SUSPEND ? doubtful('warehouse', idle, fix) : good('warehouse', idle)]
}

/** What the role may do, with all that it has from roles granted to it. */
async function privilegeFacts(
  query: Query,
  settings: Settings,
  { streams }: HealthSubject,
  schemas: ReadonlySet<string>,
  session: Readonly<Record<string, unknown>>,
): Promise<readonly HealthFact[]> {
  const role = text(session.role)
  const grants = role === null ? null : await readGrants(query, role)
  if (role === null || grants === null) {
    const why = 'unknown: the service does not list the grants of the role'
    return [doubtful('privileges', why, 'compare them with deploy/snowflake.sql')]
  }
  const built = settings.schema.toUpperCase()
  const read = rawSchemas(streams, settings).filter((name) => schemas.has(name))
  const needs = needsOf({
    database: settings.database.toUpperCase(),
    warehouse: text(session.warehouse) ?? settings.warehouse?.toUpperCase() ?? null,
    read,
    built: new Map([[built, schemas.has(built)]]),
  })
  const missing = missingOf(needs, grants)
  if (missing.length === 0) {
    return [good('privileges', `reads ${read.join(', ') || 'nothing'}, builds in ${built}`)]
  }
  const lacking = missing.map(({ anyOf, on, name }) => `${anyOf[0]} on ${on} ${name}`).join(', ')
  return [
    bad('privileges', `role ${role} lacks ${lacking}`, statementsFor(missing, role).join('; ')),
  ]
}

/** Tries each raw table as a query of it would be planned, which computes nothing. */
async function readingFacts(
  { describe }: Asking,
  settings: Settings,
  { streams }: HealthSubject,
  role: string | null,
): Promise<readonly HealthFact[]> {
  if (streams.length === 0) return []
  const database = settings.database.toUpperCase()
  const tried = streams.map(async ({ relation }) => {
    const name = relationName(relation, settings.schema)
    const columns = await orNull(describe(`select * from ${qualified(database, name)}`))
    return columns === null ? [`${name.schema}.${name.name}`] : []
  })
  const closed = (await Promise.all(tried)).flat()
  if (closed.length === 0) return [good('raw tables', `all ${streams.length} can be read`)]
  const fixes = rawSchemas(streams, settings).map(
    (schema) =>
      `grant select on all tables in schema ${database}.${schema} to role ${role ?? '…'}, and on future tables`,
  )
  const message = `${closed.join(', ')}: not there yet, or not to be read by role ${role ?? 'none'}`
  return [doubtful('raw tables', message, `sync them, or ${fixes.join('; ')}`)]
}

const rawSchemas = (streams: HealthSubject['streams'], { schema }: Settings): readonly string[] => [
  ...new Set(streams.map(({ relation }) => relationName(relation, schema).schema)),
]

const text = (value: unknown): string | null =>
  value === null || value === undefined || value === '' ? null : String(value)

import { isRefusedByHba, isTlsFailure, lacksTls, requiresTls } from '../../lib/postgres-login.ts'
import type { Problem } from '../../model/problem.ts'

/** A source as messages name it, without secrets. */
export interface SourceName {
  /** `db.example.com:5432/shop`, or `the embedded source`. */
  readonly address: string
  readonly connection: string
}

/** The properties that errors of PostgreSQL and of sockets have. */
interface DriverError {
  readonly code?: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}

/**
 * The problem of a failed connection attempt. Its texts hold no password. Messages are matched as well as
 * codes, because pgbouncer reports 08P01 for everything.
 */
export function connectProblem(error: unknown, sourceName: SourceName): Problem {
  const { code = '', message } = driverErrorOf(error)
  const source = nameOf(sourceName)
  const detail = message
  const pooler = poolerProblem(error, sourceName)
  if (pooler !== null) return pooler
  if (isRefusedByHba(error)) {
    return {
      code: 'source-pg-hba',
      isAccessFault: true,
      message: `${source} does not admit this login: ${/reject/.test(message) ? 'a line of its pg_hba.conf rejects it' : 'its pg_hba.conf has no line for it'}`,
      detail,
      hint: 'have a line for this host, user and database added to pg_hba.conf of the server, then reload it: select pg_reload_conf()',
    }
  }
  if (requiresTls(error)) return tlsDemanded(error, sourceName)
  if (/^28/.test(code) && /certificate/i.test(message)) {
    return {
      code: 'source-tls',
      isAccessFault: true,
      message: `${source} demands a certificate of the client`,
      detail,
      hint: "set sslcert and sslkey in the connection's url to a certificate that the server accepts for this user",
    }
  }
  if (/^28|^42501$/.test(code) || REFUSED.test(message)) {
    return {
      code: 'source-refused',
      isAccessFault: true,
      message: `${source} rejected the login`,
      detail,
      hint: loginHint(code, message),
    }
  }
  if (code === '3D000' || MISSING_DATABASE.test(message)) {
    return {
      code: 'source-database-missing',
      message: `${source} does not exist: the server has no such database`,
      detail,
      hint: "check the database name at the end of the connection's url",
    }
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      code: 'source-unreachable',
      isAccessFault: true,
      message: `${source} cannot be found: its host name has no address`,
      hint: "check the host in the connection's url",
      ...(code === 'EAI_AGAIN' ? { transient: true } : {}),
    }
  }
  if (code === 'ENOENT') {
    return {
      code: 'source-unreachable',
      isAccessFault: true,
      message: `${source} cannot be reached: a file that its url names can't be read`,
      detail,
      hint: "correct sslrootcert, sslcert or sslkey in the connection's url",
    }
  }
  if (isTlsFailure(error)) {
    return {
      code: 'source-tls',
      isAccessFault: true,
      message: lacksTls(error)
        ? `${source} offers no TLS, which sslmode demands`
        : `${source} cannot be reached over TLS`,
      detail,
      hint: lacksTls(error)
        ? "have TLS turned on in the server or pooler, or set sslmode=prefer or disable in the connection's url"
        : "set sslrootcert in the connection's url to the certificate of the authority that signed the server's; sslmode has the same meaning as for psql",
    }
  }
  return {
    code: 'source-unreachable',
    isAccessFault: true,
    message: `${source} cannot be reached`,
    detail,
    hint: 'check that the server is running and accepts connections from this machine',
    transient: true,
  }
}

/** Logins that pgbouncer rejects, and a password that `pg` lacks. */
const REFUSED =
  /password authentication failed|auth(entication)? failed|no such user|^SASL: .*password/i
const MISSING_DATABASE = /no such database|database ".*" does not exist/i

function loginHint(code: string, message: string): string {
  if (code === '42501') return 'have it granted: grant connect on database … to the user'
  if (/not permitted to log in/.test(message)) return 'have it allowed: alter role … login'
  if (/role ".*" does not exist|no such user/.test(message)) {
    return "correct the user in the connection's url, or have the role created"
  }
  return /^SASL/.test(message)
    ? "the server asks for a password: write it into the connection's url"
    : "check user and password in the connection's url"
}

/** The server accepts only connections with TLS, and the URL rules that out. */
export function tlsDemanded(error: unknown, sourceName: SourceName): Problem {
  return {
    code: 'source-tls',
    isAccessFault: true,
    message: `${nameOf(sourceName)} accepts connections only with TLS`,
    detail: driverErrorOf(error).message,
    hint: "set sslmode=require in the connection's url, or verify-full with sslrootcert",
  }
}

/** The sessions of one load reach different servers, so they cannot read from one snapshot. */
export function severalServers(sourceName: SourceName): Problem {
  return {
    code: 'source-pooler',
    message: `${nameOf(sourceName)} is several servers behind one address: two sessions of one load reached different ones`,
    hint: `set sessions: 1 for connection ${sourceName.connection}, or set its url to one of the servers`,
  }
}

/** The problem of a pooler that cannot pass on what a load needs; null for another error. */
function poolerProblem(error: unknown, sourceName: SourceName): Problem | null {
  const { message } = driverErrorOf(error)
  const parameter = /unsupported startup parameter(?: in options)?: (\S+)/.exec(message)?.[1]
  if (parameter !== undefined) {
    return {
      code: 'source-pooler',
      message: `the pooler of ${nameOf(sourceName)} refuses the start-up parameter ${parameter}`,
      detail: message,
      hint: `remove ${parameter} from the connection's url${parameter === 'options' ? ' and from PGOPTIONS' : ''}, or connect to the server itself`,
    }
  }
  if (!/statement pooling mode/.test(message)) return null
  return {
    code: 'source-pooler',
    message: `${nameOf(sourceName)} is behind a pooler in statement mode, which allows no transactions`,
    detail: message,
    hint: 'use a pool with pool_mode = transaction or session, or connect to the server itself',
  }
}

/** A timeout that ended a statement or a session, and who has it. */
interface Timeout {
  readonly setting: string
  readonly of: 'server' | 'pooler'
  /** Whether the same statement may succeed later. */
  readonly mayPass: boolean
}

/** The timeout that an error reports; null for another error. The texts are those of PostgreSQL and pgbouncer. */
function timeoutOf(error: unknown): Timeout | null {
  const { code = '', message } = driverErrorOf(error)
  const server = (setting: string, mayPass = false): Timeout => ({ setting, of: 'server', mayPass })
  const pooler = (setting: string, mayPass = false): Timeout => ({ setting, of: 'pooler', mayPass })
  switch (code) {
    case '57014':
      return /statement timeout/.test(message) ? server('statement_timeout') : null
    case '55P03':
      return server('lock_timeout', true)
    case '25P03':
      return server('idle_in_transaction_session_timeout')
    case '25P04':
      return server('transaction_timeout')
    case '08P01':
      if (message === 'query timeout') return pooler('query_timeout')
      if (message === 'idle transaction timeout') return pooler('idle_transaction_timeout')
      return message === 'query_wait_timeout' ? pooler('query_wait_timeout', true) : null
    default:
      return null
  }
}

function timeoutHint({ setting, of, mayPass }: Timeout): string {
  if (of === 'pooler') {
    return mayPass
      ? 'the pooler has no free connection: raise its pool size, or set fewer sessions for the connection'
      : `raise ${setting} of the pooler, or connect to the server itself`
  }
  return setting === 'lock_timeout'
    ? 'another session keeps the table locked: find it in pg_stat_activity, then run the same command again'
    : `assets sets ${setting} to 0 in its transactions, so a pooler, an extension or a function of a view sets it again: raise it there`
}

/** How messages name the source. */
const nameOf = ({ address, connection }: SourceName): string =>
  `the source of connection ${connection} (${address})`

/** The problem of a failed read of a stream. */
export function readProblem(error: unknown, sourceName: SourceName, stream: StreamName): Problem {
  const failure = driverErrorOf(error)
  const { code = '', message } = failure
  const { asset } = stream
  const detail = [message, failure.detail, failure.hint].filter(Boolean).join('\n')
  const timeout = timeoutOf(error)
  if (timeout !== null) {
    return {
      code: 'source-timeout',
      message: `${asset}: ${timeout.setting} of the ${timeout.of} ended the read of ${stream.name} from ${sourceName.address}`,
      detail,
      hint: timeoutHint(timeout),
      asset,
      ...(timeout.mayPass ? { transient: true } : {}),
    }
  }
  if (isConnectionLost(error)) {
    return {
      code: 'source-connection-lost',
      message: `${asset}: the connection to ${sourceName.address} was lost while ${stream.name} was read`,
      detail,
      asset,
      transient: true,
    }
  }
  switch (code) {
    case '42501':
      return {
        code: 'source-permission-denied',
        message: `${asset}: the user of ${sourceName.address} may not read ${stream.name}`,
        detail,
        hint: `grant the user usage on the schema and select on ${stream.name}`,
        asset,
      }
    case '42P01':
    case '42703':
      return {
        code: 'source-changed',
        message: `${asset}: ${stream.name} changed in the source while it was read`,
        detail,
        asset,
        transient: true,
      }
    case 'ENOSPC':
    case 'EDQUOT':
      return {
        code: 'disk-full',
        message: `${asset}: the disk is full; ${stream.name} was not loaded`,
        detail,
        hint: 'free disk space for the .assets folder, then run the same command again',
        asset,
      }
    default:
      return {
        code: 'source-read-failed',
        message: `${asset}: ${stream.name} could not be read from ${sourceName.address}`,
        detail: code === '' ? detail : `${detail}\nSQLSTATE ${code}`,
        hint: "fix the source's error, then run the same command again; the table is unchanged",
        asset,
        ...(TRANSIENT.test(code) ? { transient: true } : {}),
      }
  }
}

/** The problem of a failed probe, or of a failed query of the catalog. */
export function probeProblem(error: unknown, sourceName: SourceName): Problem {
  const { code = '', message } = driverErrorOf(error)
  const pooler = poolerProblem(error, sourceName)
  if (pooler !== null) return pooler
  const timeout = timeoutOf(error)
  if (timeout !== null) {
    return {
      code: 'source-timeout',
      message: `${timeout.setting} of the ${timeout.of} ended a query of ${nameOf(sourceName)}`,
      detail: message,
      hint: timeoutHint(timeout),
      ...(timeout.mayPass ? { transient: true } : {}),
    }
  }
  return {
    code: 'source-not-answering',
    message: `${nameOf(sourceName)} failed to answer a query`,
    detail: message,
    ...(isConnectionLost(error) || TRANSIENT.test(code) ? { transient: true } : {}),
  }
}

/** The warehouse loaded another number of rows than was read from the source. */
export function rowsLost(asset: string, relation: string, read: number, loaded: number): Problem {
  return {
    code: 'rows-lost',
    message: `${asset}: ${loaded} of ${read} rows arrived in ${relation}`,
    hint: `run assets materialize ${asset} --full-refresh; if rows are lost again, report a bug`,
    asset,
  }
}

/** A stream as messages name it. */
export interface StreamName {
  readonly asset: string
  readonly name: string
}

/** Resources, shutdowns, deadlocks, cancellations by an administrator, recovery conflicts. */
const TRANSIENT = /^(53|57|40|55P03|25P0[34])/

/** Whether the connection is lost, so that no further query can succeed on it. */
export function isConnectionLost(error: unknown): boolean {
  const { code = '', message } = driverErrorOf(error)
  return (
    /^(08|57P0[1-5]|25P0[34])/.test(code) ||
    ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED'].includes(code) ||
    /Connection terminated|Client (was closed|has encountered a connection error)|not queryable/.test(
      message,
    )
  )
}

/** A refused `localhost` is an AggregateError of its addresses, without its own message. */
function driverErrorOf(error: unknown): DriverError {
  if (error instanceof AggregateError && error.errors.length > 0)
    return driverErrorOf(error.errors[0])
  return error instanceof Error ? error : { message: String(error) }
}

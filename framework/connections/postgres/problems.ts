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

/** The problem of a failed connection attempt. Its texts hold no password. */
export function connectProblem(error: unknown, { address, connection }: SourceName): Problem {
  const { code = '', message } = driverErrorOf(error)
  const source = `the source of connection ${connection} (${address})`
  switch (code) {
    case '28P01':
    case '28000':
      return {
        code: 'source-refused',
        message: `${source} rejected the login`,
        detail: message,
        hint: "check user and password in the connection's url",
      }
    case '3D000':
      return {
        code: 'source-database-missing',
        message: `${source} does not exist: the server has no such database`,
        detail: message,
        hint: "check the database name at the end of the connection's url",
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        code: 'source-unreachable',
        message: `${source} cannot be found: its host name has no address`,
        hint: "check the host in the connection's url",
        ...(code === 'EAI_AGAIN' ? { transient: true } : {}),
      }
    case 'ENOENT':
      return {
        code: 'source-unreachable',
        message: `${source} cannot be reached: a file that its url names can't be read`,
        detail: message,
        hint: "correct sslrootcert, sslcert or sslkey in the connection's url",
      }
    default:
      break
  }
  if (/\b(SSL|TLS)\b|certificate/i.test(message)) {
    return {
      code: 'source-tls',
      message: `${source} cannot be reached over TLS`,
      detail: message,
      hint: "set sslmode in the connection's url as for psql: disable, require, or verify-full with sslrootcert",
    }
  }
  return {
    code: 'source-unreachable',
    message: `${source} cannot be reached`,
    detail: message,
    hint: 'check that the server is running and accepts connections from this machine',
    transient: true,
  }
}

/** The problem of a failed read of a stream. */
export function readProblem(error: unknown, sourceName: SourceName, stream: StreamName): Problem {
  const failure = driverErrorOf(error)
  const { code = '', message } = failure
  const { asset } = stream
  const detail = [message, failure.detail, failure.hint].filter(Boolean).join('\n')
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
export function probeProblem(error: unknown, { address, connection }: SourceName): Problem {
  const { code = '', message } = driverErrorOf(error)
  return {
    code: 'source-not-answering',
    message: `the source of connection ${connection} (${address}) failed to answer a query`,
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

import type { Problem } from '../../model/problem.ts'

/** Who was spoken to, in words that hold no secret: `db.example.com:5432`, `the embedded source`. */
export interface Spoken {
  readonly to: string
  readonly connection: string
}

/** The part of an error that PostgreSQL and sockets fill in. */
interface Failure {
  readonly code?: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}

/** What went wrong while connecting. The messages name the server, never the password. */
export function connectProblem(error: unknown, { to, connection }: Spoken): Problem {
  const { code = '', message } = failureOf(error)
  const of = `the source of connection ${connection}`
  switch (code) {
    case '28P01':
    case '28000':
      return {
        code: 'source-refused',
        message: `${to} refused the login for ${of}`,
        detail: message,
        hint: "check user and password in the connection's url",
      }
    case '3D000':
      return {
        code: 'source-database-missing',
        message: `${to} has no such database for ${of}`,
        detail: message,
        hint: "check the database name at the end of the connection's url",
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        code: 'source-unreachable',
        message: `${to}, ${of}, has no address`,
        hint: "check the host in the connection's url",
        ...(code === 'EAI_AGAIN' ? { transient: true } : {}),
      }
    case 'ENOENT':
      return {
        code: 'source-unreachable',
        message: `the url of ${to}, ${of}, names a file that can't be read`,
        detail: message,
        hint: "correct sslrootcert, sslcert or sslkey in the connection's url",
      }
    default:
      break
  }
  if (/\b(SSL|TLS)\b|certificate/i.test(message)) {
    return {
      code: 'source-tls',
      message: `no TLS connection to ${to}, ${of}`,
      detail: message,
      hint: 'sslmode in the url means what it means to psql: disable, require, verify-full with sslrootcert',
    }
  }
  return {
    code: 'source-unreachable',
    message: `${to}, ${of}, can't be reached`,
    detail: message,
    hint: 'is the server running, and does it accept connections from here?',
    transient: true,
  }
}

/** What went wrong while a stream was read. */
export function readProblem(error: unknown, spoken: Spoken, stream: Read): Problem {
  const failure = failureOf(error)
  const { code = '', message } = failure
  const { asset } = stream
  const detail = [message, failure.detail, failure.hint].filter(Boolean).join('\n')
  if (isLost(error)) {
    return {
      code: 'source-connection-lost',
      message: `${asset}: the connection to ${spoken.to} was lost while ${stream.name} was read`,
      detail,
      asset,
      transient: true,
    }
  }
  switch (code) {
    case '42501':
      return {
        code: 'source-permission-denied',
        message: `${asset}: ${stream.name} may not be read by this user of ${spoken.to}`,
        detail,
        hint: `grant usage on schema and select on ${stream.name} to it`,
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
        message: `${asset}: no space left for the rows of ${stream.name}`,
        detail,
        hint: 'free some space where .assets/ lies; nothing was changed',
        asset,
      }
    default:
      return {
        code: 'source-read-failed',
        message: `${asset}: ${stream.name} could not be read from ${spoken.to}`,
        detail: code === '' ? detail : `${detail}\nSQLSTATE ${code}`,
        hint: 'mend what the source says and run the same command again; nothing was changed',
        asset,
        ...(TRANSIENT.test(code) ? { transient: true } : {}),
      }
  }
}

/** What went wrong while a source was asked whether its tables moved. */
export function probeProblem(error: unknown, { to, connection }: Spoken): Problem {
  const { code = '', message } = failureOf(error)
  return {
    code: 'source-not-answering',
    message: `${to}, the source of connection ${connection}, could not say what changed`,
    detail: message,
    ...(isLost(error) || TRANSIENT.test(code) ? { transient: true } : {}),
  }
}

/** Rows went missing between the source and the warehouse: what arrived is not to be trusted. */
export function rowsLost(asset: string, relation: string, read: number, loaded: number): Problem {
  return {
    code: 'rows-lost',
    message: `${asset}: of ${read} rows read, ${loaded} arrived in ${relation}`,
    hint: `assets materialize ${asset} --full-refresh reads it anew; if it stays so, report it as a bug`,
    asset,
  }
}

/** A stream as messages name it. */
export interface Read {
  readonly asset: string
  readonly name: string
}

/** Resources, shutdowns, deadlocks, cancellations by an administrator, recovery conflicts. */
const TRANSIENT = /^(53|57|40|55P03|25P0[34])/

/** True when the error says that the connection is gone, so that nothing more can be asked on it. */
export function isLost(error: unknown): boolean {
  const { code = '', message } = failureOf(error)
  return (
    /^(08|57P0[1-5]|25P0[34])/.test(code) ||
    ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED'].includes(code) ||
    /Connection terminated|Client (was closed|has encountered a connection error)|not queryable/.test(
      message,
    )
  )
}

/** A refused `localhost` is an AggregateError of its addresses, with no message of its own. */
function failureOf(error: unknown): Failure {
  if (error instanceof AggregateError && error.errors.length > 0) return failureOf(error.errors[0])
  return error instanceof Error ? error : { message: String(error) }
}

import { addressOf } from '../../lib/postgres-url.ts'
import type { Pointer } from '../../model/location.ts'
import type { Problem } from '../../model/problem.ts'

/** Whose state it is and where it lives, in words that hold no secret. */
export interface Store {
  readonly target: string
  /** `db.example.com:5432/assets` */
  readonly address: string
  readonly schema: string
  /** The `state:` of the target in its YAML. */
  readonly at: Pointer
}

export function storeOf(url: string, schema: string, at: Pointer): Store {
  return { target: String(at.path[1] ?? ''), address: addressOf(url), schema, at }
}

/** As messages name it. */
export function named({ target, address }: Store): string {
  return `the state of target ${target} (PostgreSQL at ${address})`
}

/** What PostgreSQL, a pooler before it, sockets and TLS tell of a failure. */
interface Failure {
  readonly code?: string
  readonly message: string
  readonly severity?: string
}

const SAME_COMMAND = 'run the same command again: what was recorded is kept'

/**
 * Why no session could be opened; `transient` when waiting may help. A pooler says in words what the
 * server says by number (pgbouncer gives 08P01 for all of it).
 */
export function connectProblem(error: unknown, store: Store): Problem {
  const { code = '', message } = failureOf(error)
  const at = store.at
  const detail = message
  if (/^28/.test(code) || /password authentication failed|auth failed/i.test(message)) {
    return {
      code: 'state-refused',
      message: `${named(store)} refused the login`,
      detail,
      hint: "check user and password in the url of `state:`, and that the server's pg_hba.conf lets this host in (RDS wants sslmode=require)",
      at,
    }
  }
  if (code === '3D000' || /no such database/i.test(message)) {
    return {
      code: 'state-database-missing',
      message: `${named(store)}: there is no such database`,
      detail,
      hint: `make it (create database …), or correct the name at the end of the url of \`state:\``,
      at,
    }
  }
  if (/\b(SSL|TLS)\b|certificate/i.test(message)) {
    return {
      code: 'state-tls',
      message: `${named(store)}: no TLS connection`,
      detail,
      hint: 'sslmode in the url means what it means to psql: disable, require, verify-full with sslrootcert',
      at,
    }
  }
  if (code === 'ENOENT') {
    return {
      code: 'state-unreachable',
      message: `${named(store)}: its url names a file that can't be read`,
      detail,
      hint: 'correct sslrootcert, sslcert or sslkey in the url of `state:`',
      at,
    }
  }
  return {
    code: 'state-unreachable',
    message: `${named(store)} can't be reached`,
    detail,
    hint:
      code === 'ENOTFOUND'
        ? 'check the host in the url of `state:`'
        : 'is the server running, and do its firewall or security group let this host in? Records live there, so --offline needs it too',
    at,
    ...(code === 'ENOTFOUND' ? {} : { transient: true }),
  }
}

/** The connection broke and could not be had back in time. */
export function lostProblem(error: unknown, store: Store): Problem {
  return {
    code: 'state-connection-lost',
    message: `the connection to ${named(store)} was lost and did not come back`,
    detail: failureOf(error).message,
    hint: `when the server answers again, ${SAME_COMMAND}`,
    at: store.at,
    transient: true,
  }
}

/** A commit was sent, its answer never came, and nobody could say what became of it. */
export function inDoubtProblem(store: Store, why: unknown): Problem {
  return {
    code: 'state-in-doubt',
    message: `the connection to ${named(store)} was lost in a commit, and whether it was made can't be told`,
    detail: failureOf(why).message,
    hint: 'run the same command again: it goes by what was recorded, and builds again what was not',
    at: store.at,
    transient: true,
  }
}

/** The problem behind a statement that the server refused; null for one that is our own bug. */
export function statementProblem(error: unknown, store: Store): Problem | null {
  const { code = '', message: detail } = failureOf(error)
  const at = store.at
  switch (code) {
    case '42501':
      return {
        code: 'state-not-permitted',
        message: `${named(store)}: its user lacks rights on schema ${store.schema}`,
        detail,
        hint: `as its owner or a superuser: create schema if not exists ${store.schema}; grant usage, create on schema ${store.schema} to USER; and let USER own the tables in it`,
        at,
      }
    case '42P01':
    case '42703':
    case '3F000':
      return {
        code: 'state-corrupted',
        message: `${named(store)}: tables of schema ${store.schema} are missing or have another shape`,
        detail,
        hint: `bring them back from a copy, or start anew: drop schema ${store.schema} cascade (all assets will count as never built)`,
        at,
      }
    case '25006':
      return {
        code: 'state-read-only',
        message: `${named(store)} takes no writes`,
        detail,
        hint: 'name the primary in the url of `state:`, not a replica; a full disk also turns a managed server to reading only',
        at,
      }
    case '53100':
    case '53200':
      return {
        code: 'disk-full',
        message: `${named(store)} is out of ${code === '53100' ? 'disk' : 'memory'}`,
        detail,
        hint: `make room there and ${SAME_COMMAND}`,
        at,
      }
    case '55P03':
      return {
        code: 'state-locked',
        message: `${named(store)} has been locked by another session for ${LOCK_SECONDS} seconds`,
        detail,
        hint: `runs hold it for milliseconds only: select * from pg_stat_activity tells who does; then ${SAME_COMMAND}`,
        at,
        transient: true,
      }
    case '57014':
      return {
        code: 'state-slow',
        message: `${named(store)} did not answer a statement within ${STATEMENT_SECONDS} seconds`,
        detail,
        hint: `look at the load of that server, then ${SAME_COMMAND}`,
        at,
        transient: true,
      }
    default:
      return null
  }
}

/** Limits of a transaction on the server, in seconds. */
export const STATEMENT_SECONDS = 40
export const LOCK_SECONDS = 20
/** A host that died in a transaction holds everybody up for so long. */
export const IDLE_SECONDS = 15

/** Whether an error of the driver says that the session is gone, and with it what was under way. */
export function isLoss(error: unknown): boolean {
  const { code = '', message, severity } = failureOf(error)
  if (severity !== undefined) {
    return severity === 'FATAL' || severity === 'PANIC' || /^(08|57P0[1-5]|25P0[34])/.test(code)
  }
  return (
    /^E[A-Z]+$/.test(code) ||
    /Connection terminated|not queryable|Query read timeout|connection.* timeout/i.test(message)
  )
}

/** A refused `localhost` is an AggregateError of its addresses, with no message of its own. */
function failureOf(error: unknown): Failure {
  if (error instanceof AggregateError && error.errors.length > 0) return failureOf(error.errors[0])
  return error instanceof Error ? error : { message: String(error) }
}

import { addressOf } from '../../lib/postgres-url.ts'
import type { Pointer } from '../../model/location.ts'
import type { Problem } from '../../model/problem.ts'

/** The target and address of a state, for messages. Holds no secrets. */
export interface PostgresStateLabel {
  readonly target: string
  /** `db.example.com:5432/assets` */
  readonly address: string
  readonly schema: string
  /** The `state:` of the target in its YAML. */
  readonly at: Pointer
}

export function stateLabel(url: string, schema: string, at: Pointer): PostgresStateLabel {
  return { target: String(at.path[1] ?? ''), address: addressOf(url), schema, at }
}

/** How messages name the state. */
function stateName({ target, address }: PostgresStateLabel): string {
  return `the state of target ${target} (PostgreSQL at ${address})`
}

/** An error of PostgreSQL, a pooler, a socket or TLS. */
interface ServerError {
  readonly code?: string
  readonly message: string
  readonly severity?: string
}

const SAME_COMMAND = 'run the same command again; recorded results are kept'

/**
 * The problem for an error while connecting; `transient` when waiting may help. The messages are matched as
 * well as the codes, because pgbouncer reports 08P01 for everything.
 */
export function connectProblem(error: unknown, label: PostgresStateLabel): Problem {
  const { code = '', message } = serverErrorOf(error)
  const at = label.at
  const detail = message
  if (/^28/.test(code) || /password authentication failed|auth failed/i.test(message)) {
    return {
      code: 'state-refused',
      isAccessFault: true,
      message: `${stateName(label)} refused the login`,
      detail,
      hint: "check user and password in the url of `state:`, and that the server's pg_hba.conf allows this host (RDS requires sslmode=require)",
      at,
    }
  }
  if (code === '3D000' || /no such database/i.test(message)) {
    return {
      code: 'state-database-missing',
      message: `${stateName(label)}: the database does not exist`,
      detail,
      hint: `create it (create database …), or correct the name at the end of the url of \`state:\``,
      at,
    }
  }
  if (/\b(SSL|TLS)\b|certificate/i.test(message)) {
    return {
      code: 'state-tls',
      isAccessFault: true,
      message: `${stateName(label)}: the TLS connection failed`,
      detail,
      hint: 'set sslmode in the url as for psql: disable, require, or verify-full with sslrootcert',
      at,
    }
  }
  if (code === 'ENOENT') {
    return {
      code: 'state-unreachable',
      isAccessFault: true,
      message: `${stateName(label)}: a file named in its url can't be read`,
      detail,
      hint: 'correct sslrootcert, sslcert or sslkey in the url of `state:`',
      at,
    }
  }
  return {
    code: 'state-unreachable',
    isAccessFault: true,
    message: `${stateName(label)} can't be reached`,
    detail,
    hint:
      code === 'ENOTFOUND'
        ? 'check the host in the url of `state:`'
        : 'check that the server is running and that its firewall or security group allows this host; --offline needs the state too',
    at,
    ...(code === 'ENOTFOUND' ? {} : { transient: true }),
  }
}

/** The problem for a connection that was lost and not restored in time. */
export function lostProblem(error: unknown, label: PostgresStateLabel): Problem {
  return {
    code: 'state-connection-lost',
    message: `the connection to ${stateName(label)} was lost and did not come back`,
    detail: serverErrorOf(error).message,
    hint: `when the server responds again, ${SAME_COMMAND}`,
    at: label.at,
    transient: true,
  }
}

/** The problem for a commit without a response whose status the server can't report. */
export function inDoubtProblem(label: PostgresStateLabel, why: unknown): Problem {
  return {
    code: 'state-in-doubt',
    message: `the connection to ${stateName(label)} was lost during a commit, and it is unknown whether the commit succeeded`,
    detail: serverErrorOf(why).message,
    hint: 'run the same command again; it builds everything that was not recorded',
    at: label.at,
    transient: true,
  }
}

/** The problem for a statement that the server refused; null if it is a bug of ours. */
export function statementProblem(error: unknown, label: PostgresStateLabel): Problem | null {
  const { code = '', message: detail } = serverErrorOf(error)
  const at = label.at
  switch (code) {
    case '42501':
      return {
        code: 'state-not-permitted',
        message: `${stateName(label)}: its user lacks privileges on schema ${label.schema}`,
        detail,
        hint: `as owner or superuser, run: create schema if not exists ${label.schema}; grant usage, create on schema ${label.schema} to USER; and make USER the owner of its tables`,
        at,
      }
    case '42P01': // undefined_table
    case '42P07': // duplicate_table
    case '42703': // undefined_column
    case '42701': // duplicate_column
    case '3F000': // invalid_schema_name
      return {
        code: 'state-corrupted',
        message: `${stateName(label)}: tables of schema ${label.schema} are missing or have unexpected columns`,
        detail,
        hint: afterDamage(label),
        at,
      }
    case '22021': // character_not_in_repertoire
    case '23502': // not_null_violation
    case '23505': // unique_violation
    case 'XX000': // internal_error, as for a missing file of a table
    case 'XX001': // data_corrupted
    case 'XX002': // index_corrupted
      return {
        code: 'state-corrupted',
        message: `${stateName(label)}: schema ${label.schema} is damaged`,
        detail,
        hint: afterDamage(label),
        at,
      }
    case '25006':
      return {
        code: 'state-read-only',
        message: `${stateName(label)} is read-only`,
        detail,
        hint: 'set the url of `state:` to the primary, not to a replica; managed servers also become read-only when their disk is full',
        at,
      }
    case '53100':
    case '53200':
      return {
        code: 'disk-full',
        message: `${stateName(label)} is out of ${code === '53100' ? 'disk space' : 'memory'}`,
        detail,
        hint: `free some on the server and ${SAME_COMMAND}`,
        at,
      }
    case '55P03':
      return {
        code: 'state-locked',
        message: `${stateName(label)} has been locked by another session for ${LOCK_SECONDS} seconds`,
        detail,
        hint: `runs lock it only for milliseconds; find the session with select * from pg_stat_activity, then ${SAME_COMMAND}`,
        at,
        transient: true,
      }
    case '57014':
      return {
        code: 'state-slow',
        message: `${stateName(label)} did not finish a statement within ${STATEMENT_SECONDS} seconds`,
        detail,
        hint: `check the load of the server, then ${SAME_COMMAND}`,
        at,
        transient: true,
      }
    default:
      return null
  }
}

/** The problem for a row that was not written as it is read. `place`: `film in table records`. */
export function damagedRow(label: PostgresStateLabel, place: string, detail: string): Problem {
  return {
    code: 'state-corrupted',
    message: `${stateName(label)}: schema ${label.schema} is damaged: ${place}: ${detail}`,
    hint: afterDamage(label),
    at: label.at,
  }
}

function afterDamage({ schema }: PostgresStateLabel): string {
  return `\`assets state check\` lists all damage; restore a backup with \`assets state restore FILE\`, or drop the schema (drop schema ${schema} cascade), then \`assets materialize --adopt\` or build everything again`
}

/** Timeouts of a transaction on the server, in seconds. */
export const STATEMENT_SECONDS = 40
export const LOCK_SECONDS = 20
/** A host that dies during a transaction blocks others for at most this long. */
export const IDLE_SECONDS = 15

/** Whether an error of the driver means that the session, and with it its transaction, is lost. */
export function isSessionLost(error: unknown): boolean {
  const { code = '', message, severity } = serverErrorOf(error)
  if (severity !== undefined) {
    return severity === 'FATAL' || severity === 'PANIC' || /^(08|57P0[1-5]|25P0[34])/.test(code)
  }
  return (
    /^E[A-Z]+$/.test(code) ||
    /Connection terminated|not queryable|Query read timeout|connection.* timeout/i.test(message)
  )
}

/** For a refused `localhost`, Node gives an AggregateError without a message, one error per address. */
function serverErrorOf(error: unknown): ServerError {
  if (error instanceof AggregateError && error.errors.length > 0)
    return serverErrorOf(error.errors[0])
  return error instanceof Error ? error : { message: String(error) }
}

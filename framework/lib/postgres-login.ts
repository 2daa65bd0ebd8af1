import type { ConnectAttempt } from './postgres-url.ts'

/** What an error of PostgreSQL, a pooler, a socket or TLS says. */
interface LoginError {
  readonly code?: string
  readonly message: string
}

/**
 * Opens a connection in the first way that works. Like psql, it tries the next one if TLS failed or the
 * server refused the login, and not if the server can't be reached. Throws the error that says most: a
 * server that demands TLS refuses the attempt without TLS, which says nothing of why TLS failed.
 */
export async function openFirst<T>(
  attempts: readonly ConnectAttempt[],
  open: (attempt: ConnectAttempt) => Promise<T>,
): Promise<T> {
  const [attempt, ...others] = attempts
  try {
    return await open(attempt!)
  } catch (error) {
    if (others.length === 0 || !mayDependOnTls(error)) throw error
    try {
      return await openFirst(others, open)
    } catch (later) {
      throw moreTelling(error, later)
    }
  }
}

/** Whether no line of the server's or the pooler's pg_hba.conf admits the login, or one rejects it. */
export function isRefusedByHba(error: unknown): boolean {
  const { code = '', message } = errorOf(error)
  return REFUSAL.test(code) && (message.includes('pg_hba.conf') || message === 'login rejected')
}

/** Whether the server, or the pooler before it, offers no TLS. The message is that of `pg`. */
export function lacksTls(error: unknown): boolean {
  return /server does not support SSL/.test(errorOf(error).message)
}

/** Whether pgbouncer (client_tls_sslmode) refuses a connection without TLS. */
export function requiresTls(error: unknown): boolean {
  return /\b(SSL|TLS) required\b/i.test(errorOf(error).message)
}

/** Whether TLS failed before the login: not offered, no common version or cipher, a certificate. */
export function isTlsFailure(error: unknown): boolean {
  const { code = '', message } = errorOf(error)
  if (SQLSTATE.test(code)) return false
  return /\b(SSL|TLS)\b|certificate/i.test(message) || /^(ERR_(SSL|TLS)|EPROTO$)/.test(code)
}

const SQLSTATE = /^[0-9A-Z]{5}$/

/** A refused login. pgbouncer reports 08P01 for everything. */
const REFUSAL = /^(28|08P01)/

function mayDependOnTls(error: unknown): boolean {
  return isTlsFailure(error) || REFUSAL.test(errorOf(error).code ?? '')
}

function moreTelling(first: unknown, second: unknown): unknown {
  if (lacksTls(second)) return first
  const saysLittle = isRefusedByHba(second) || requiresTls(second)
  return saysLittle && !lacksTls(first) ? first : second
}

function errorOf(error: unknown): LoginError {
  return error instanceof Error ? error : { message: String(error) }
}

/** The client, connected; ended if it can't be. */
export async function connected<T extends Connectable>(client: T): Promise<T> {
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

interface Connectable {
  connect(): Promise<unknown>
  end(): Promise<unknown>
}

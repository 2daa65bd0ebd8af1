import { type Problem, type ProblemCode, ProblemError } from '../../model/problem.ts'

/** The problem for an error that is not recognized: it names the operation that failed. */
export interface FallbackProblem {
  readonly code: ProblemCode
  /** A clause without a full stop: `raw.payment could not be read`. */
  readonly message: string
  readonly hint?: string
}

/** How messages name the account, and a function that removes its secrets from texts of the service. */
export interface AccountLabel {
  /** `dvd on myorg-myaccount`. */
  readonly name: string
  readonly redact: (text: string) => string
}

interface DriverError {
  readonly code?: unknown
  readonly sqlState?: unknown
  readonly message?: unknown
}

/** The session, or its token, has expired or is unknown to the service. */
const SESSION_EXPIRED = new Set(['390104', '390111', '390114', '390195', '407001', '407002'])
const LOGIN_REFUSED =
  /^(390100|390101|390102|390144|39014\d|390186|390189|390191|390422|390432|3945\d\d|39440\d)$/
/** The driver rejects an option and sends nothing. */
const INVALID_OPTION = /^404\d{3}$/
const UNREACHABLE = /^(401\d{3}|402\d{3}|390112|405503)$/

/**
 * Converts an error of the service or the driver to a problem; `fallback` is used when the error is not
 * known. Problems that may pass are `transient`: network errors, 429, 5xx, an HTML page as the response.
 */
export function problemOf(error: unknown, label: AccountLabel, fallback: FallbackProblem): Problem {
  if (error instanceof ProblemError && error.problems[0] !== undefined) return error.problems[0]
  const { code, message } = fieldsOf(error)
  // A proxy may respond with an HTML page, in which the driver finds neither code nor message.
  const isForeignResponse = code === '' && message === ''
  const detail = isForeignResponse
    ? 'the response did not come from Snowflake'
    : label.redact(message)
  if (LOGIN_REFUSED.test(code)) {
    return {
      code: 'warehouse-login',
      isAccessFault: true,
      message: `${label.name} refused the login`,
      detail,
      hint: 'check user, role and secret of the warehouse, and that the network policy allows this machine',
    }
  }
  if (INVALID_OPTION.test(code)) {
    return {
      code: 'warehouse-login',
      isAccessFault: true,
      message: `the driver rejects the login settings of ${label.name}`,
      detail,
      hint: 'check the private key: it is the PEM text from BEGIN to END with its line ends; in .env, quote it and write \\n for each',
    }
  }
  if (isForeignResponse || UNREACHABLE.test(code) || SESSION_EXPIRED.has(code)) {
    return {
      code: 'warehouse-unreachable',
      isAccessFault: true,
      message: `${label.name} can't be reached`,
      detail,
      hint: "check the account, the network and Snowflake's status page, then run the same command again",
      transient: true,
    }
  }
  if (code === '000606') {
    return {
      code: 'warehouse-none-active',
      message: `no virtual warehouse is active on ${label.name}`,
      detail,
      hint: 'set `warehouse` to one that the role may use (GRANT USAGE ON WAREHOUSE)',
    }
  }
  if (code === '000604')
    return { code: 'cancelled', message: `the work on ${label.name} was cancelled` }
  return { ...fallback, detail }
}

/** The session has expired. The statement was not run and can be repeated on a new session. */
export const isSessionExpired = (error: unknown): boolean =>
  SESSION_EXPIRED.has(fieldsOf(error).code)

/** The service refused the statement: an object in it does not exist or is not allowed. */
export const isStatementRefused = (error: unknown): boolean =>
  /^00[0-4]\d{3}$/.test(fieldsOf(error).code)

/** The result of a statement, or null when the service refused it. */
export function nullIfRefused<T>(result: Promise<T>): Promise<T | null> {
  return result.catch((error: unknown) => {
    if (isStatementRefused(error)) return null
    throw error
  })
}

function fieldsOf(error: unknown): { readonly code: string; readonly message: string } {
  const { code, message } = (error ?? {}) as DriverError
  return {
    code: String(code ?? ''),
    message: typeof message === 'string' ? message : String(error),
  }
}

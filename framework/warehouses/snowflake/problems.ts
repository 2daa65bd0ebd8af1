import { type Problem, type ProblemCode, ProblemError } from '../../model/problem.ts'

/** What was being done, for an error that has no name of its own. */
export interface Doing {
  readonly code: ProblemCode
  /** A sentence without its end: `raw.payment could not be read`. */
  readonly message: string
  readonly hint?: string
}

/** The account as people know it, and its secrets blotted out of what the service says. */
export interface Whereabouts {
  /** `dvd on myorg-myaccount`. */
  readonly name: string
  readonly redact: (text: string) => string
}

interface DriverError {
  readonly code?: unknown
  readonly sqlState?: unknown
  readonly message?: unknown
}

/** Session tokens or sessions that the service does not know any more. */
const GONE = new Set(['390104', '390111', '390114', '390195', '407001', '407002'])
const LOGIN =
  /^(390100|390101|390102|390144|39014\d|390186|390189|390191|390422|390432|3945\d\d|39440\d)$/
/** The driver takes no such option: nothing was sent. */
const UNTAKEN = /^404\d{3}$/
const UNREACHABLE = /^(401\d{3}|402\d{3}|390112|405503)$/

/**
 * The service's and the driver's errors as problems. `transient` is what the same call may get through
 * later: a broken network, 429, 5xx, a page in place of an answer.
 */
export function problemOf(error: unknown, where: Whereabouts, doing: Doing): Problem {
  if (error instanceof ProblemError && error.problems[0] !== undefined) return error.problems[0]
  const { code, message } = factsOf(error)
  // A page in place of an answer comes from somebody between, and the driver finds nothing in it.
  const isNoAnswer = code === '' && message === ''
  const detail = isNoAnswer ? 'the answer was not one of the service' : where.redact(message)
  if (LOGIN.test(code)) {
    return {
      code: 'warehouse-login',
      message: `${where.name} refused the login`,
      detail,
      hint: 'check user, role and secret of the warehouse, and that the network policy lets this machine in',
    }
  }
  if (UNTAKEN.test(code)) {
    return {
      code: 'warehouse-login',
      message: `with these settings nobody can log in to ${where.name}`,
      detail,
      hint: 'a private key is its PEM text from BEGIN to END, with its line ends or, in .env and in quotes, \\n for each',
    }
  }
  if (isNoAnswer || UNREACHABLE.test(code) || GONE.has(code)) {
    return {
      code: 'warehouse-unreachable',
      message: `${where.name} can't be reached`,
      detail,
      hint: "check the account, the network and Snowflake's status page, then run the same command again",
      transient: true,
    }
  }
  if (code === '000606') {
    return {
      code: 'warehouse-none-active',
      message: `no virtual warehouse runs queries on ${where.name}`,
      detail,
      hint: 'set `warehouse` to one that the role may use (GRANT USAGE ON WAREHOUSE)',
    }
  }
  if (code === '000604')
    return { code: 'cancelled', message: `the work on ${where.name} was cancelled` }
  return { ...doing, detail }
}

/** A statement on a session that is gone was not run, and may be sent again on another. */
export const isGone = (error: unknown): boolean => GONE.has(factsOf(error).code)

/** A statement that the service understood and refused: it names what isn't there, or can't be done. */
export const isRefused = (error: unknown): boolean => /^00[0-4]\d{3}$/.test(factsOf(error).code)

/** null where the service won't: it names what is not there, or what it does not know. */
export function orNull<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch((error: unknown) => {
    if (isRefused(error)) return null
    throw error
  })
}

function factsOf(error: unknown): { readonly code: string; readonly message: string } {
  const { code, message } = (error ?? {}) as DriverError
  return {
    code: String(code ?? ''),
    message: typeof message === 'string' ? message : String(error),
  }
}

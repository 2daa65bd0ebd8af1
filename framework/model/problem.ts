import type { Location, Pointer } from './location.ts'

/**
 * The codes of all problems. Each room adds its own codes in its `problem-codes.ts`, so the union is
 * closed and a new code changes only its room.
 */
// biome-ignore lint/suspicious/noEmptyInterface: each room adds to it.
export interface ProblemCodes {}
export type ProblemCode = keyof ProblemCodes

/** An expected failure, as a value to show to a person. A thrown error is a bug. */
export interface Problem {
  /** Stable: scripts rely on it. Documented in `PROBLEMS.md`. */
  readonly code: ProblemCode
  /** One sentence that begins with the thing at fault. No trailing newline. */
  readonly message: string
  readonly at?: Location | Pointer
  /** Other locations of the same problem: the other edges of a cycle, the first of two duplicates. */
  readonly related?: readonly { readonly message: string; readonly at: Location | Pointer }[]
  /** Output of another program, or the expression at fault. Shown indented below the message. */
  readonly detail?: string
  /** The next step: what to type, install or change. */
  readonly hint?: string
  readonly asset?: string
  /** The name of what the problem says does not exist; empty for something of any name. Not shown: with other mistakes, it may exist. */
  readonly absent?: string
  /** True if a declaration or an argument is wrong, however late that is found: the exit code is 2. */
  readonly mistake?: true
  /** True if another process holds what the command needs: the warehouse. */
  readonly heldByOther?: true
  /** True if a server can't be reached, or refuses the login: `assets doctor` examines that. */
  readonly isAccessFault?: true
  /** True if the same call may succeed later; the retry policy looks at nothing else. */
  readonly transient?: true
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const fail = (...problems: readonly Problem[]): Result<never> => ({ ok: false, problems })

/**
 * Carries problems through code that has to throw, such as a driver's callback or a stream. The
 * adapter that throws it also catches it. `main.ts` reports the problems of an uncaught one.
 */
export class ProblemError extends Error {
  readonly problems: readonly Problem[]
  constructor(...problems: readonly Problem[]) {
    super(problems.map((problem) => problem.message).join('\n'))
    this.name = 'ProblemError'
    this.problems = problems
  }
}

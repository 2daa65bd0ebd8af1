import type { ReportSchema } from '../report/reporter.ts'
import type { Context } from './context.ts'
import type { Output } from './output.ts'

/** One argument or option of a verb. `T` is the type of its value. */
export interface Parameter<T> {
  /** In commander's notation: `<asset>`, `[select...]`, `-t, --target <name>`, `--no-wait`. */
  readonly usage: string
  readonly help: string
  /** The value when the command line does not name one. */
  readonly default: T
  /** The default as `--help` shows it; absent when `--help` shows none. */
  readonly shownDefault?: string
  readonly choices?: readonly string[]
  /** Whether `--help` leaves the option out: this program gives it to itself. */
  readonly hidden?: boolean
  /** Throws commander's `InvalidArgumentError`. */
  readonly parse?: (text: string) => T
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>

/** The values of parameters, by their keys. */
export type Values<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never
}

/** One command of the command line: everything that parsing, `--help` and tests need to know of it. */
export interface Verb<A extends Parameters = Parameters, O extends Parameters = Parameters> {
  readonly name: string
  /** One line: an imperative without a full stop. */
  readonly summary: string
  /** In the order in which they are typed. */
  readonly arguments: A
  readonly options: O
  /** The schemas of the documents that `--json` prints. null: the verb has no `--json`. */
  readonly json: readonly ReportSchema[] | null
  /** Replaces the help of `--json`. */
  readonly jsonHelp?: string
  readonly examples?: readonly Example[]
  /**
   * Whether it does something besides printing: if its output can't be written, it goes on in silence, and its own
   * exit code counts. Absent: it does not.
   */
  acts?(values: Values<A> & Values<O>): boolean
  /** Imports the verb's code and runs it. Returns the exit code. */
  run(context: Context, output: Output, values: Values<A> & Values<O>): Promise<number>
}

/** A command line, with what it does. */
export type Example = readonly [command: string, does: string]

/** Verbs below a common first word: `source sql`, `source reset`. */
export interface VerbGroup {
  readonly name: string
  readonly summary: string
  readonly verbs: readonly Verb[]
}

/** Declares a verb; the types of `values` follow from its arguments and options. */
export function defineVerb<A extends Parameters, O extends Parameters>(verb: Verb<A, O>): Verb {
  return verb
}

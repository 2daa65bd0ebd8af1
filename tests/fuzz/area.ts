import type { Random } from '../property/random.ts'

/** One kind of text that comes from outside, and the code that reads it. */
export interface Area {
  readonly name: string
  /** An input. Equal choices give equal inputs. */
  readonly input: (random: Random) => string
  /**
   * Reads an input as a command does. It may return problems or throw a `ProblemError`; whatever else it throws is a
   * fault.
   */
  readonly read: (input: string) => unknown
}

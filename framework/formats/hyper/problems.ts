import type { Problem } from '../../model/problem.ts'
import type { Environment } from '../../python/environment.ts'
import { type Machine, whyNoHyper } from './platform.ts'

/** An error of Hyper, in its own words. */
export class HyperError extends Error {
  override readonly name = 'HyperError'
  /** Whether Hyper refused a statement. Otherwise it did not start, or ended meanwhile. */
  readonly isRefusal: boolean

  constructor(message: string, isRefusal = false) {
    super(message)
    this.isRefusal = isRefusal
  }
}

/** The problem of a machine on which Hyper does not run; null for any other. */
export function unavailableOn(machine: Machine): Problem | null {
  const why = whyNoHyper(machine)
  if (why === null) return null
  return {
    code: 'hyper-unavailable',
    message: `.hyper files are written by Hyper, which does not run here: ${why}`,
    hint: 'run on Linux with x86-64 and glibc, or on macOS; or write a .csv or .parquet file on this target',
  }
}

/** The problem of an environment that a variable names and that has no Hyper. */
export function notInstalled({ folder, python }: Environment): Problem {
  return {
    code: 'python-environment',
    message: `ASSETS_HYPER_PYTHON_ENV is ${folder}, which lacks tableauhyperapi`,
    hint: `install it: ${python} -m pip install tableauhyperapi; or unset the variable, and assets makes an environment`,
  }
}

/** The problem for a statement that failed while a file was written. */
export function writeProblem(error: unknown): Problem {
  const detail = error instanceof Error ? error.message : String(error)
  if (
    /No space left on device|ENOSPC|disk( is)? full|growing the database file failed/i.test(detail)
  ) {
    return {
      code: 'disk-full',
      message: 'the disk of the .hyper file is full',
      detail,
      hint: 'free some space and run the same command again; finished steps are not repeated',
    }
  }
  return {
    code: 'hyper-failed',
    message: 'Hyper could not write the file',
    detail,
    hint: 'correct what Hyper reports, such as a value that its type can not hold, or write a .csv or .parquet file',
  }
}

/** The problem for a program that did not start, neither by itself nor through its driver. */
export function startProblem(errors: readonly string[]): Problem {
  return {
    code: 'hyper-failed',
    message: 'Hyper, which writes .hyper files, does not start',
    detail: errors.join('\n'),
    hint: 'see what it says; if a file of it is missing, remove its environment to have it installed again',
  }
}

export const cancelled: Problem = {
  code: 'cancelled',
  message: 'the work on a .hyper file was cancelled',
}

import { type Problem, ProblemError } from '../../../model/problem.ts'

const FULL = /ENOSPC|EDQUOT|No space left/i
const UNWRITABLE =
  /EACCES|EPERM|EROFS|EEXIST|ENOTDIR|unable to open database file|readonly database/

/** Why the embedded source of a connection could not be opened. */
export function openProblem(error: unknown, connection: string): Problem {
  if (error instanceof ProblemError) return error.problems[0]!
  const { message, code } = error as NodeJS.ErrnoException
  if (FULL.test(`${code} ${message}`)) {
    return {
      code: 'disk-full',
      message: `no space left for the embedded source ${connection}`,
      hint: 'free some space where .assets/ lies and repeat the command',
    }
  }
  if (UNWRITABLE.test(`${code} ${message}`)) {
    return {
      code: 'source-unwritable',
      message: `the embedded source ${connection} can't be written`,
      detail: message,
      hint: 'let .assets/source be a folder that this user may write to',
    }
  }
  return {
    code: 'source-failed',
    message: `the embedded source ${connection} could not be opened`,
    detail: message,
    hint: 'assets source reset makes it anew; changes made to it are lost then',
  }
}

/** `holder` as people are told: `process 12`. */
export function lockedProblem(connection: string, holder: string): Problem {
  return {
    code: 'source-locked',
    message: `the embedded source ${connection} is open in ${holder}`,
    hint: 'wait until that is done, or end it, and repeat the command',
    transient: true,
  }
}

export function cancelledProblem(connection: string): Problem {
  return { code: 'cancelled', message: `opening the embedded source ${connection} was cancelled` }
}

interface ServerError {
  readonly message: string
  readonly detail?: string
  readonly hint?: string
  readonly position?: string
}

/** SQL that a person typed and PostgreSQL refused, with a caret below the place that it named. */
export function sqlProblem(text: string, error: unknown): Problem {
  const { message, detail, hint, position } = error as ServerError
  const excerpt = position === undefined ? [] : caret(text, Number(position))
  const lines = [...excerpt, ...(detail === undefined ? [] : [detail])]
  return {
    code: 'sql-failed',
    message: `the source refused: ${message}`,
    ...(lines.length > 0 ? { detail: lines.join('\n') } : {}),
    ...(hint === undefined ? {} : { hint }),
  }
}

/** The line that PostgreSQL points at, as psql shows it; `position` counts characters from 1. */
function caret(text: string, position: number): readonly string[] {
  const before = [...text]
    .slice(0, position - 1)
    .join('')
    .split('\n')
  const line = text.split('\n')[before.length - 1] ?? ''
  const label = `LINE ${before.length}: `
  return [`${label}${line}`, `${' '.repeat(label.length + before.at(-1)!.length)}^`]
}

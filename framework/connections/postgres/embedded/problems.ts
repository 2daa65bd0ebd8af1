import { type Problem, ProblemError } from '../../../model/problem.ts'

const FULL = /ENOSPC|EDQUOT|No space left/i
const UNWRITABLE =
  /EACCES|EPERM|EROFS|EEXIST|ENOTDIR|unable to open database file|readonly database/

/** The problem of an embedded source that could not be opened. */
export function openFailed(error: unknown, connection: string): Problem {
  if (error instanceof ProblemError) return error.problems[0]!
  const { message, code } = error as NodeJS.ErrnoException
  if (FULL.test(`${code} ${message}`)) {
    return {
      code: 'disk-full',
      message: `the embedded source ${connection} can't be written: the disk is full`,
      hint: 'free disk space for the .assets folder, then run the same command again',
    }
  }
  if (UNWRITABLE.test(`${code} ${message}`)) {
    return {
      code: 'source-unwritable',
      message: `the embedded source ${connection} can't be written`,
      detail: message,
      hint: 'make .assets/source a folder that this user may write to',
    }
  }
  return {
    code: 'source-failed',
    message: `the embedded source ${connection} could not be opened`,
    detail: message,
    hint: 'run assets source reset to create it again; changes to its rows are lost',
  }
}

/** `holder`: `process 12` or `another process`. */
export function lockedProblem(connection: string, holder: string): Problem {
  return {
    code: 'source-locked',
    message: `the embedded source ${connection} is open in ${holder}`,
    hint: 'wait for that process or end it, then run the same command again',
    transient: true,
  }
}

/** `folder`: where its data was. */
export function lostProblem(connection: string, folder: string): Problem {
  return {
    code: 'source-lost',
    message: `the data of the embedded source ${connection} is gone: ${folder} is missing or incomplete`,
    hint: 'restore the folder from a backup, or run assets source reset to create the source again from its init files; rows that were written to it since are lost',
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

/** The problem of typed SQL that PostgreSQL rejected, with a caret below the reported position. */
export function sqlProblem(text: string, error: unknown): Problem {
  const { message, detail, hint, position } = error as ServerError
  const excerpt = position === undefined ? [] : caret(text, Number(position))
  const lines = [...excerpt, ...(detail === undefined ? [] : [detail])]
  return {
    code: 'sql-failed',
    message: `the source rejected the SQL: ${message}`,
    ...(lines.length > 0 ? { detail: lines.join('\n') } : {}),
    ...(hint === undefined ? {} : { hint }),
  }
}

/** The reported line and a caret, as psql shows them. `position` counts characters from 1. */
function caret(text: string, position: number): readonly string[] {
  const before = [...text]
    .slice(0, position - 1)
    .join('')
    .split('\n')
  const line = text.split('\n')[before.length - 1] ?? ''
  const label = `LINE ${before.length}: `
  return [`${label}${line}`, `${' '.repeat(label.length + before.at(-1)!.length)}^`]
}

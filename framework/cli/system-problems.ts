import {
  fileErrorCode,
  hasTooManyFiles,
  isTooManyFiles,
  TOO_MANY_FILES,
  whyUnreadable,
  whyUnwritable,
} from '../lib/file-refusal.ts'
import type { Problem } from '../model/problem.ts'

/** Refusals of a file system. Anything else that is thrown is a bug, such as a file that is not there. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'ENOTDIR', 'EISDIR'],
  ...['ENAMETOOLONG', 'ELOOP'],
])

/** The problem of an error of the system that no room expected; null for a bug. Problems: `too-many-files`, `file-refused`. */
export function systemProblem(error: unknown): Problem | null {
  // While no more files can be opened, parts of the program and of the project can't be read, and anything may follow.
  if (isTooManyFiles(error) || hasTooManyFiles()) {
    return tooManyFiles(error instanceof Error ? error.message : String(error))
  }
  const { path, message } = (error ?? {}) as NodeJS.ErrnoException
  if (path === undefined || !REFUSALS.has(fileErrorCode(error) ?? '')) return null
  const { reason, hint } = whyUnreadable(path) ?? whyUnwritable(path, error)
  return {
    code: 'file-refused',
    message: `${path} can't be used: ${reason}`,
    detail: message,
    hint,
  }
}

/**
 * A problem whose cause is that this process has too many open files becomes a problem of that: a program or a library
 * says so in its own words, and blames a file of the project.
 */
export function withSystemCause(problem: Problem): Problem {
  const said = [problem.message, problem.detail ?? ''].join('\n')
  if (problem.code === 'too-many-files' || !isTooManyFiles({ message: said })) return problem
  const { at, asset } = problem
  return {
    ...tooManyFiles(said.trim()),
    ...(at === undefined ? {} : { at }),
    ...(asset === undefined ? {} : { asset }),
  }
}

function tooManyFiles(detail: string): Problem {
  const { reason, hint } = TOO_MANY_FILES
  return { code: 'too-many-files', message: `this process has ${reason}`, detail, hint }
}

import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Problem } from '../../model/problem.ts'

/** What the driver adds to its errors (sqlite.org/rescode.html), and Node to those of files. */
interface OutsideError {
  readonly code?: string
  readonly syscall?: string
  readonly errcode?: number
  readonly systemErrno?: number
  readonly message: string
}

const ENOSPC = 28
const EDQUOT = 122

/** Reading many rows, the driver tells SQLite's own words and no number (sqlite3_errstr has both). */
const NUMBERS: Readonly<Record<string, number>> = {
  'database is locked': 5,
  'attempt to write a readonly database': 8,
  'disk I/O error': 10,
  'database disk image is malformed': 11,
  'database or disk is full': 13,
  'unable to open database file': 14,
  'file is not a database': 26,
}

/** The problem behind an error of SQLite or of the file system; null for one that is our own bug. */
export function problemOf(error: unknown, file: string): Problem | null {
  if (!(error instanceof Error)) return null
  const outside: OutsideError = error
  if (outside.code !== 'ERR_SQLITE_ERROR') return fileProblem(outside, file)
  if (outside.systemErrno === ENOSPC || outside.systemErrno === EDQUOT) return full(file)
  // The low byte is the primary result; the rest refines it.
  switch ((outside.errcode ?? NUMBERS[outside.message] ?? 0) & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return locked(file)
    case 13: // SQLITE_FULL
      return full(file)
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return corrupted(file, outside.message)
    case 3: // SQLITE_PERM
    case 8: // SQLITE_READONLY
    case 14: // SQLITE_CANTOPEN
      return unwritable(file, outside.message)
    case 10: // SQLITE_IOERR
      return failing(file, outside.message)
    default:
      return null
  }
}

/** Making the folder or forcing the log to the disk failed, which SQLite has no part in. */
function fileProblem(error: OutsideError, file: string): Problem | null {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return full(file)
  if (error.code === 'EIO') return failing(file, error.message)
  return error.syscall === undefined ? null : unwritable(file, error.message)
}

function failing(file: string, detail: string): Problem {
  return {
    code: 'state-unreadable',
    message: `the disk failed while the state in ${file} was read or written`,
    detail,
    hint: 'look at the disk (dmesg, df), then run the same command again: what was recorded is kept',
  }
}

function locked(file: string): Problem {
  return {
    code: 'state-locked',
    message: `the state in ${file} has been locked by another process for five seconds`,
    hint: `runs hold it for milliseconds only: see who has it open (fuser ${file}) and run the same command again when that is done`,
    transient: true,
  }
}

function full(file: string): Problem {
  return {
    code: 'disk-full',
    message: `the disk that holds the state in ${file} is full`,
    hint: 'make room and run the same command again: what was recorded is kept',
  }
}

function corrupted(file: string, detail: string): Problem {
  return {
    code: 'state-corrupted',
    message: `the state in ${file} is damaged or is no SQLite database`,
    detail,
    hint: `bring the file back from a copy; without one, move it away (mv ${file} ${file}.damaged): all assets will count as never built`,
  }
}

function unwritable(file: string, detail: string): Problem {
  const found = look(file)
  if (found?.isDirectory()) {
    return {
      code: 'state-not-a-file',
      message: `the state should be in ${file}, which is a folder`,
      hint: 'give `state: {path: …}` of the target a file, or move the folder away',
    }
  }
  const [path, why] = blame(found === null ? dirname(file) : file, file)
  return {
    code: 'state-unwritable',
    message: `the state in ${file} can't be written: ${why}`,
    detail,
    hint: `mend ${path}, or give \`state: {path: …}\` of the target another place`,
  }
}

/** The nearest thing on the way to the file that exists, and why it is in the way. */
function blame(path: string, file: string): readonly [path: string, why: string] {
  const stats = look(path)
  if (stats === null) {
    return path === dirname(path)
      ? [path, `${path} can't be looked at`]
      : blame(dirname(path), file)
  }
  if (path !== file && !stats.isDirectory()) return [path, `${path} is no folder`]
  if (isReadOnly(path)) return [path, `${path} is on a file system that is read-only`]
  const mode = (stats.mode & 0o777).toString(8)
  const me = process.geteuid?.()
  const asWhom = me === undefined ? '' : `, and this process is user ${me}`
  return [path, `${path} belongs to user ${stats.uid} with mode ${mode}${asWhom}`]
}

function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS'
  }
}

function look(path: string): Stats | null {
  try {
    return statSync(path)
  } catch {
    return null
  }
}

/** The driver has no build for this system, or its file is missing. */
export function unavailable(error: unknown): Problem {
  return {
    code: 'sqlite-unavailable',
    message: `SQLite can't be loaded on ${process.platform} ${process.arch} with Node ${process.version}`,
    detail: error instanceof Error ? error.message : String(error),
    hint: 'run `npm ci` again; if that does not help, this system is not supported by @photostructure/sqlite',
  }
}

import { statSync } from 'node:fs'
import { hasTooManyFiles, TOO_MANY_FILES, whyFixed } from '../../lib/file-refusal.ts'
import type { Problem } from '../../model/problem.ts'

/** The fields of errors of the SQLite driver (sqlite.org/rescode.html) and of Node's file system. */
interface ExternalError {
  readonly code?: string
  readonly syscall?: string
  readonly errcode?: number
  readonly systemErrno?: number
  readonly message: string
}

const ENOSPC = 28
const EDQUOT = 122

/** For queries of many rows, the driver's error has only the text of sqlite3_errstr and not the code. */
const RESULT_CODES: Readonly<Record<string, number>> = {
  'SQL logic error': 1,
  'database is locked': 5,
  'attempt to write a readonly database': 8,
  'disk I/O error': 10,
  'database disk image is malformed': 11,
  'database or disk is full': 13,
  'string or blob too big': 18,
  'constraint failed': 19,
  'datatype mismatch': 20,
  'unable to open database file': 14,
  'file is not a database': 26,
}

/** What the driver says of a number that this program never writes. */
const UNREADABLE = /^Value is too large to be represented/
/**
 * The statements of the state are the same for all files, so one that does not fit the tables means other tables than
 * those of the migrations: one was dropped, or the schema is damaged. The last one is the text of `RESULT_CODES`: a
 * statement with a mistake fails earlier and with another text.
 */
const OTHER_TABLES =
  /no such (table|column|index)|has no column|already exists|duplicate column|columns? but .* values|ON CONFLICT clause does not match|^SQL logic error$/

/** The problem for an error of SQLite or of the file system; null if it is a bug of ours. */
export function problemOf(error: unknown, file: string): Problem | null {
  if (!(error instanceof Error)) return null
  const outside: ExternalError = error
  if (outside.code !== 'ERR_SQLITE_ERROR') return fileProblem(outside, file)
  if (outside.systemErrno === ENOSPC || outside.systemErrno === EDQUOT) return diskFull(file)
  if (UNREADABLE.test(outside.message)) return corrupted(file, outside.message)
  // The low byte is the primary result code.
  switch ((outside.errcode ?? RESULT_CODES[outside.message] ?? 0) & 0xff) {
    case 1: // SQLITE_ERROR
      return OTHER_TABLES.test(outside.message) ? corrupted(file, outside.message) : null
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return locked(file)
    case 13: // SQLITE_FULL
      return diskFull(file)
    case 11: // SQLITE_CORRUPT
    case 18: // SQLITE_TOOBIG
    case 19: // SQLITE_CONSTRAINT
    case 20: // SQLITE_MISMATCH
    case 26: // SQLITE_NOTADB
      return corrupted(file, outside.message)
    case 3: // SQLITE_PERM
    case 8: // SQLITE_READONLY
      return unwritable(file, outside.message)
    case 14: // SQLITE_CANTOPEN
      return hasTooManyFiles() ? tooManyFiles(file) : unwritable(file, outside.message)
    case 10: // SQLITE_IOERR
      return diskFailed(file, outside.message)
    default:
      return null
  }
}

/** The problem for an error outside SQLite: creating the folder, or flushing the log. */
function fileProblem(error: ExternalError, file: string): Problem | null {
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return diskFull(file)
  if (error.code === 'EIO') return diskFailed(file, error.message)
  return error.syscall === undefined ? null : unwritable(file, error.message)
}

function diskFailed(file: string, detail: string): Problem {
  return {
    code: 'state-unreadable',
    message: `the disk reported an error while the state in ${file} was read or written`,
    detail,
    hint: 'check the disk (dmesg, df), then run the same command again; recorded results are kept',
  }
}

function locked(file: string): Problem {
  return {
    code: 'state-locked',
    message: `the state in ${file} has been locked by another process for five seconds`,
    hint: `runs lock it only for milliseconds; find the process that has it open (fuser ${file}), then run the same command again`,
    transient: true,
  }
}

function diskFull(file: string): Problem {
  return {
    code: 'disk-full',
    message: `the disk of the state in ${file} is full`,
    hint: 'free some space and run the same command again; recorded results are kept',
  }
}

/** The problem for a file with damage that SQLite found. */
export function corrupted(file: string, detail: string): Problem {
  return {
    code: 'state-corrupted',
    message: `the state in ${file} is damaged or is not a SQLite database`,
    detail,
    hint: afterDamage(file),
  }
}

/** The problem for a row that was not written as it is read. `place`: `film in table records`. */
export function damagedRow(file: string, place: string, detail: string): Problem {
  return {
    code: 'state-corrupted',
    message: `the state in ${file} is damaged: ${place}: ${detail}`,
    hint: afterDamage(file),
  }
}

function afterDamage(file: string): string {
  return `\`assets state check\` lists all damage; restore a backup with \`assets state restore FILE\`, or move the file away (mv ${file} ${file}.damaged; rm -f ${file}-wal), then \`assets materialize --adopt\` or build everything again`
}

function unwritable(file: string, detail: string): Problem {
  if (isFolder(file)) {
    return {
      code: 'state-not-a-file',
      message: `${file}, the path of the state, is a folder`,
      hint: 'set `path` of `state:` to a file, or move the folder away',
    }
  }
  const refusal = whyFixed(file)
  return {
    code: 'state-unwritable',
    message: `the state in ${file} is not writable${refusal === null ? '' : `: ${refusal.reason}`}`,
    detail,
    hint: `${refusal?.hint ?? 'correct its permissions'}, or set another \`path\` of \`state:\``,
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function tooManyFiles(file: string): Problem {
  const { reason, hint } = TOO_MANY_FILES
  return {
    code: 'state-unwritable',
    message: `the state in ${file} can't be opened: ${reason}`,
    hint,
  }
}

/** The problem for a driver without a build for this system, or with a missing file. */
export function unavailable(error: unknown): Problem {
  return {
    code: 'sqlite-unavailable',
    message: `SQLite can't be loaded on ${process.platform} ${process.arch} with Node ${process.version}`,
    detail: error instanceof Error ? error.message : String(error),
    hint: 'install assets again; if that does not help, @photostructure/sqlite does not support this system',
  }
}

import type { DuckdbLibrary } from '../../engines/duckdb/library.ts'
import { whyFixed } from '../../lib/file-refusal.ts'
import type { Problem, ProblemCode } from '../../model/problem.ts'
import { ProblemError } from '../../model/problem.ts'
import { NewerFile } from './file-header.ts'

/** The problem for an error that is not recognized: it names the operation that failed. */
export interface FallbackProblem {
  readonly code: ProblemCode
  /** A clause without a full stop: `raw.payment could not be loaded`. */
  readonly message: string
  readonly hint?: string
}

/** DuckDB's error for a file that another process has open, with its program and process id. */
export const LOCKED = /Could not set lock on file.*?(?:held in ([^\n]{0,1000}?) ?\(PID (\d+)\)|$)/s

/** The file that an error of DuckDB or of Node names. */
const QUOTED_PATH = /["']((?:\/|[A-Z]:\\)[^"'\n]{1,4096})["']/

/** Errors that a file, a disk or another process can cause during any operation. */
const KNOWN_ERRORS: readonly {
  readonly when: RegExp
  readonly problem: (file: string, found: RegExpMatchArray) => Problem
}[] = [
  {
    when: LOCKED,
    problem: (file, found) => locked(`the warehouse ${file}`, found),
  },
  {
    when: /not a valid DuckDB database file|Corrupt database file/,
    problem: (file) => ({
      code: 'warehouse-not-duckdb',
      message: `${file} is not a DuckDB file, or it is damaged`,
      hint: 'move the file away to build everything again, or correct `path` of the warehouse',
    }),
  },
  {
    when: /newer version of DuckDB|storage version greater|version number (\d+), but we can only read/,
    problem: (file) => newerFormat(file, null, null),
  },
  {
    when: /(?:file "([^"]+)".{0,2000}?)?No space left on device|failed to offload data block|max_temp_directory_size/s,
    problem: (file, [, written]) => ({
      code: 'disk-full',
      message: `the disk of ${written ?? file} is full`,
      hint: 'free some space and run the same command again; finished steps are not repeated',
    }),
  },
  {
    when: /Permission denied|Read-only file system|EACCES|EROFS|EPERM/,
    problem: (file, { input = '' }) => {
      const path = input.match(QUOTED_PATH)?.[1]
      const refusal = path === undefined ? null : whyFixed(path)
      return {
        code: 'warehouse-unwritable',
        message: `${file} or its folder is not writable${refusal === null ? '' : `: ${refusal.reason}`}`,
        hint: `${refusal?.hint ?? 'give this user write permission'}, or change \`path\` of the warehouse`,
      }
    },
  },
  {
    when: /Not a directory|Is a directory|ENOTDIR|EISDIR|EEXIST/,
    problem: (file) => ({
      code: 'warehouse-unwritable',
      message: `${file} can't be a DuckDB file: the path is a folder, or one of its folders is a file`,
      hint: 'change `path` of the warehouse',
    }),
  },
  {
    when: /Out of Memory Error/,
    problem: (file) => ({
      code: 'warehouse-memory',
      message: `DuckDB ran out of memory on ${file}`,
      hint: 'raise `memory_limit` of the warehouse, or lower `threads`',
    }),
  },
  {
    when: /INTERRUPT Error/,
    problem: (file) => ({ code: 'cancelled', message: `the work on ${file} was cancelled` }),
  },
]

/**
 * Converts an error of DuckDB or the disk to a problem; `fallback` is used when the error is not known.
 * `file` is the path of the warehouse as the user wrote it. Rows that DuckDB quotes in its messages are
 * removed, because they are the user's data.
 */
export function problemOf(error: unknown, file: string, fallback: FallbackProblem): Problem {
  if (error instanceof ProblemError && error.problems[0] !== undefined) return error.problems[0]
  if (error instanceof NewerFile) return newerFormat(file, error.writtenBy, error.by)
  const text = error instanceof Error ? error.message : String(error)
  for (const { when, problem } of KNOWN_ERRORS) {
    const found = text.match(when)
    if (found !== null) return problem(file, found)
  }
  return { ...fallback, detail: excerpt(text) }
}

/** The problem of a file that another process has open, for what `LOCKED` has found. */
export function locked(subject: string, [, program, pid]: RegExpMatchArray): Problem {
  return {
    code: 'warehouse-locked',
    message:
      pid === undefined
        ? `${subject} is open in another process`
        : `${subject} is open in process ${pid}${program ? ` (${program})` : ''}`,
    hint: `close that program${pid === undefined ? '' : ` or end process ${pid}`}, then run the same command again`,
    heldByOther: true,
  }
}

/** The problem of a file that a later DuckDB wrote, if the versions are known, and what can't read it. */
export function newerFormat(
  file: string,
  writtenBy: string | null,
  by: DuckdbLibrary | null,
): Problem {
  const writer = writtenBy === null ? 'a newer version of DuckDB' : `DuckDB ${writtenBy}`
  const reader = by === null ? 'the DuckDB' : `DuckDB ${by.version}`
  const ofDbt = by !== null && by.python !== null
  const newer = ofDbt ? "a newer duckdb into dbt's Python" : 'a newer version of assets'
  const copy =
    by === null || writtenBy === null
      ? ''
      : `, or copy it with DuckDB ${writtenBy} into a file that is attached with (storage_version '${by.version.replace(/\d+$/, '0')}')`
  return {
    code: 'warehouse-newer-format',
    message: `${file} was written by ${writer}, and ${reader} of ${ofDbt ? "dbt's Python" : 'assets'} can't read it`,
    hint: `install ${newer}, or move the file away to build everything again${copy}`,
  }
}

const DETAIL_LINES = 8
const DETAIL_WIDTH = 300

/** The start of DuckDB's message, without quoted rows and without advice on its CSV reader. */
function excerpt(text: string): string {
  const [head = ''] = text.split(/\n(?:Possible (?:solutions|fixes)|Column .* is being converted)/)
  const unquoted = head.replace(
    /^Original Line:[\s\S]{0,10000}?\n(?=Error when|Maximum line|Expected)/m,
    '',
  )
  return unquoted
    .split('\n')
    .slice(0, DETAIL_LINES)
    .map((line) => (line.length > DETAIL_WIDTH ? `${line.slice(0, DETAIL_WIDTH)}…` : line))
    .join('\n')
    .trimEnd()
}

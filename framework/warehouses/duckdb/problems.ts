import type { Problem, ProblemCode } from '../../model/problem.ts'
import { ProblemError } from '../../model/problem.ts'

/** What was being done, for an error that has no name of its own. */
export interface Doing {
  readonly code: ProblemCode
  /** A sentence without its end: `raw.payment could not be loaded`. */
  readonly message: string
  readonly hint?: string
}

/** Names for the errors that a file, a disk or another process can cause, whatever was being done. */
const KNOWN: readonly {
  readonly when: RegExp
  readonly problem: (file: string, found: RegExpMatchArray) => Problem
}[] = [
  {
    when: /Could not set lock on file.*?(?:held in (.*?) ?\(PID (\d+)\)|$)/s,
    problem: (file, [, program, pid]) => ({
      code: 'warehouse-locked',
      message:
        pid === undefined
          ? `the warehouse ${file} is open in another process`
          : `the warehouse ${file} is open in process ${pid}${program ? ` (${program})` : ''}`,
      hint: `close the program that holds it${pid === undefined ? '' : ` or end process ${pid}`}, then run the same command again`,
      heldByOther: true,
    }),
  },
  {
    when: /not a valid DuckDB database file|Corrupt database file/,
    problem: (file) => ({
      code: 'warehouse-not-duckdb',
      message: `${file} is not a DuckDB file, or it is damaged`,
      hint: 'move it away, and everything in it is built again; or correct `path` of the warehouse',
    }),
  },
  {
    when: /newer version of DuckDB|storage version greater|version number (\d+), but we can only read/,
    problem: (file) => ({
      code: 'warehouse-newer-format',
      message: `${file} was written by a newer DuckDB than the one that assets carries`,
      hint: 'use a newer assets, or move the file away, and everything in it is built again',
    }),
  },
  {
    when: /(?:file "([^"]+)".*?)?No space left on device|failed to offload data block|max_temp_directory_size/s,
    problem: (file, [, written]) => ({
      code: 'disk-full',
      message: `no space is left on the disk of ${written ?? file}`,
      hint: 'free some space and run the same command again; nothing that was finished is repeated',
    }),
  },
  {
    when: /Permission denied|Read-only file system|EACCES|EROFS|EPERM/,
    problem: (file) => ({
      code: 'warehouse-unwritable',
      message: `${file} or its folder can't be written`,
      hint: 'give this user the right to write there, or change `path` of the warehouse',
    }),
  },
  {
    when: /Not a directory|Is a directory|ENOTDIR|EISDIR|EEXIST/,
    problem: (file) => ({
      code: 'warehouse-unwritable',
      message: `${file} can't be a DuckDB file: a folder is where the file should be, or a file where a folder should be`,
      hint: 'change `path` of the warehouse',
    }),
  },
  {
    when: /Out of Memory Error/,
    problem: (file) => ({
      code: 'warehouse-memory',
      message: `DuckDB had too little memory on ${file}`,
      hint: 'raise `memory_limit` of the warehouse, or set `threads` lower',
    }),
  },
  {
    when: /INTERRUPT Error/,
    problem: (file) => ({ code: 'cancelled', message: `the work on ${file} was cancelled` }),
  },
]

/**
 * DuckDB's error as a problem. `file` is the warehouse as the user wrote it. DuckDB quotes whole
 * CSV rows in its messages: those are left out, since rows are the user's data.
 */
export function problemOf(error: unknown, file: string, doing: Doing): Problem {
  if (error instanceof ProblemError && error.problems[0] !== undefined) return error.problems[0]
  const text = error instanceof Error ? error.message : String(error)
  for (const { when, problem } of KNOWN) {
    const found = text.match(when)
    if (found !== null) return problem(file, found)
  }
  return { ...doing, detail: excerpt(text) }
}

const DETAIL_LINES = 8
const DETAIL_WIDTH = 300

/** The start of DuckDB's message, up to the quoted row or the advice on options of its CSV reader. */
function excerpt(text: string): string {
  const [head = ''] = text.split(/\n(?:Possible (?:solutions|fixes)|Column .* is being converted)/)
  const unquoted = head.replace(
    /^Original Line:[\s\S]*?\n(?=Error when|Maximum line|Expected)/m,
    '',
  )
  return unquoted
    .split('\n')
    .slice(0, DETAIL_LINES)
    .map((line) => (line.length > DETAIL_WIDTH ? `${line.slice(0, DETAIL_WIDTH)}…` : line))
    .join('\n')
    .trimEnd()
}

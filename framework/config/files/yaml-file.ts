import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../lib/hash.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'

/** A YAML file as it lies on disk. */
export interface Source {
  /** Relative to the project root, with `/`. */
  readonly file: string
  readonly bytes: Buffer
  readonly hash: string
}

/** Nobody writes 16 MB of declarations by hand, and parsing takes some 50 times a file's size. */
const LARGEST = 16 * 1024 * 1024

/**
 * Reads one file. Synchronously: a hundred small files take a tenth of the time that the thread
 * pool needs, and nothing else is going on yet. Problems: `file-missing`, `file-unreadable`,
 * `file-too-large`.
 */
export function readSource(root: string, file: string): Result<Source> {
  try {
    const path = join(root, file)
    const stat = statSync(path)
    if (stat.isDirectory()) return fail(unreadable(file, 'it is a folder'))
    if (stat.size > LARGEST) return fail(tooLarge(file, stat.size))
    const bytes = readFileSync(path)
    return ok({ file, bytes, hash: sha256(bytes) })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') {
      return fail({ code: 'file-missing', message: `${file} does not exist`, at: top(file) })
    }
    return fail(unreadable(file, code === 'EACCES' ? 'permission denied' : message))
  }
}

/** The text of a file, without a byte order mark. Problems: `not-utf8`, with the line. */
export function textOf(source: Source): Result<string> {
  if (isUtf8(source.bytes)) return ok(new TextDecoder().decode(source.bytes))
  return fail({
    code: 'not-utf8',
    message: `${source.file} is not UTF-8 text`,
    at: { file: source.file, line: firstBadLine(source.bytes), column: 1 },
    hint: 'save it in the UTF-8 encoding',
  })
}

/** A UTF-8 sequence never holds a line feed byte, so each line can be judged by itself. */
function firstBadLine(bytes: Buffer): number {
  for (let line = 1, start = 0; ; line++) {
    const end = bytes.indexOf(0x0a, start)
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line
    start = end + 1
  }
}

function unreadable(file: string, why: string): Problem {
  return { code: 'file-unreadable', message: `${file} can't be read: ${why}`, at: top(file) }
}

function tooLarge(file: string, size: number): Problem {
  return {
    code: 'file-too-large',
    message: `${file} has ${Math.ceil(size / 1024 / 1024)} MB; a YAML file may have 16 MB`,
    at: top(file),
    hint: 'split it into several files and name them in include',
  }
}

const top = (file: string) => ({ file, line: 1, column: 1 })

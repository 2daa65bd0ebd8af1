import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { whyUnreadable } from '../../lib/file-refusal.ts'
import { sha256 } from '../../lib/hash.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'

/** The content of a YAML file. */
export interface YamlFile {
  /** Relative to the project root, with `/`. */
  readonly file: string
  readonly bytes: Buffer
  readonly hash: string
}

export type ReadResult =
  | { readonly state: 'read'; readonly value: YamlFile }
  | { readonly state: 'missing' | 'unreadable'; readonly problem: Problem }

/** Parsing takes about 50 times the size of a file in memory, and hand-written files are smaller. */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * Reads one file. Synchronous: for a hundred small files that takes a tenth of the time of
 * asynchronous reads, and nothing else runs yet. Problems: `file-missing`, `file-unreadable`,
 * `file-too-large`.
 */
export function readYamlFile(root: string, file: string): ReadResult {
  const unreadable = (problem: Problem): ReadResult => ({ state: 'unreadable', problem })
  const path = join(root, file)
  try {
    const stat = statSync(path)
    if (stat.isDirectory()) return unreadable(notReadable(file, 'it is a folder'))
    if (stat.size > MAX_BYTES) return unreadable(tooLarge(file, stat.size))
    const bytes = readFileSync(path)
    return { state: 'read', value: { file, bytes, hash: sha256(bytes) } }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') {
      const at = start(file)
      const problem: Problem = { code: 'file-missing', message: `${file} does not exist`, at }
      return { state: 'missing', problem }
    }
    const refusal = whyUnreadable(path)
    if (refusal === null) return unreadable(notReadable(file, message))
    return unreadable({ ...notReadable(file, refusal.reason), hint: refusal.hint })
  }
}

/** The text of a file, without a byte order mark. Problems: `not-utf8`, with the line. */
export function textOf({ file, bytes }: YamlFile): Result<string> {
  if (isUtf8(bytes)) return ok(new TextDecoder().decode(bytes))
  return fail({
    code: 'not-utf8',
    message: `${file} is not UTF-8 text`,
    at: { file, line: firstInvalidLine(bytes), column: 1 },
    hint: 'save it in the UTF-8 encoding',
  })
}

/** No UTF-8 sequence contains a line feed byte, so lines can be checked separately. */
function firstInvalidLine(bytes: Buffer): number {
  for (let line = 1, start = 0; ; line++) {
    const end = bytes.indexOf(0x0a, start)
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line
    start = end + 1
  }
}

function notReadable(file: string, why: string): Problem {
  return { code: 'file-unreadable', message: `${file} can't be read: ${why}`, at: start(file) }
}

function tooLarge(file: string, size: number): Problem {
  return {
    code: 'file-too-large',
    message: `${file} has ${Math.ceil(size / 1024 / 1024)} MB; the limit for a YAML file is 16 MB`,
    at: start(file),
    hint: 'split it into several files and list them in include',
  }
}

const start = (file: string) => ({ file, line: 1, column: 1 })

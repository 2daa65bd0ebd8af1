import { isAbsolute, posix } from 'node:path'

/**
 * Where a path that a user writes may lead. All are relative to the project.
 * - `inside`: only into the project. For files that are a part of it.
 * - `written`: into the project, or to an absolute path. For files that are replaced: a slip with `..`
 *   or a link must not replace a file elsewhere.
 * - `anywhere`: for what is only read, and for databases, which are opened and never replaced.
 */
export type PathRule = 'inside' | 'written' | 'anywhere'

/** What the JSON schema and the docs say of a rule. */
export const PATH_RULES: Readonly<Record<PathRule, string>> = {
  inside: 'Relative to the project root, and in the project.',
  written:
    'Relative to the project root, and in the project; outside it only as an absolute path, because the file there is replaced.',
  anywhere: 'Relative to the project root, or absolute. May be outside the project.',
}

/** What is wrong with a path. `message` follows its name: `must be in the project, but …`. */
export interface PathFault {
  readonly message: string
  readonly hint: string
}

/** The folder for everything that the program writes for itself. */
const OWN_FOLDER = '.assets'
/** The end of the name under which a file is written before it is renamed. */
export const TEMPORARY_SUFFIX = '.assets-tmp'

/** Bytes of one name in a folder (NAME_MAX). Source: limits.h of Linux and macOS. */
export const MAX_NAME_BYTES = 255
/** Bytes of a whole path, without the closing NUL (PATH_MAX). Source: limits.h of Linux. */
const MAX_PATH_BYTES = 4_095

const CONTROL = /\p{Cc}/u
const URL = /^[a-z][a-z0-9+.-]*:\/\//i

/** Whether a location is a URL, such as `s3://bucket/a.parquet`, and not a file of this machine. */
export function isUrl(location: string): boolean {
  return URL.test(location)
}

/** Why a path can't be used by its text alone, without a look at the disk; null if it can. */
export function pathFault(path: string, rule: PathRule): PathFault | null {
  return spellingFault(path) ?? placeFault(path, rule)
}

/** Why a text is no path on any machine. Also for a URL; null for a good one. */
export function spellingFault(path: string): PathFault | null {
  const control = CONTROL.exec(path)?.[0]
  if (control !== undefined) {
    const code = control.charCodeAt(0).toString(16).padStart(4, '0')
    return {
      message: `has a control character (U+${code.toUpperCase()})`,
      hint: 'write the path without it',
    }
  }
  const bytes = Buffer.byteLength(path)
  if (bytes > MAX_PATH_BYTES) {
    return {
      message: `is a path of ${grouped(bytes)} bytes; the limit is ${grouped(MAX_PATH_BYTES)}`,
      hint: 'use a shorter path',
    }
  }
  const longest = Math.max(...path.split('/').map((name) => Buffer.byteLength(name)))
  if (longest > MAX_NAME_BYTES) {
    return {
      message: `has a file name of ${grouped(longest)} bytes; the limit is ${MAX_NAME_BYTES}`,
      hint: 'use a shorter name',
    }
  }
  return null
}

function placeFault(path: string, rule: PathRule): PathFault | null {
  if (isUrl(path)) {
    return { message: 'must be a file of this machine, not a URL', hint: 'write a path' }
  }
  if (/^~(\/|$)/.test(path)) {
    return {
      message: 'has ~ at its start, which only shells replace',
      hint: 'write the absolute path; for a folder of this name, write ./~',
    }
  }
  if (rule === 'anywhere') return null
  if (rule === 'inside' && path.includes('\\')) {
    return { message: 'has a \\ in it', hint: 'write / between folders' }
  }
  if (isAbsolute(path)) return rule === 'inside' ? outside('is absolute', rule) : ownFault(path)
  const normal = posix.normalize(path)
  if (normal === '..' || normal.startsWith('../')) return outside('leads out of it', rule)
  return rule === 'written' ? ownFault(normal) : null
}

/** The fault of a path that leaves the project; `how`: `leads out of it`. */
export function outside(how: string, rule: PathRule): PathFault {
  return {
    message: `must be in the project, but ${how}`,
    hint:
      rule === 'inside'
        ? 'move the file into the project, and write its path relative to assets.yaml'
        : 'for a file outside the project, write its absolute path',
  }
}

/** Why a file can't be written there: the program keeps its own files there. `path` is normal. */
export function ownFault(path: string): PathFault | null {
  const name = posix.basename(path)
  if (path === OWN_FOLDER || path.startsWith(`${OWN_FOLDER}/`)) {
    return {
      message: `must not be in ${OWN_FOLDER}, where assets keeps its own files`,
      hint: 'name another folder',
    }
  }
  if (!name.endsWith(TEMPORARY_SUFFIX)) return null
  return {
    message: `must not end in ${TEMPORARY_SUFFIX}, as files do that assets has not finished`,
    hint: 'name another file',
  }
}

/** Not toLocaleString: the first use of Intl takes about ten milliseconds. */
const grouped = (count: number) => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')

import { accessSync, closeSync, constants, openSync, type Stats, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'

/** Why the system refused to read or write a file, in words, and what to do about it. */
export interface FileRefusal {
  /** A clause: `/srv/out belongs to user 0 with mode 755, and this process runs as user me (1000)`. */
  readonly reason: string
  readonly hint: string
}

/** The code of a file system's error: `EACCES`; null for any other error. */
export function fileErrorCode(error: unknown): string | null {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  return error instanceof Error && typeof code === 'string' && syscall !== undefined ? code : null
}

/** Whether an error says that this process, or the whole system, can't open one more file. */
export function isTooManyFiles(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as NodeJS.ErrnoException
  if (code === 'EMFILE' || code === 'ENFILE') return true
  if (/\b(EMFILE|ENFILE)\b|[Tt]oo many open files/.test(message)) return true
  // Node says so of a package whose files it can't open.
  return message.includes('Cannot find module') && hasTooManyFiles()
}

/** How many descriptors a library that says nothing of them may need at once. */
const DESCRIPTORS = 12

/** Whether this process can't open a few more files now. */
export function hasTooManyFiles(): boolean {
  const open: number[] = []
  try {
    for (let count = 0; count < DESCRIPTORS; count++) open.push(openSync('/dev/null', 'r'))
    return false
  } catch (error) {
    return isTooManyFiles(error)
  } finally {
    for (const descriptor of open) closeSync(descriptor)
  }
}

/** What to do about too many open files. */
export const TOO_MANY_FILES: FileRefusal = {
  reason: 'too many open files',
  hint: 'allow more of them, such as with `ulimit -n 1024`, and run the same command again',
}

/**
 * Why a file could not be written. `error`: what the system, or a program that it ran, said. `otherwise`: what else
 * helps, to follow "or": `change the path`.
 */
export function whyUnwritable(path: string, error: unknown, otherwise?: string): FileRefusal {
  const { reason, hint } = refusalOf(path, error)
  return { reason, hint: otherwise === undefined ? hint : `${hint}, or ${otherwise}` }
}

/**
 * Why a file that is written in place, such as a database, can't be written, as far as can be seen: its own permissions,
 * or those of its folder, which gets its log. Null for nothing.
 */
export function whyFixed(path: string): FileRefusal | null {
  const stats = statsOf(path)
  if (stats?.isFile() && accessCode(path, constants.R_OK | constants.W_OK) === 'EACCES') {
    return { reason: ownerText(path, stats), hint: `allow ${userName()} to read and write ${path}` }
  }
  return obstacleTo(path)
}

function refusalOf(path: string, error: unknown): FileRefusal {
  const message = error instanceof Error ? error.message : String(error)
  if (isTooManyFiles(error)) return TOO_MANY_FILES
  const code = fileErrorCode(error) ?? ''
  if (code === 'ENOSPC') {
    return { reason: 'the disk is full', hint: 'free some space' }
  }
  if (code === 'EDQUOT') {
    return { reason: 'the disk quota is used up', hint: 'free some space' }
  }
  if (code === 'ENAMETOOLONG') {
    return { reason: 'its path is too long', hint: 'use shorter names' }
  }
  if (code === 'ELOOP') return { reason: 'its links lead in a circle', hint: 'correct the links' }
  // A folder that can't be made is on the way to what would be in it.
  const isFolder = (error as NodeJS.ErrnoException | null)?.syscall === 'mkdir'
  return (
    obstacleTo(isFolder ? join(path, 'x') : path) ?? {
      reason: message,
      hint: 'correct the path, or make it writable',
    }
  )
}

/** Why a file or folder that exists can't be read; null if it can be read, or does not exist. */
export function whyUnreadable(path: string): FileRefusal | null {
  const found = nearest(path)
  if (found === null) return null
  const isWhole = found.at === path
  // What can't be looked at is in a folder that can't be searched.
  const needed = isWhole ? constants.R_OK : constants.X_OK
  if (!isWhole && !found.stats.isDirectory()) return null
  if (accessCode(found.at, needed) !== 'EACCES') return null
  const hint = `allow ${userName()} to read ${found.at}`
  return { reason: ownerText(found.at, found.stats), hint }
}

/** What on the way to a file prevents that it is written, as far as can be seen; null for nothing. */
function obstacleTo(path: string): FileRefusal | null {
  const existing = nearest(path)
  if (existing === null) return null
  const { at, stats } = existing
  if (at === path && stats.isDirectory()) {
    return { reason: `${at} is a folder`, hint: 'move it away' }
  }
  if (at !== path && !stats.isDirectory()) {
    return { reason: `${at} is a file, not a folder`, hint: 'move it away' }
  }
  // A file is replaced by another one, so its folder counts.
  const folder = at === path ? dirname(at) : at
  const code = accessCode(folder, constants.W_OK | constants.X_OK)
  if (code === null) return null
  if (code === 'EROFS') {
    return {
      reason: `${folder} is on a file system that is read-only`,
      hint: 'mount it writable',
    }
  }
  return {
    reason: ownerText(folder, statSync(folder)),
    hint: `allow ${userName()} to write in ${folder}`,
  }
}

function ownerText(path: string, { uid, mode }: Stats): string {
  const text = (mode & 0o777).toString(8)
  return `${path} belongs to user ${uid} with mode ${text}, and this process runs as ${userName()}`
}

function nearest(path: string): { readonly at: string; readonly stats: Stats } | null {
  for (let at = path; ; at = dirname(at)) {
    const stats = statsOf(at)
    if (stats !== null) return { at, stats }
    if (at === dirname(at)) return null
  }
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path)
  } catch {
    return null
  }
}

function accessCode(path: string, mode: number): string | null {
  try {
    accessSync(path, mode)
    return null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? ''
  }
}

/** `user me (1000)`; `user 1000` if it has no name, as in a container. */
function userName(): string {
  const id = process.geteuid?.()
  try {
    const { username } = userInfo()
    return id === undefined ? `user ${username}` : `user ${username} (${id})`
  } catch {
    return `user ${id}`
  }
}

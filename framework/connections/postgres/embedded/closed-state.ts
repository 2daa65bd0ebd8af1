import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * What an embedded source says of itself while it is closed. `clean`: it was closed in order with
 * `snapshot` committed; otherwise it is open, or its process was killed, and has to be asked.
 */
export interface Token {
  readonly uuid: string
  readonly clean: boolean
  readonly snapshot: string
  /** Hash of the init files and settings it was made from. */
  readonly origin: string
}

const FILE = 'token.json'

/** null when there is no source in `folder`. */
export function readToken(folder: string): Token | null {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Token
  } catch {
    return null
  }
}

/** Replaces the token so that a crash leaves the old or the new one. */
export function writeToken(folder: string, token: Token): void {
  const file = join(folder, FILE)
  writeDurably(`${file}.tmp`, JSON.stringify(token))
  renameSync(`${file}.tmp`, file)
  syncFolder(folder)
}

/** Renames a folder into its place, for good. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to)
  syncFolder(dirname(to))
}

function writeDurably(file: string, text: string): void {
  const fd = openSync(file, 'w')
  try {
    writeSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

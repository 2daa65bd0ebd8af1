import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The state of an embedded source, in `token.json`. `clean`: the source was shut down, and `snapshot` is
 * what is committed. Otherwise it is open, or its process was killed, and only opening it tells more.
 */
export interface SourceState {
  readonly uuid: string
  readonly clean: boolean
  readonly snapshot: string
  /** Hash of the init files and settings that created it. */
  readonly origin: string
}

const FILE = 'token.json'

/** Reads the state; null if there is no source in `folder`. */
export function readSourceState(folder: string): SourceState | null {
  try {
    return JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as SourceState
  } catch {
    return null
  }
}

/** Replaces the state atomically: a crash leaves the old or the new one. */
export function writeSourceState(folder: string, state: SourceState): void {
  const file = join(folder, FILE)
  writeDurably(`${file}.tmp`, JSON.stringify(state))
  renameSync(`${file}.tmp`, file)
  syncFolder(folder)
}

/** Renames a folder, and syncs its parent so that the rename survives a crash. */
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

import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
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
  /**
   * One id for each time that it was open, the last ones only. A copy of the folder that was opened elsewhere
   * has another one.
   */
  readonly lives: readonly string[]
  /** The boot of the machine during which it was opened; null if that is not known. */
  readonly boot: string | null
}

const FILE = 'token.json'

/** How many lives are kept: a position that is older than those is not compared. */
const KEPT_LIVES = 200

/** The state of a source that is opened: with a new life, and as not clean. */
export function openedState(state: SourceState): SourceState {
  const boot = bootId()
  // A crash of the machine can lose what was committed, and the kill of a process can't.
  const isWhole = state.clean || (boot !== null && boot === state.boot)
  const lives = [...(isWhole ? state.lives : []), randomUUID()].slice(-KEPT_LIVES)
  return { ...state, clean: false, lives, boot }
}

/** Identifies the boot of this machine; null if that is not known. Source: Linux, proc(5). */
function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return null
  }
}

/** Reads the state; null if there is no source in `folder`. */
export function readSourceState(folder: string): SourceState | null {
  try {
    const state = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as SourceState
    // Earlier versions wrote no lives.
    return { ...state, lives: state.lives ?? [], boot: state.boot ?? null }
  } catch {
    return null
  }
}

/** Files and folders without which the data of a source is not there. PGlite would make an empty source in their place. */
const PARTS = ['PG_VERSION', 'global/pg_control', 'base', 'pg_wal']

/** Whether the data of a source is there; the state beside it says only that it was. */
export function hasData(folder: string): boolean {
  return PARTS.every((part) => existsSync(join(folder, 'data', part)))
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

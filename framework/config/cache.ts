import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Fragment } from './fragment.ts'

/** Change it when the shape of a fragment changes. */
const FORMAT = 1

const FILE = 'project.ndjson'

/** A compiled file and the hash of the YAML it was made of. `line` is its JSON. */
export interface Entry {
  readonly file: string
  readonly hash: string
  readonly line: Uint8Array
}

/**
 * The compiled project: a head line, then a line of JSON for each YAML file, so that a change of
 * one file leaves the others' lines as they are.
 */
export interface Cache {
  /** Whether the files were right in themselves and with each other. */
  readonly sound: boolean
  readonly entries: readonly Entry[]
}

interface HeadLine {
  readonly format: number
  readonly build: string
  readonly sound: boolean
  readonly files: readonly {
    readonly file: string
    readonly hash: string
    readonly bytes: number
  }[]
}

const NOTHING: Cache = { sound: false, entries: [] }

/** What an earlier call of the same build of the tool left; nothing when there is no such. */
export function readCache(folder: string, build: string): Cache {
  try {
    const bytes = readFileSync(join(folder, FILE))
    const end = bytes.indexOf(0x0a)
    const head = JSON.parse(bytes.toString('utf8', 0, end)) as HeadLine
    if (head.format !== FORMAT || head.build !== build) return NOTHING
    let start = end + 1
    const entries = head.files.map(({ file, hash, bytes: length }) => {
      const line = bytes.subarray(start, start + length)
      start += length + 1
      return { file, hash, line }
    })
    return start === bytes.length ? { sound: head.sound, entries } : NOTHING
  } catch {
    return NOTHING
  }
}

/**
 * Replaces the cache in one step. A folder that can't be written costs time, not correctness, so
 * nothing is said of it here.
 */
export function writeCache(folder: string, build: string, cache: Cache): void {
  const files = cache.entries.map(({ file, hash, line }) => ({ file, hash, bytes: line.length }))
  const head: HeadLine = { format: FORMAT, build, sound: cache.sound, files }
  const lines = [Buffer.from(JSON.stringify(head)), ...cache.entries.map((entry) => entry.line)]
  const newline = Buffer.from('\n')
  const aside = join(folder, `${FILE}.${process.pid}`)
  try {
    mkdirSync(folder, { recursive: true })
  } catch {
    return
  }
  try {
    writeFileSync(aside, Buffer.concat(lines.flatMap((line) => [line, newline])))
    renameSync(aside, join(folder, FILE))
  } catch {
    rmSync(aside, { force: true })
  }
}

export function encode(fragment: Fragment): Uint8Array {
  return Buffer.from(JSON.stringify(fragment))
}

export function decode(line: Uint8Array): Fragment {
  return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString()) as Fragment
}

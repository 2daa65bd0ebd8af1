import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Memo } from '../lib/file-hashes.ts'
import { NameTable } from '../lib/name-table.ts'
import { bytesOf, numbersIn, pack, unpack } from '../lib/sections.ts'
import type { Trait } from '../model/columns.ts'
import { ProblemError } from '../model/problem.ts'
import type { Fragment, Head, PoolUse } from './fragment.ts'
import type { Linked } from './linked.ts'

/** Change it when the shape of a fragment or of what is linked changes. */
const FORMAT = 3

const FILE = 'project.bin'

/** A compiled file: the hash of its YAML, what every command asks of it, and all of it as JSON. */
export interface Entry {
  readonly file: string
  readonly hash: string
  readonly head: Head | null
  readonly traits: readonly Trait[]
  readonly pools: readonly PoolUse[]
  /** Read when it is asked for: most commands do without. Throws `cache-damaged`. */
  readonly line: () => Uint8Array
}

/** The compiled project: its files, and how they go together when all is right. */
export interface Cache {
  readonly entries: readonly Entry[]
  /** null unless the files were right in themselves and with each other. */
  readonly linked: Linked | null
  /** How the files looked when they were hashed. */
  readonly memo: Memo
}

interface HeadLine {
  readonly format: number
  readonly build: string
  readonly cyclic: boolean
  readonly memo: Memo
  readonly files: readonly (Omit<Entry, 'line'> & {
    readonly bytes: number
    readonly crc: number
  })[]
}

/** The file begins with the length of what every command reads; the lines of JSON follow that. */
const PREFIX = 8

export const NOTHING: Cache = { entries: [], linked: null, memo: {} }

/** What an earlier call of the same build of the tool left; nothing when there is no such. */
export function readCache(folder: string, build: string): Cache {
  const path = join(folder, FILE)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return NOTHING
  }
  const cache = cacheIn(file, path, build)
  if (cache === null) closeSync(file)
  return cache ?? NOTHING
}

/** The file stays open for the lines: whoever replaces it meanwhile takes nothing away. */
function cacheIn(file: number, path: string, build: string): Cache | null {
  try {
    const length = readAt(file, 0, PREFIX).readUInt32LE()
    const sections = unpack(readAt(file, PREFIX, length))
    if (sections === null) return null
    const [text, ...rest] = sections as [Buffer, ...Buffer[]]
    const { format, build: by, cyclic, memo, files } = JSON.parse(text.toString()) as HeadLine
    if (format !== FORMAT || by !== build) return null
    let start = PREFIX + length
    const entries = files.map(({ bytes, crc, ...entry }) => {
      const at = start
      start += bytes
      return { ...entry, line: () => wholeLine(readAt(file, at, bytes), crc, path) }
    })
    if (fstatSync(file).size !== start) return null
    return { entries, linked: linkedIn(rest, cyclic), memo }
  } catch {
    return null
  }
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length)
  const read = readSync(file, bytes, 0, length, position)
  return bytes.subarray(0, read)
}

function wholeLine(line: Buffer, crc: number, path: string): Buffer {
  if (crc32(line) === crc) return line
  rmSync(path, { force: true })
  throw new ProblemError({
    code: 'cache-damaged',
    message: `${path} was damaged, and is gone now`,
    hint: 'run the same command again: it is made anew',
  })
}

/**
 * Replaces the cache in one step. A folder that can't be written costs time, not correctness, so
 * nothing is said of it here.
 */
export function writeCache(folder: string, build: string, cache: Cache): void {
  const { entries, linked, memo } = cache
  const lines = entries.map((entry) => entry.line())
  const files = entries.map(({ line: _, ...entry }, k) => {
    return { ...entry, bytes: lines[k]!.length, crc: crc32(lines[k]!) }
  })
  const cyclic = linked !== null && linked.order === null
  const head: HeadLine = { format: FORMAT, build, cyclic, memo, files }
  const hot = pack([Buffer.from(JSON.stringify(head)), ...sectionsOf(linked)])
  const prefix = Buffer.alloc(PREFIX)
  prefix.writeUInt32LE(hot.length)
  const aside = join(folder, `${FILE}.${process.pid}`)
  try {
    mkdirSync(folder, { recursive: true })
  } catch {
    return
  }
  try {
    writeFileSync(aside, Buffer.concat([prefix, hot, ...lines]))
    renameSync(aside, join(folder, FILE))
  } catch {
    rmSync(aside, { force: true })
  }
}

function sectionsOf(linked: Linked | null): readonly Uint8Array[] {
  if (linked === null) return []
  const { names, inputs, order, trait, assetFrom, traitFrom } = linked
  const numbers = [names.starts, inputs.starts, inputs.targets, trait, assetFrom, traitFrom]
  return [names.bytes, ...numbers.map(bytesOf), bytesOf(order ?? new Int32Array(0))]
}

function linkedIn(sections: readonly Buffer[], cyclic: boolean): Linked | null {
  if (sections.length === 0) return null
  const [bytes, ...numbers] = sections as [Buffer, ...Buffer[]]
  const [nameStarts, starts, targets, trait, assetFrom, traitFrom, order] = numbers.map(
    numbersIn,
  ) as [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]
  return {
    names: new NameTable(bytes, nameStarts),
    inputs: { starts, targets },
    order: cyclic ? null : order,
    trait,
    assetFrom,
    traitFrom,
  }
}

/** A file that compiled well, to be kept. */
export function entryOf(fragment: Fragment, hash: string): Entry {
  const { file, head, traits, pools } = fragment
  const line = Buffer.from(JSON.stringify(fragment))
  return { file, hash, head, traits, pools, line: () => line }
}

export function decode({ line }: Entry): Fragment {
  return JSON.parse(new TextDecoder().decode(line())) as Fragment
}

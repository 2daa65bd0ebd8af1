import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Memo } from '../lib/file-hashes.ts'
import { NameTable } from '../lib/name-table.ts'
import { bytesOf, numbersIn, pack, unpack } from '../lib/sections.ts'
import type { Trait } from '../model/columns.ts'
import type { Fragment, Head, PoolUse } from './fragment.ts'
import type { Linked } from './linked.ts'

/** Change it when the shape of a fragment or of what is linked changes. */
const FORMAT = 2

const FILE = 'project.bin'

/** A compiled file: the hash of its YAML, what every command asks of it, and all of it as JSON. */
export interface Entry {
  readonly file: string
  readonly hash: string
  readonly head: Head | null
  readonly traits: readonly Trait[]
  readonly pools: readonly PoolUse[]
  readonly line: Uint8Array
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
  readonly files: readonly (Omit<Entry, 'line'> & { readonly bytes: number })[]
}

export const NOTHING: Cache = { entries: [], linked: null, memo: {} }

/** What an earlier call of the same build of the tool left; nothing when there is no such. */
export function readCache(folder: string, build: string): Cache {
  try {
    const sections = unpack(readFileSync(join(folder, FILE)))
    if (sections === null) return NOTHING
    const [text, lines, ...rest] = sections as [Buffer, Buffer, ...Buffer[]]
    const { format, build: by, cyclic, memo, files } = JSON.parse(text.toString()) as HeadLine
    if (format !== FORMAT || by !== build) return NOTHING
    let start = 0
    const entries = files.map(({ bytes, ...file }) => {
      const line = lines.subarray(start, start + bytes)
      start += bytes
      return { ...file, line }
    })
    return { entries, linked: linkedIn(rest, cyclic), memo }
  } catch {
    return NOTHING
  }
}

/**
 * Replaces the cache in one step. A folder that can't be written costs time, not correctness, so
 * nothing is said of it here.
 */
export function writeCache(folder: string, build: string, cache: Cache): void {
  const { entries, linked, memo } = cache
  const files = entries.map(({ line, ...entry }) => ({ ...entry, bytes: line.length }))
  const cyclic = linked !== null && linked.order === null
  const head: HeadLine = { format: FORMAT, build, cyclic, memo, files }
  const lines = Buffer.concat(entries.map(({ line }) => line))
  const sections = [Buffer.from(JSON.stringify(head)), lines, ...sectionsOf(linked)]
  const aside = join(folder, `${FILE}.${process.pid}`)
  try {
    mkdirSync(folder, { recursive: true })
  } catch {
    return
  }
  try {
    writeFileSync(aside, pack(sections))
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
  return { file, hash, head, traits, pools, line: Buffer.from(JSON.stringify(fragment)) }
}

export function decode({ line }: Entry): Fragment {
  return JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString()) as Fragment
}

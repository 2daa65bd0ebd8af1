import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { KnownFileHashes } from '../../lib/file-hashes.ts'
import { NameTable } from '../../lib/name-table.ts'
import { bytesOf, numbersIn, pack, unpack } from '../../lib/packed-bytes.ts'
import type { Trait } from '../../model/columns.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Fragment, Head, PoolUse } from '../compile/compiled-file.ts'
import type { Linked } from '../link/link.ts'
import { dropPiece, pieceName, readPiece, sweepPieces, writePiece } from './compiled-files.ts'

/** Change it when the shape of a fragment or of what is linked changes. */
const FORMAT = 5

/** What every command reads: the index of the pieces, and how the files go together. */
const INDEX = 'project.bin'
const PIECES = 'pieces'

/** A compiled file: the hash of its YAML, what every command asks of it, and the checksum of all of it. */
export interface Entry {
  readonly file: string
  readonly hash: string
  readonly head: Head | null
  readonly traits: readonly Trait[]
  readonly pools: readonly PoolUse[]
  readonly crc: number
  /** Its JSON: read when it is asked for, as most commands do without. Throws `cache-damaged`. */
  readonly text: () => Uint8Array
  /** Whether it lies in the cache already. */
  readonly isKept: boolean
}

/** The compiled project: its files, and how they go together when all is right. */
export interface Cache {
  readonly entries: readonly Entry[]
  /** null unless the files were right in themselves and with each other. */
  readonly linked: Linked | null
  /** How the files looked when they were hashed. */
  readonly memo: KnownFileHashes
}

interface HeadLine {
  readonly format: number
  readonly build: string
  readonly cyclic: boolean
  readonly memo: KnownFileHashes
  readonly files: readonly Omit<Entry, 'text' | 'isKept'>[]
}

export const NOTHING: Cache = { entries: [], linked: null, memo: {} }

/** What an earlier call of the same build of the tool left; nothing when there is no such. */
export function readCache(folder: string, build: string): Cache {
  try {
    const sections = unpack(readFileSync(join(folder, INDEX)))
    if (sections === null) return NOTHING
    const [head, ...rest] = sections as [Buffer, ...Buffer[]]
    const { format, build: by, cyclic, memo, files } = JSON.parse(head.toString()) as HeadLine
    if (format !== FORMAT || by !== build) return NOTHING
    const entries = files.map((entry) => ({
      ...entry,
      text: () => wholePiece(folder, pieceName(build, entry.file, entry.hash), entry.crc),
      isKept: true,
    }))
    return { entries, linked: linkedIn(rest, cyclic), memo }
  } catch {
    return NOTHING
  }
}

/** Without the index all of it is made anew, so a piece that is not what it was costs one command. */
function wholePiece(folder: string, name: string, crc: number): Buffer {
  const pieces = join(folder, PIECES)
  const text = readPiece(pieces, name)
  if (text !== null && crc32(text) === crc) return text
  const index = join(folder, INDEX)
  rmSync(index, { force: true })
  dropPiece(pieces, name)
  throw new ProblemError({
    code: 'cache-damaged',
    message: `${index} was damaged, and is gone now`,
    hint: 'run the same command again: it is made anew',
  })
}

/**
 * Writes what is new, then replaces the index in one step. A folder that can't be written costs time, not
 * correctness, so nothing is said of it here. `now` in milliseconds since the epoch.
 */
export function writeCache(
  folder: string,
  build: string,
  cache: Cache,
  before: Cache,
  now: number,
): void {
  const { entries, linked, memo } = cache
  const cyclic = linked !== null && linked.order === null
  const files = entries.map(({ text: _, isKept: __, ...entry }) => entry)
  const head: HeadLine = { format: FORMAT, build, cyclic, memo, files }
  const index = pack([Buffer.from(JSON.stringify(head)), ...sectionsOf(linked)])
  const named = ({ entries }: Cache) =>
    new Set(entries.map(({ file, hash }) => pieceName(build, file, hash)))
  const pieces = join(folder, PIECES)
  const aside = join(folder, `${INDEX}.${process.pid}`)
  try {
    mkdirSync(pieces, { recursive: true })
  } catch {
    return
  }
  try {
    for (const { file, hash, text, isKept } of entries) {
      if (!isKept) writePiece(pieces, pieceName(build, file, hash), text())
    }
    writeFileSync(aside, index)
    renameSync(aside, join(folder, INDEX))
    sweepPieces(pieces, named(cache), named(before), now)
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
  const text = Buffer.from(JSON.stringify(fragment))
  return { file, hash, head, traits, pools, crc: crc32(text), text: () => text, isKept: false }
}

/** As `decode`; null where the piece is damaged, for whoever can do without. */
export function decodeIfWhole(entry: Entry): Fragment | null {
  try {
    return decode(entry)
  } catch (error) {
    if (error instanceof ProblemError) return null
    throw error
  }
}

export function decode({ text }: Entry): Fragment {
  return JSON.parse(new TextDecoder().decode(text())) as Fragment
}

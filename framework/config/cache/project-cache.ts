import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { removeCacheFile, writeCacheFile } from '../../lib/cache-file.ts'
import type { KnownFileHashes } from '../../lib/file-hashes.ts'
import { NameTable } from '../../lib/name-table.ts'
import { bytesOf, numbersIn, pack, unpack } from '../../lib/packed-bytes.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Trait } from '../../model/tables/asset-table.ts'
import type { CompiledFile, PoolUse, ProjectSection } from '../compile/compiled-file.ts'
import type { LinkedFiles } from '../link/link.ts'
import { readStored, removeUnused, storedName } from './compiled-file-store.ts'
import { holdsSecret } from './holds-secret.ts'

/** Increase it when the form of a compiled file or of the linked files changes. */
const FORMAT = 7

/** The file that every command reads: the list of compiled files, and the linked files. */
const INDEX = 'project.bin'
const COMPILED_FOLDER = 'compiled'

/** A compiled file: the part of it that every command needs, and access to the rest. */
export interface CachedFile {
  readonly file: string
  /** Hash of the YAML file's content. */
  readonly hash: string
  readonly project: ProjectSection | null
  readonly traits: readonly Trait[]
  readonly pools: readonly PoolUse[]
  /** Checksum of `json`. */
  readonly crc: number
  /** The whole compiled file as JSON, read on demand. Throws `cache-damaged`. */
  readonly json: () => Uint8Array
  /** Whether the cache already contains it. */
  readonly isStored: boolean
  /** Whether a secret is written into it: then nothing of the project is kept. */
  readonly holdsSecret: boolean
}

/** The compiled project. */
export interface ProjectCache {
  readonly files: readonly CachedFile[]
  /** null if there were problems in or between the files. */
  readonly linked: LinkedFiles | null
  /** Size and times of the files when they were hashed. */
  readonly fileStats: KnownFileHashes
}

interface IndexHeader {
  readonly format: number
  readonly build: string
  readonly cyclic: boolean
  readonly fileStats: KnownFileHashes
  readonly files: readonly Omit<CachedFile, 'json' | 'isStored' | 'holdsSecret'>[]
}

export const EMPTY_CACHE: ProjectCache = { files: [], linked: null, fileStats: {} }

/** The cache that the same build of the tool wrote; an empty one if there is none. */
export function readCache(folder: string, build: string): ProjectCache {
  try {
    const sections = unpack(readFileSync(join(folder, INDEX)))
    if (sections === null) return EMPTY_CACHE
    const [headerBytes, ...rest] = sections as [Buffer, ...Buffer[]]
    const header = JSON.parse(headerBytes.toString()) as IndexHeader
    if (header.format !== FORMAT || header.build !== build) return EMPTY_CACHE
    const files = header.files.map((one) => ({
      ...one,
      json: () => readIntact(folder, storedName(build, one.file, one.hash), one.crc),
      isStored: true,
      holdsSecret: false,
    }))
    return { files, linked: unpackLinked(rest, header.cyclic), fileStats: header.fileStats }
  } catch {
    return EMPTY_CACHE
  }
}

/** A damaged file removes the index, so that `cli/main.ts` compiles everything again when it repeats the command. */
function readIntact(folder: string, name: string, crc: number): Buffer {
  const compiled = join(folder, COMPILED_FOLDER)
  const json = readStored(compiled, name)
  if (json !== null && crc32(json) === crc) return json
  const index = join(folder, INDEX)
  try {
    removeCacheFile(index)
    removeCacheFile(join(compiled, name))
  } catch {
    // In a folder that can't be written to, the problem stays until a person deletes it.
  }
  throw new ProblemError({
    code: 'cache-damaged',
    message: `${index} was damaged and has been deleted`,
    hint: 'run the same command again: it recreates the cache',
  })
}

/** Removes the cache. */
export function removeCache(folder: string): void {
  for (const part of [INDEX, COMPILED_FOLDER]) removeCacheFile(join(folder, part))
}

/**
 * Writes new compiled files, then replaces the index atomically. An unwritable folder costs time, not
 * correctness, so it is not reported. `now` in milliseconds since the epoch.
 */
export function writeCache(
  folder: string,
  build: string,
  cache: ProjectCache,
  before: ProjectCache,
  now: number,
): void {
  const { files, linked, fileStats } = cache
  const header: IndexHeader = {
    format: FORMAT,
    build,
    cyclic: linked !== null && linked.order === null,
    fileStats,
    files: files.map(({ json: _, isStored: __, holdsSecret: ___, ...one }) => one),
  }
  const index = pack([Buffer.from(JSON.stringify(header)), ...packLinked(linked)])
  const namesIn = ({ files }: ProjectCache) =>
    new Set(files.map(({ file, hash }) => storedName(build, file, hash)))
  const compiled = join(folder, COMPILED_FOLDER)
  try {
    for (const { file, hash, json, isStored } of files) {
      const path = join(compiled, storedName(build, file, hash))
      if (!isStored && !writeCacheFile(path, json())) return
    }
    if (!writeCacheFile(join(folder, INDEX), index)) return
    removeUnused(compiled, namesIn(cache), namesIn(before), now)
  } catch {
    // The next command only takes longer.
  }
}

function packLinked(linked: LinkedFiles | null): readonly Uint8Array[] {
  if (linked === null) return []
  const { names, inputs, order, trait, assetFrom, traitFrom } = linked
  const numbers = [names.starts, inputs.starts, inputs.targets, trait, assetFrom, traitFrom]
  return [names.bytes, ...numbers.map(bytesOf), bytesOf(order ?? new Int32Array(0))]
}

function unpackLinked(sections: readonly Buffer[], cyclic: boolean): LinkedFiles | null {
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

/** A file that this command compiled. */
export function newCachedFile(compiled: CompiledFile, hash: string): CachedFile {
  const { file, project, traits, pools } = compiled
  const json = Buffer.from(JSON.stringify(compiled))
  return {
    ...{ file, hash, project, traits, pools, crc: crc32(json) },
    json: () => json,
    isStored: false,
    holdsSecret: holdsSecret(compiled),
  }
}

/** Throws `cache-damaged`. */
export function readCompiledFile({ json }: CachedFile): CompiledFile {
  return JSON.parse(new TextDecoder().decode(json())) as CompiledFile
}

/** null if the stored file is damaged. */
export function readCompiledFileOrNull(cached: CachedFile): CompiledFile | null {
  try {
    return readCompiledFile(cached)
  } catch (error) {
    if (error instanceof ProblemError) return null
    throw error
  }
}

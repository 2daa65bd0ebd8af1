import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeCacheFile } from '../../lib/cache-file.ts'
import type { KnownFileHashes } from '../../lib/file-hashes.ts'
import { bytesOf, numbersIn, pack, unpack } from '../../lib/packed-bytes.ts'
import { CodeVersionTable } from '../../model/tables/code-version-table.ts'
import type { Site } from '../../ports/site.ts'
import type { CodeDependency } from './code-reader.ts'

/** Raise it when code versions are computed differently, or when the file's format changes. */
const FORMAT = 2

/** The commands of one YAML file. */
export interface CachedFile {
  /** Of the file's bytes. */
  readonly hash: string
  /** Its first entry in `codes`. */
  readonly from: number
  /** Indexes into `dependencies`. */
  readonly dependencies: readonly number[]
}

/** The code versions of all commands of a project on one target, and what they depend on. */
export interface CommandCache {
  readonly files: readonly CachedFile[]
  readonly dependencies: readonly {
    readonly dependency: CodeDependency
    readonly version: string
  }[]
  readonly codes: CodeVersionTable
  readonly memo: KnownFileHashes
}

interface Head extends Omit<CommandCache, 'codes'> {
  readonly format: number
  readonly build: string
}

const EMPTY: CommandCache = {
  files: [],
  dependencies: [],
  codes: new CodeVersionTable(0),
  memo: {},
}

/** The cache, if the same build of the tool wrote it; else an empty one. */
export function readCommandCache(site: Site, build: string): CommandCache {
  try {
    const sections = unpack(readFileSync(cachePath(site)))
    if (sections === null) return EMPTY
    const [text, words, known] = sections as [Buffer, Buffer, Buffer]
    const { format, build: writtenBy, ...head } = JSON.parse(text.toString()) as Head
    if (format !== FORMAT || writtenBy !== build) return EMPTY
    return { ...head, codes: new CodeVersionTable(known.length, numbersIn(words), known) }
  } catch {
    return EMPTY
  }
}

/** Replaces the cache atomically. Ignores a failed write: the next command only takes longer. */
export function writeCommandCache(site: Site, build: string, cache: CommandCache): void {
  const { codes, ...rest } = cache
  const head: Head = { format: FORMAT, build, ...rest }
  const text = Buffer.from(JSON.stringify(head))
  writeCacheFile(cachePath(site), pack([text, bytesOf(codes.words), codes.isSet]))
}

function cachePath({ home, target }: Site): string {
  return join(home, 'cache', `command-${target.name}.bin`)
}

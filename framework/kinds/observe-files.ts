import type { Stats } from 'node:fs'
import { resolve } from 'node:path'
import { fileStats, tokenOf } from '../lib/file-stats.ts'
import { sha256 } from '../lib/hash.ts'
import { hashFile } from '../lib/hash-file.ts'
import type { Asset } from '../model/asset.ts'
import type { Found } from '../model/observation.ts'
import { moveOf } from '../model/place.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import { fileVersion, type Version } from '../model/version.ts'
import type { Product } from '../ports/batch.ts'
import type { ObserveRequest } from '../ports/kind.ts'

/** Version and change token of an asset's files, from its record or its last observation. */
export interface RecordedFiles {
  readonly version: Version | null
  readonly token: string | null
}

/** How the version of files is made, if it is not the hash of their bytes. */
export interface Reading {
  /** The name of a single file counts, too. */
  readonly areNamed?: boolean
  /** The version of a single file (absolute path) by what it holds; null: by its bytes. */
  readonly contentOf?: ((path: string) => Promise<Version | null>) | undefined
}

/** A file system may round a time up. */
const CLOCK_LEAD_MS = 1_000
/** What a record says of the files that its definition names; null for other files (SEMANTICS 27). */
export function recordedFiles({ definition, record }: ObserveRequest): RecordedFiles | null {
  if (record === null || moveOf(record, definition) !== null) return null
  return { version: record.dataVersion, token: record.token }
}

/**
 * Observes `files`, relative to `root`, and compares them with the record:
 * - `absent`: at least one file does not exist
 * - `recorded`: sizes, times and inodes equal the recorded token, so no file is read. Not if a file
 *   changed in the future, because its next change can get an equal time (SEMANTICS 26)
 * - `present`: with the version of their bytes
 * - `unreadable`: a folder, or a file that can't be read
 */
export async function observeFiles(
  root: string,
  files: readonly string[],
  recorded: RecordedFiles | null,
  reading: Reading = {},
): Promise<Found> {
  const stat = statFiles(root, files)
  if (stat.state === 'absent') return { state: 'absent' }
  if (stat.state === 'unreadable') return stat
  const isRecorded = recorded !== null && recorded.version !== null
  // The real clock, not the site's: it is compared with the times of files.
  if (isRecorded && recorded.token === stat.token && stat.changedAt <= Date.now() + CLOCK_LEAD_MS) {
    return { state: 'recorded' }
  }
  try {
    const { version, token } = await hashFiles(root, files, stat, reading)
    return { state: 'present', version, token, shape: null, installed: null, rows: null }
  } catch (error) {
    return { state: 'unreadable', message: (error as Error).message }
  }
}

/**
 * Measures the files that a build of `asset` wrote. Problem `output-missing`: a file does not exist,
 * is a folder or can't be read.
 */
export async function measureFiles(
  asset: Asset,
  root: string,
  files: readonly string[],
  rows: number | null,
  reading: Reading = {},
): Promise<Result<Product>> {
  const stat = statFiles(root, files)
  if (stat.state === 'absent') return fail(outputMissing(asset, `${stat.file} does not exist`))
  if (stat.state === 'unreadable') return fail(outputMissing(asset, stat.message))
  try {
    const hashed = await hashFiles(root, files, stat, reading)
    return ok({ ...hashed, rows, shape: null, installed: null, source: null, reference: null })
  } catch (error) {
    return fail(outputMissing(asset, (error as Error).message))
  }
}

function outputMissing({ name, file }: Asset, reason: string): Problem {
  return {
    code: 'output-missing',
    message: `${name}: can't read output: ${reason}`,
    at: { file, path: ['assets', name], key: true },
    hint: 'paths are relative to the project root, and each must be a file',
    asset: name,
  }
}

interface HashedFiles {
  /** For one file the hash of its bytes, for several or named ones the hash of their names and hashes. */
  readonly version: Version | null
  readonly token: string | null
  readonly bytes: number
}

/**
 * Hashes files between two reads of their token. Version and token are null if the token changed
 * meanwhile (SEMANTICS 1). Rejects if a file can't be read.
 */
async function hashFiles(
  root: string,
  files: readonly string[],
  before: ExistingFiles,
  { areNamed = false, contentOf }: Reading,
): Promise<HashedFiles> {
  const content = (await contentOf?.(resolve(root, files[0]!))) ?? null
  const digests: string[] = []
  for (const [index, file] of content === null ? files.entries() : []) {
    digests.push(await hashFile(resolve(root, file), before.sizes[index] ?? 0))
  }
  const after = statFiles(root, files)
  const bytes = before.sizes.reduce((sum, size) => sum + size, 0)
  if (after.state !== 'exist' || after.token !== before.token) {
    return { version: null, token: null, bytes }
  }
  if (content !== null) return { version: content, token: before.token, bytes }
  const lines = files.map((file, index) => `${digests[index]}  ${file}\n`)
  const digest = files.length === 1 && !areNamed ? digests[0]! : sha256(lines.join(''))
  return { version: fileVersion(digest), token: before.token, bytes }
}

interface ExistingFiles {
  readonly state: 'exist'
  readonly token: string
  readonly sizes: readonly number[]
  /** The latest change of a file, in milliseconds since the epoch. */
  readonly changedAt: number
}
type FilesStat =
  | ExistingFiles
  | { readonly state: 'absent'; readonly file: string }
  | { readonly state: 'unreadable'; readonly message: string }

/**
 * Change token and sizes of files. Synchronous, because `stat` takes microseconds and a promise ten
 * times that.
 */
function statFiles(root: string, files: readonly string[]): FilesStat {
  const tokens: string[] = []
  const sizes: number[] = []
  let changedAt = 0
  for (const file of files) {
    let stats: Stats | undefined
    try {
      stats = fileStats(resolve(root, file))
    } catch (error) {
      return { state: 'unreadable', message: (error as Error).message }
    }
    if (stats === undefined) return { state: 'absent', file }
    if (!stats.isFile()) return { state: 'unreadable', message: `${file} is not a file` }
    tokens.push(tokenOf(stats))
    sizes.push(stats.size)
    changedAt = Math.max(changedAt, stats.ctimeMs)
  }
  return { state: 'exist', token: tokens.join(' '), sizes, changedAt }
}

import { createReadStream, readFileSync, type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { sha256, startSha256 } from '../lib/hash.ts'
import type { Asset } from '../model/asset.ts'
import type { Found } from '../model/observation.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import { fileVersion, type Version } from '../model/version.ts'
import type { Product } from '../ports/batch.ts'

/** The content and token that are known from before. */
export interface KnownFiles {
  readonly version: Version | null
  readonly token: string | null
}

/** Up to here one synchronous read is faster than a stream, and blocks for a millisecond at most. */
const SMALL_FILE = 1_000_000

/**
 * What is found at `files`, relative to `root`: `recorded` without reading them when size, times and
 * inode are those of `known`, else `present` with their version. One missing makes all absent.
 */
export async function findFiles(
  root: string,
  files: readonly string[],
  known: KnownFiles | null,
): Promise<Found> {
  const look = lookAt(root, files)
  if (look.state === 'absent') return { state: 'absent' }
  if (look.state === 'unreadable') return look
  if (known !== null && known.version !== null && known.token === look.token) {
    return { state: 'recorded' }
  }
  try {
    const { version, token } = await read(root, files, look)
    return { state: 'present', version, token, shape: null, installed: null, rows: null }
  } catch (error) {
    return { state: 'unreadable', message: (error as Error).message }
  }
}

/**
 * What a build left in the files that `asset` writes. Problems: one is missing, is a folder or can't
 * be read.
 */
export async function measureFiles(
  asset: Asset,
  root: string,
  files: readonly string[],
  rows: number | null,
): Promise<Result<Product>> {
  const look = lookAt(root, files)
  if (look.state === 'absent') return fail(noOutput(asset, `${look.file} is not there`))
  if (look.state === 'unreadable') return fail(noOutput(asset, look.message))
  try {
    const content = await read(root, files, look)
    return ok({ ...content, rows, shape: null, installed: null, source: null, reference: null })
  } catch (error) {
    return fail(noOutput(asset, (error as Error).message))
  }
}

function noOutput({ name, file }: Asset, fact: string): Problem {
  return {
    code: 'output-missing',
    message: `${name}: its file can't be read: ${fact}`,
    at: { file, path: ['assets', name], key: true },
    hint: 'a path starts at the project root, and what is there must be a file',
    asset: name,
  }
}

interface Content {
  /** One file's is the hash of its bytes, that of several the hash of their names and hashes. */
  readonly version: Version | null
  readonly token: string | null
  readonly bytes: number
}

/** Files that move while they are read have no version (SEMANTICS 1). Rejects when one can't be read. */
async function read(root: string, files: readonly string[], look: There): Promise<Content> {
  const digests: string[] = []
  for (const [index, file] of files.entries()) {
    digests.push(await digestOf(resolve(root, file), look.sizes[index] ?? 0))
  }
  const after = lookAt(root, files)
  const bytes = look.sizes.reduce((sum, size) => sum + size, 0)
  if (after.state !== 'there' || after.token !== look.token) {
    return { version: null, token: null, bytes }
  }
  const lines = files.map((file, index) => `${digests[index]}  ${file}\n`)
  const digest = files.length === 1 ? digests[0]! : sha256(lines.join(''))
  return { version: fileVersion(digest), token: look.token, bytes }
}

/** The hex SHA-256 of one file's bytes, in bounded memory. Rejects when it can't be read. */
export async function digestOf(path: string, size: number): Promise<string> {
  if (size <= SMALL_FILE) return sha256(readFileSync(path))
  const digest = startSha256()
  for await (const chunk of createReadStream(path, { highWaterMark: SMALL_FILE })) {
    digest.update(chunk as Buffer)
  }
  return digest.digest('hex')
}

interface There {
  readonly state: 'there'
  readonly token: string
  readonly sizes: readonly number[]
}
type Look =
  | There
  | { readonly state: 'absent'; readonly file: string }
  | { readonly state: 'unreadable'; readonly message: string }

/**
 * Synchronous, since a look at a file takes microseconds and a promise for it ten times that. The
 * change time is in the token because a copy may keep size and modification time.
 */
function lookAt(root: string, files: readonly string[]): Look {
  const tokens: string[] = []
  const sizes: number[] = []
  for (const file of files) {
    let found: Stats | undefined
    try {
      found = statSync(resolve(root, file), { throwIfNoEntry: false })
    } catch (error) {
      return { state: 'unreadable', message: (error as Error).message }
    }
    if (found === undefined) return { state: 'absent', file }
    if (!found.isFile()) return { state: 'unreadable', message: `${file} is no file` }
    tokens.push([found.size, found.mtimeMs, found.ctimeMs, found.ino].join(':'))
    sizes.push(found.size)
  }
  return { state: 'there', token: tokens.join(' '), sizes }
}

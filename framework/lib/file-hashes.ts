import { type BigIntStats, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from './hash.ts'

/** Hashes by path, each with the file's `size mtime ctime inode` at the time it was hashed. */
export type KnownFileHashes = Readonly<Record<string, readonly [stat: string, hash: string]>>

/** A file changed more recently than this may change again without a new time, so its hash is not kept. */
const STABLE_AFTER_NS = 1_000_000_000n

/**
 * Content hashes of files below one folder. A file with the same size, times and inode as before is not read
 * again. Calls are synchronous, which is several times faster for small files.
 */
export class FileHashes {
  readonly #root: string
  readonly #before: KnownFileHashes
  readonly #now: bigint
  readonly #hashes = new Map<string, string>()
  readonly #memo: Record<string, readonly [string, string]> = {}
  #newest = 0n

  /** `root` is absolute, `now` in milliseconds since the epoch. */
  constructor(root: string, before: KnownFileHashes, now: number) {
    this.#root = root
    this.#before = before
    this.#now = BigInt(Math.floor(now)) * 1_000_000n
  }

  /** The SHA-256 of a file, or `absent` when it does not exist. Paths are relative to the root. */
  of(path: string): string {
    const known = this.#hashes.get(path)
    if (known !== undefined) return known
    const absolute = join(this.#root, path)
    const stat = statSync(absolute, { bigint: true, throwIfNoEntry: false })
    const hash = stat?.isFile() ? this.#read(path, absolute, stat) : 'absent'
    this.#hashes.set(path, hash)
    return hash
  }

  /** All files below a folder, sorted. Empty when the folder does not exist. */
  below(folder: string): readonly string[] {
    const found: string[] = []
    const todo = [folder]
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
      for (const entry of entriesOf(join(this.#root, path))) {
        if (entry.name === '__pycache__' || entry.name === '.git') continue
        const child = join(path, entry.name)
        const isFolder = entry.isSymbolicLink()
          ? (statSync(join(this.#root, child), { throwIfNoEntry: false })?.isDirectory() ?? false)
          : entry.isDirectory()
        if (isFolder) todo.push(child)
        else found.push(child)
      }
    }
    return found.sort()
  }

  /** The newest change time (ctime) of the hashed files, in milliseconds since the epoch. */
  get newest(): number {
    return Number(this.#newest / 1_000_000n)
  }

  /** The hashes to keep, and whether they differ from the given ones. */
  memo(): { readonly memo: KnownFileHashes; readonly changed: boolean } {
    const changed =
      Object.keys(this.#memo).length !== Object.keys(this.#before).length ||
      Object.entries(this.#memo).some(([path, [stat]]) => this.#before[path]?.[0] !== stat)
    return { memo: this.#memo, changed }
  }

  #read(path: string, absolute: string, stat: BigIntStats): string {
    if (stat.ctimeNs > this.#newest) this.#newest = stat.ctimeNs
    const seen = `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino}`
    const before = this.#before[path]
    // A time in the future proves nothing (SEMANTICS 26).
    const isStable = this.#now - stat.ctimeNs > STABLE_AFTER_NS
    const isKnown = isStable && before?.[0] === seen
    const hash = isKnown ? before[1] : sha256(readFileSync(absolute))
    if (isStable) this.#memo[path] = [seen, hash]
    return hash
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

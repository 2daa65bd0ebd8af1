import { type BigIntStats, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { STABLE_AFTER_NS } from './file-token.ts'
import { sha256 } from './hash.ts'

/** Hashes by path, each with the file's `size mtime ctime inode` at the time it was hashed. */
export type KnownFileHashes = Readonly<Record<string, readonly [stat: string, hash: string]>>

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
    const absolute = this.#absolute(path)
    const stat = statOf(absolute)
    const hash = stat?.isFile() ? this.#read(path, absolute, stat) : 'absent'
    this.#hashes.set(path, hash)
    return hash
  }

  /**
   * All files below a folder, through links, sorted. A link that leads again to where a link above it has led is
   * in the list and not followed. Empty when the folder does not exist.
   */
  below(folder: string): readonly string[] {
    const found: string[] = []
    const todo: Walked[] = [{ path: folder, through: [] }]
    for (let walked = todo.pop(); walked !== undefined; walked = todo.pop()) {
      for (const entry of entriesOf(this.#absolute(walked.path))) {
        if (entry.name === '__pycache__' || entry.name === '.git') continue
        const path = below(walked.path, entry.name)
        const isLink = entry.isSymbolicLink()
        if (!(isLink ? this.#isFolder(path) : entry.isDirectory())) found.push(path)
        else if (!isLink) todo.push({ path, through: walked.through })
        else {
          const target = realpathSync(this.#absolute(path))
          if (walked.through.includes(target)) found.push(path)
          else todo.push({ path, through: [...walked.through, target] })
        }
      }
    }
    return found.sort()
  }

  /** The folders in a folder, sorted, those that are links too. Empty when the folder does not exist. */
  foldersIn(folder: string): readonly string[] {
    return entriesOf(this.#absolute(folder))
      .map(({ name }) => below(folder, name))
      .filter((path) => this.#isFolder(path))
      .sort()
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

  #absolute(path: string): string {
    return path.startsWith('/') ? path : `${this.#root}/${path}`
  }

  #isFolder(path: string): boolean {
    return statOf(this.#absolute(path))?.isDirectory() ?? false
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

/** Faster than `join`, which normalizes both. */
const below = (folder: string, name: string): string =>
  folder === '' || folder === '.' ? name : `${folder}/${name}`

/** A folder on the way down. `through`: the real folders to which links have led on that way. */
interface Walked {
  readonly path: string
  readonly through: readonly string[]
}

/** undefined: nothing is there, or a link that leads to itself. */
function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined
    throw error
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

import { type BigIntStats, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from './hash.ts'

/** What a file looked like when its content was hashed: `size mtime ctime inode`, then the hash. */
export type Memo = Readonly<Record<string, readonly [stat: string, hash: string]>>

/** A file touched this recently might change again within one tick of its file system's clock. */
const SETTLED_NS = 1_000_000_000n

/**
 * Content hashes of files below one folder. A file whose size, times and inode are those of the memo
 * is not read again. Calls are synchronous: for small files that is several times quicker.
 */
export class FileHashes {
  readonly #root: string
  readonly #before: Memo
  readonly #now: bigint
  readonly #hashes = new Map<string, string>()
  readonly #memo: Record<string, readonly [string, string]> = {}
  #newest = 0n

  /** `root` is absolute, `now` in milliseconds since the epoch. */
  constructor(root: string, before: Memo, now: number) {
    this.#root = root
    this.#before = before
    this.#now = BigInt(Math.floor(now)) * 1_000_000n
  }

  /** SHA-256 of a file's bytes, `absent` when there is none. Paths are relative to the root. */
  of(path: string): string {
    const known = this.#hashes.get(path)
    if (known !== undefined) return known
    const absolute = join(this.#root, path)
    const stat = statSync(absolute, { bigint: true, throwIfNoEntry: false })
    const hash = stat?.isFile() ? this.#read(path, absolute, stat) : 'absent'
    this.#hashes.set(path, hash)
    return hash
  }

  /** Every file below a folder, sorted; none when it isn't there. */
  below(folder: string): readonly string[] {
    const found: string[] = []
    const todo = [folder]
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
      for (const entry of list(join(this.#root, path))) {
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

  /** When the last of them was changed, in milliseconds since the epoch. */
  get newest(): number {
    return Number(this.#newest / 1_000_000n)
  }

  /** What is worth remembering, and whether it says more than the memo that was given. */
  memo(): { readonly memo: Memo; readonly changed: boolean } {
    const changed =
      Object.keys(this.#memo).length !== Object.keys(this.#before).length ||
      Object.entries(this.#memo).some(([path, [stat]]) => this.#before[path]?.[0] !== stat)
    return { memo: this.#memo, changed }
  }

  #read(path: string, absolute: string, stat: BigIntStats): string {
    if (stat.ctimeNs > this.#newest) this.#newest = stat.ctimeNs
    const seen = `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino}`
    const before = this.#before[path]
    const hash = before?.[0] === seen ? before[1] : sha256(readFileSync(absolute))
    if (this.#now - stat.ctimeNs > SETTLED_NS) this.#memo[path] = [seen, hash]
    return hash
  }
}

function list(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

import { existsSync, realpathSync } from 'node:fs'
import { preciseFileStats } from '../../lib/file-stats.ts'
import { fileChangeToken } from './change-token.ts'

const files = new Map<string, AttachedFile>()

/** The `AttachedFile` for an absolute path. There is one per file in a process. */
export function attachedFile(path: string): AttachedFile {
  const real = existsSync(path) ? realpathSync(path) : path
  const known = files.get(real)
  if (known !== undefined) return known
  const file = new AttachedFile(real)
  files.set(real, file)
  return file
}

/**
 * A DuckDB file that sessions of a warehouse, or dbt during a loan, have attached. It tracks change tokens as
 * `DatabaseFile` does: if another program changed the file between two of our uses, there is no token from then on.
 */
class AttachedFile {
  readonly path: string
  #users = 0
  /** The token when this process last read it; undefined before the first time. */
  #last: string | null | undefined
  #isContinuous = true

  constructor(path: string) {
    this.path = path
  }

  /** The change token of this very file; null while it is in use, or after another program has changed it. */
  changeToken(): string | null {
    if (this.#users > 0) return null
    this.#compare()
    return this.#isContinuous ? (this.#last ?? null) : null
  }

  /** To be called before it is attached. */
  begin(): void {
    if (this.#users === 0) this.#compare()
    this.#users += 1
  }

  /** To be called when nothing of this process has it attached any more. Its changes since then are ours. */
  end(): void {
    this.#users -= 1
    if (this.#users === 0) this.#last = tokenOf(this.path)
  }

  #compare(): void {
    const token = tokenOf(this.path)
    if (this.#last !== undefined && token !== this.#last) this.#isContinuous = false
    this.#last = token
  }
}

export type { AttachedFile }

/**
 * With the file's identity and time: another file can be moved here whose headers are equal, because the same
 * commands wrote it. DuckDB (1.5.6) changes neither when it opens a file and writes nothing.
 */
function tokenOf(path: string): string | null {
  const token = fileChangeToken(path)
  const stats = preciseFileStats(path)
  return stats === undefined || token === null ? token : `${token}:${stats.ino}:${stats.mtimeNs}`
}

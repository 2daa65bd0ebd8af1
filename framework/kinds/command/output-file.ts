import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  unlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const TAIL_BYTES = 64_000
const TAIL_LINES = 40
/** A program's output is truncated when a check finds more than this on the disk. */
const MAX_BYTES = 16_000_000
const SIZE_CHECK_MS = 1_000

/** Linux, open(2): a file without a name in the folder. Node does not export it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY

/** Opens a file without a name, so that a kill at any moment leaves nothing. */
function openNameless(folder: string): number {
  if (process.platform === 'linux') {
    try {
      return openSync(folder, O_TMPFILE | constants.O_RDWR | constants.O_APPEND, 0o600)
    } catch {
      // Not every file system can do it.
    }
  }
  const path = join(folder, `assets-${randomBytes(12).toString('hex')}`)
  const fd = openSync(path, 'ax+', 0o600)
  unlinkSync(path)
  return fd
}

/** Empty files that no program has open any more. Creating a file costs as much as the rest of this class. */
const spare: OutputFile[] = []

/**
 * The file that a program's stdout and stderr append to. It has no name, so nothing is left after a
 * kill. Unlike a pipe it needs no reader while the program runs, and its end does not wait for a
 * background process that keeps it open.
 */
export class OutputFile {
  readonly fd: number
  readonly #sizeCheck: NodeJS.Timeout

  /** An empty file. Throws the file system's error. */
  static acquire(): OutputFile {
    return spare.pop() ?? new OutputFile()
  }

  private constructor() {
    this.fd = openNameless(tmpdir())
    this.#sizeCheck = setInterval(() => this.#truncateIfLarge(), SIZE_CHECK_MS)
    this.#sizeCheck.unref()
  }

  /** The last lines. */
  tail(): string {
    const { size } = fstatSync(this.fd)
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
    const length = readSync(this.fd, bytes, 0, bytes.length, size - bytes.length)
    const text = bytes.toString('utf8', 0, length)
    return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
  }

  /** Call when the program has ended. `isStillOpen`: a background process of it may still write here. */
  release(isStillOpen: boolean): void {
    if (isStillOpen) {
      clearInterval(this.#sizeCheck)
      closeSync(this.fd)
    } else {
      if (fstatSync(this.fd).size > 0) ftruncateSync(this.fd)
      spare.push(this)
    }
  }

  #truncateIfLarge(): void {
    if (fstatSync(this.fd).size > MAX_BYTES) ftruncateSync(this.fd)
  }
}

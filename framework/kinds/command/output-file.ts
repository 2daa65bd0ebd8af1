import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const TAIL_BYTES = 64_000
const TAIL_LINES = 40
/** What a talkative program may leave on the disk before it is cut, and how often that is looked at. */
const MOST_BYTES = 16_000_000
const LOOK_MS = 1_000

/** Files that nobody can write to any more, for the programs to come: making one costs as much as all else here. */
const spare: Output[] = []

/**
 * Where a program writes what it has to say: a file that has no name any more, so that nothing has to be
 * read while it runs, nobody waits for whoever keeps it open, and nothing is left of it after a kill.
 * Both streams append to it as they come.
 */
export class Output {
  readonly fd: number
  readonly #looking: NodeJS.Timeout

  /** One that is empty. Throws the error of the disk. */
  static take(): Output {
    return spare.pop() ?? new Output()
  }

  private constructor() {
    const path = join(tmpdir(), `assets-${randomBytes(12).toString('hex')}`)
    this.fd = openSync(path, 'ax+', 0o600)
    unlinkSync(path)
    this.#looking = setInterval(() => this.#cut(), LOOK_MS)
    this.#looking.unref()
  }

  /** The last lines. */
  tail(): string {
    const { size } = fstatSync(this.fd)
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
    const length = readSync(this.fd, bytes, 0, bytes.length, size - bytes.length)
    const text = bytes.toString('utf8', 0, length)
    return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
  }

  /** Its program has ended; `isHeld` when something that this left running may still write here. */
  release(isHeld: boolean): void {
    if (isHeld) {
      clearInterval(this.#looking)
      closeSync(this.fd)
    } else {
      if (fstatSync(this.fd).size > 0) ftruncateSync(this.fd)
      spare.push(this)
    }
  }

  #cut(): void {
    if (fstatSync(this.fd).size > MOST_BYTES) ftruncateSync(this.fd)
  }
}

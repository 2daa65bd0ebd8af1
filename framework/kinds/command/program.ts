import { type ChildProcess, spawn } from 'node:child_process'

export interface Program {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborting ends the program and all it started. */
  readonly signal: AbortSignal
}

/** How a program ended. `tail` is the end of what it wrote, both streams as they came. */
export type Ended =
  | { readonly end: 'done' }
  | { readonly end: 'exit'; readonly code: number; readonly tail: () => string }
  | { readonly end: 'signal'; readonly signal: NodeJS.Signals; readonly tail: () => string }
  | { readonly end: 'cancelled'; readonly tail: () => string }
  /** It could not be started: `ENOENT` and its like. */
  | { readonly end: 'not_started'; readonly code: string; readonly message: string }

/** What a program gets between SIGTERM and SIGKILL, in milliseconds. */
const GRACE = 5_000
/** How long a stream may stay open after its program ended: a child of it may hold it for ever. */
const DRAIN = 500
const TAIL_BYTES = 64_000
const TAIL_LINES = 40

/**
 * Runs a program in a process group of its own and waits for its end. Uses `child_process` itself:
 * the cost of starting is what a thousand small commands consist of.
 */
export function runProgram({ argv, cwd, env, signal }: Program): Promise<Ended> {
  return new Promise((resolve) => {
    const [command, ...args] = argv
    let child: ChildProcess
    try {
      child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    } catch (error) {
      // An argument with a NUL in it, or one too long, is refused before anything starts.
      resolve(notStarted(error as NodeJS.ErrnoException))
      return
    }
    const output = new Tail()
    child.stdout?.on('data', output.add)
    child.stderr?.on('data', output.add)

    let killer: NodeJS.Timeout | undefined
    const stop = () => {
      killGroup(child, 'SIGTERM')
      killer = setTimeout(() => killGroup(child, 'SIGKILL'), GRACE)
    }
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()

    let drain: NodeJS.Timeout | undefined
    const finish = (ended: Ended) => {
      signal.removeEventListener('abort', stop)
      clearTimeout(killer)
      clearTimeout(drain)
      resolve(ended)
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) finish(notStarted(error))
    })
    child.once('exit', () => {
      // What it left behind when it was stopped must not go on writing.
      if (killer !== undefined) killGroup(child, 'SIGKILL')
      drain = setTimeout(() => {
        child.stdout?.destroy()
        child.stderr?.destroy()
      }, DRAIN)
    })
    child.once('close', (code, killedBy) => {
      if (child.pid === undefined) return
      if (killer !== undefined) finish({ end: 'cancelled', tail: output.text })
      else if (killedBy !== null) {
        finish({ end: 'signal', signal: killedBy, tail: output.text })
      } else if (code === 0) finish({ end: 'done' })
      else finish({ end: 'exit', code: code ?? -1, tail: output.text })
    })
  })
}

function notStarted(error: NodeJS.ErrnoException): Ended {
  return { end: 'not_started', code: error.code ?? 'unknown', message: error.message }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // The whole group is gone already.
  }
}

/** The last lines of an output of any length; text is made of it only when somebody asks. */
class Tail {
  readonly #chunks: Buffer[] = []
  #bytes = 0

  readonly add = (chunk: Buffer): void => {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes - (this.#chunks[0]?.length ?? 0) > TAIL_BYTES) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0
    }
  }

  readonly text = (): string => {
    const text = Buffer.concat(this.#chunks).subarray(-TAIL_BYTES).toString('utf8')
    return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n')
  }
}

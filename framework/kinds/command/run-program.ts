import { type ChildProcess, spawn } from 'node:child_process'
import { Output } from './output-file.ts'

export interface Program {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What its environment holds besides, or instead. */
  readonly own: Readonly<Record<string, string>>
  /** Aborting ends the program and all it started. */
  readonly signal: AbortSignal
}

/** How a program ended. `tail` is the end of what it wrote, both streams as they came. */
export type Ended =
  | { readonly end: 'done' }
  | { readonly end: 'exit'; readonly code: number; readonly tail: string }
  | { readonly end: 'signal'; readonly signal: NodeJS.Signals; readonly tail: string }
  | { readonly end: 'cancelled'; readonly tail: string }
  /** It could not be started: `ENOENT` and its like. */
  | { readonly end: 'not_started'; readonly code: string; readonly message: string }

/** What a program gets between SIGTERM and SIGKILL, in milliseconds. */
const GRACE = 5_000

/**
 * Runs a program in a process group of its own and waits for its end, not for that of what it leaves
 * running. Uses `child_process` itself: the cost of starting is what a thousand small commands consist of.
 */
export function runProgram({ argv, cwd, env, own, signal }: Program): Promise<Ended> {
  return new Promise((resolve) => {
    const [command, ...args] = argv
    let output: Output
    let child: ChildProcess | undefined
    try {
      output = Output.take()
    } catch (error) {
      resolve(notStarted(error as NodeJS.ErrnoException))
      return
    }
    let killer: NodeJS.Timeout | undefined
    const finish = (how: (tail: () => string) => Ended) => {
      signal.removeEventListener('abort', stop)
      clearTimeout(killer)
      const ended = how(() => output.tail())
      output.release(tellGroup(child, 0))
      resolve(ended)
    }
    const stop = () => {
      tellGroup(child, 'SIGTERM')
      killer = setTimeout(() => tellGroup(child, 'SIGKILL'), GRACE)
    }
    try {
      child = spawn(command, args, {
        cwd,
        env: { ...env, ...own },
        detached: true,
        stdio: ['ignore', output.fd, output.fd],
      })
    } catch (error) {
      // An argument with a NUL in it, or one too long, is refused before anything starts.
      finish(() => notStarted(error as NodeJS.ErrnoException))
      return
    }
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()

    const { pid } = child
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (pid === undefined) finish(() => notStarted(error))
    })
    child.once('exit', (code, killedBy) => {
      if (pid === undefined) return
      // What it left behind when it was stopped must not go on writing.
      if (killer !== undefined) tellGroup(child, 'SIGKILL')
      finish((tail) => {
        if (killer !== undefined) return { end: 'cancelled', tail: tail() }
        if (killedBy !== null) return { end: 'signal', signal: killedBy, tail: tail() }
        return code === 0 ? { end: 'done' } : { end: 'exit', code: code ?? -1, tail: tail() }
      })
    })
  })
}

function notStarted(error: NodeJS.ErrnoException): Ended {
  return { end: 'not_started', code: error.code ?? 'unknown', message: error.message }
}

/** Whether the program or anything of what it started was there to be told. */
function tellGroup(child: ChildProcess | undefined, signal: NodeJS.Signals | 0): boolean {
  if (child?.pid === undefined) return false
  try {
    return process.kill(-child.pid, signal)
  } catch {
    return false
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { OutputFile } from './output-file.ts'

export interface Program {
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Variables that are added to `env`, or replace some of it. */
  readonly extraEnv: Readonly<Record<string, string>>
  /** Aborting ends the program and everything that it started. */
  readonly signal: AbortSignal
}

/** How a program ended. `tail` is the end of its output, stdout and stderr interleaved. */
export type ProgramEnd =
  | { readonly end: 'done' }
  | { readonly end: 'exit'; readonly code: number; readonly tail: string }
  | { readonly end: 'signal'; readonly signal: NodeJS.Signals; readonly tail: string }
  | { readonly end: 'cancelled'; readonly tail: string }
  /** It could not be started. `code` is the system's: `ENOENT`. */
  | { readonly end: 'not_started'; readonly code: string; readonly message: string }

/** Milliseconds between SIGTERM and SIGKILL. */
const KILL_DELAY_MS = 5_000

/**
 * Runs a program in a new process group and waits until it exits, but not for background processes
 * that it leaves running. Uses `child_process` without a library, because a thousand small commands
 * spend most of their time on starting.
 */
export function runProgram({ argv, cwd, env, extraEnv, signal }: Program): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const [command, ...args] = argv
    let output: OutputFile
    let child: ChildProcess | undefined
    try {
      output = OutputFile.acquire()
    } catch (error) {
      resolve(notStarted(error as NodeJS.ErrnoException))
      return
    }
    let killer: NodeJS.Timeout | undefined
    const finish = (describe: (tail: () => string) => ProgramEnd) => {
      signal.removeEventListener('abort', stop)
      clearTimeout(killer)
      const ended = describe(() => output.tail())
      output.release(signalGroup(child, 0))
      resolve(ended)
    }
    const stop = () => {
      signalGroup(child, 'SIGTERM')
      killer = setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_DELAY_MS)
    }
    try {
      child = spawn(command, args, {
        cwd,
        env: { ...env, ...extraEnv },
        detached: true,
        stdio: ['ignore', output.fd, output.fd],
      })
    } catch (error) {
      // Node refuses an argument that is too long or has a NUL.
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
      // Background processes of a stopped program must not go on writing.
      if (killer !== undefined) signalGroup(child, 'SIGKILL')
      finish((tail) => {
        if (killer !== undefined) return { end: 'cancelled', tail: tail() }
        if (killedBy !== null) return { end: 'signal', signal: killedBy, tail: tail() }
        return code === 0 ? { end: 'done' } : { end: 'exit', code: code ?? -1, tail: tail() }
      })
    })
  })
}

function notStarted(error: NodeJS.ErrnoException): ProgramEnd {
  return { end: 'not_started', code: error.code ?? 'unknown', message: error.message }
}

/** Sends a signal to a program and everything that it started. False if none of that is running. */
function signalGroup(child: ChildProcess | undefined, signal: NodeJS.Signals | 0): boolean {
  if (child?.pid === undefined) return false
  try {
    return process.kill(-child.pid, signal)
  } catch {
    return false
  }
}

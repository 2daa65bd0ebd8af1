import { type ChildProcess, spawn } from 'node:child_process'
import { releaseGroup, signalGroup, spawnGroup } from '../../lib/process-groups.ts'
import { type ProcessId, startOf } from '../../lib/process-identity.ts'
import { OutputFile } from './output-file.ts'

export interface Program {
  /** The asset that it builds. */
  readonly asset: string
  readonly argv: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Variables that are added to `env`, or replace some of it. */
  readonly extraEnv: Readonly<Record<string, string>>
  /** Aborting ends the program and everything that it started. */
  readonly signal: AbortSignal
  /** Called when it has started, with the leader of its process group. */
  readonly onStart: (leader: ProcessId) => void
}

/** How a program ended. `tail` is the end of its output, stdout and stderr interleaved. */
export type ProgramEnd =
  | { readonly end: 'done' }
  | { readonly end: 'exit'; readonly code: number; readonly tail: string }
  | { readonly end: 'signal'; readonly signal: NodeJS.Signals; readonly tail: string }
  | { readonly end: 'cancelled'; readonly tail: string }
  /** The helper that ran it was killed, and so was the program. */
  | { readonly end: 'helper_lost' }
  /** It could not be started. `code` is the system's: `ENOENT`. */
  | { readonly end: 'not_started'; readonly code: string; readonly message: string }

/** Milliseconds between SIGTERM and SIGKILL. */
const KILL_DELAY_MS = 5_000

/**
 * Runs a program in a new process group, which does not outlive this process, and waits until it exits.
 * Background processes that it leaves running go on if it succeeded, and are ended if not. Uses
 * `child_process` without a library, because a thousand small commands spend most of their time on starting.
 */
export function runProgram(program: Program): Promise<ProgramEnd> {
  const { argv, cwd, env, extraEnv, signal, onStart } = program
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
      // What a program that did not succeed left must not go on writing beside its next attempt.
      const goesOn = signalGroup(child?.pid, ended.end === 'done' ? 0 : 'SIGKILL')
      if (child?.pid !== undefined) releaseGroup(child.pid)
      output.release(goesOn)
      resolve(ended)
    }
    const stop = () => {
      signalGroup(child?.pid, 'SIGTERM')
      killer = setTimeout(() => signalGroup(child?.pid, 'SIGKILL'), KILL_DELAY_MS)
    }
    try {
      const options = { cwd, env: { ...env, ...extraEnv }, detached: true }
      const { fd } = output
      child = spawnGroup(
        () => spawn(command, args, { ...options, stdio: ['ignore', fd, fd] }),
        extraEnv,
      )
    } catch (error) {
      // Node refuses an argument that is too long or has a NUL.
      finish(() => notStarted(error as NodeJS.ErrnoException))
      return
    }
    const { pid } = child
    if (pid !== undefined) onStart({ pid, started: startOf(pid) ?? 'unknown' })
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()

    child.once('error', (error: NodeJS.ErrnoException) => {
      if (pid === undefined) finish(() => notStarted(error))
    })
    child.once('exit', (code, killedBy) => {
      if (pid === undefined) return
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

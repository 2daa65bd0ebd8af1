import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Program, ProgramEnd } from './run-program.ts'

/** What all programs of one helper have in common; sent once, because an environment is large. */
export type ProgramContext = Pick<Program, 'cwd' | 'env'>

/** What this process sends to the helper. `context` is always first. */
export type HelperRequest =
  | { readonly request: 'context'; readonly context: ProgramContext }
  | {
      readonly request: 'run'
      readonly id: number
      readonly program: Pick<Program, 'argv' | 'extraEnv'>
    }
  | { readonly request: 'stop'; readonly id: number }

/** What the helper sends back. */
export type HelperReply =
  | { readonly reply: 'ready' }
  | { readonly reply: 'ended'; readonly id: number; readonly ended: ProgramEnd }

/** The helper's bundle: in the folder of this file's bundle, or in `dist/` when run from source. */
const ENTRY = import.meta.url.endsWith('.ts')
  ? new URL('../../../dist/command-helper.js', import.meta.url)
  : new URL('./command-helper.js', import.meta.url)

/**
 * This process's end of a helper: a child process that only starts programs (`helper-process.ts`).
 * Starting a program copies the memory map of the process that starts it, so a small process needs a
 * third of the time and does it in parallel with the journal's work (Node 20, Linux). The helper ends
 * its programs when this process is gone, even after a kill.
 */
export class HelperClient {
  readonly #child: ChildProcess
  readonly #context: ProgramContext
  readonly #running = new Map<number, (ended: ProgramEnd) => void>()
  #nextId = 1
  #state: 'starting' | 'ready' | 'gone' = 'starting'

  constructor({ cwd, env }: ProgramContext) {
    const context = { cwd, env }
    this.#context = context
    this.#child = fork(fileURLToPath(ENTRY), [], {
      // A terminal's Ctrl-C must reach programs only through this process.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    })
    this.#child.on('message', (message) => this.#receive(message as HelperReply))
    this.#child.on('error', () => this.#lose())
    this.#child.on('exit', () => this.#lose())
    this.#send({ request: 'context', context })
  }

  /** How many of its programs are running. */
  get busy(): number {
    return this.#running.size
  }

  get isReady(): boolean {
    return this.#state === 'ready'
  }

  /** Whether the helper can run this program now. */
  takes({ cwd, env }: Program): boolean {
    return this.isReady && cwd === this.#context.cwd && env === this.#context.env
  }

  run({
    argv,
    extraEnv,
    signal,
  }: Pick<Program, 'argv' | 'extraEnv' | 'signal'>): Promise<ProgramEnd> {
    const id = this.#nextId++
    const stop = () => this.#send({ request: 'stop', id })
    return new Promise((resolve) => {
      this.#running.set(id, (ended) => {
        signal.removeEventListener('abort', stop)
        resolve(ended)
      })
      this.#send({ request: 'run', id, program: { argv, extraEnv } })
      signal.addEventListener('abort', stop)
      if (signal.aborted) stop()
    })
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect()
  }

  #send(request: HelperRequest): void {
    if (this.#child.connected) this.#child.send(request, () => undefined)
  }

  #receive(message: HelperReply): void {
    if (message.reply === 'ready') {
      if (this.#state === 'starting') this.#state = 'ready'
      return
    }
    this.#running.get(message.id)?.(message.ended)
    this.#running.delete(message.id)
  }

  /** The helper was killed; its programs are lost with it. */
  #lose(): void {
    this.#state = 'gone'
    for (const finish of this.#running.values()) {
      finish({ end: 'signal', signal: 'SIGKILL', tail: '' })
    }
    this.#running.clear()
  }
}

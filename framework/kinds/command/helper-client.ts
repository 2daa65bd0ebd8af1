import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { endLeft, markOfThisProcess } from '../../lib/left-processes.ts'
import { type ProcessId, thisProcess } from '../../lib/process-identity.ts'
import type { Program, ProgramEnd } from './run-program.ts'

/** What all programs of one helper have in common; sent once, because an environment is large. */
export type ProgramContext = Pick<Program, 'cwd' | 'env'>

/** What is different for each program of a helper. */
export type HelperProgram = Pick<Program, 'asset' | 'argv' | 'extraEnv'>

/** What this process sends to the helper. `context` is always first. */
export type HelperRequest =
  | { readonly request: 'context'; readonly context: ProgramContext }
  | {
      readonly request: 'run'
      readonly id: number
      readonly program: HelperProgram
    }
  | { readonly request: 'stop'; readonly id: number }

/** What the helper sends back. */
export type HelperReply =
  | { readonly reply: 'ready' }
  | { readonly reply: 'started'; readonly id: number; readonly leader: ProcessId }
  | { readonly reply: 'ended'; readonly id: number; readonly ended: ProgramEnd }

/** A program that the helper runs. */
interface Running {
  readonly asset: string
  readonly onStart: Program['onStart']
  readonly finish: (ended: ProgramEnd) => void
  leader: ProcessId | null
}

/** The helper's bundle: in the folder of this file's bundle, or in `dist/` when run from source. */
const ENTRY = import.meta.url.endsWith('.ts')
  ? new URL('../../../dist/command-helper.js', import.meta.url)
  : new URL('./command-helper.js', import.meta.url)

/**
 * This process's end of a helper: a child process that only starts programs (`helper-process.ts`).
 * Starting a program copies the memory map of the process that starts it, so a small process needs a
 * third of the time and does it in parallel with the journal's work (Node 20, Linux). The helper ends
 * its programs when this process is gone, and this process ends them when the helper is gone.
 */
export class HelperClient {
  readonly #child: ChildProcess
  readonly #context: ProgramContext
  readonly #running = new Map<number, Running>()
  #nextId = 1
  #state: 'starting' | 'ready' | 'gone' = 'starting'

  constructor({ cwd, env }: ProgramContext) {
    const context = { cwd, env }
    this.#context = context
    this.#child = fork(fileURLToPath(ENTRY), [], {
      // A terminal's Ctrl-C must reach programs only through this process.
      detached: true,
      env: { ...process.env, ...markOfThisProcess() },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    })
    this.#child.on('message', (message) => this.#receive(message as HelperReply))
    this.#child.on('error', () => void this.#lose())
    this.#child.on('exit', () => void this.#lose())
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

  run(program: Omit<Program, keyof ProgramContext>): Promise<ProgramEnd> {
    const { asset, argv, extraEnv, signal, onStart } = program
    const id = this.#nextId++
    const stop = () => this.#send({ request: 'stop', id })
    return new Promise((resolve) => {
      const finish = (ended: ProgramEnd) => {
        signal.removeEventListener('abort', stop)
        resolve(ended)
      }
      this.#running.set(id, { asset, onStart, finish, leader: null })
      this.#send({ request: 'run', id, program: { asset, argv, extraEnv } })
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
    switch (message.reply) {
      case 'ready':
        if (this.#state === 'starting') this.#state = 'ready'
        return
      case 'started': {
        const running = this.#running.get(message.id)
        if (running === undefined) return
        running.leader = message.leader
        running.onStart(message.leader)
        return
      }
      case 'ended':
        this.#running.get(message.id)?.finish(message.ended)
        this.#running.delete(message.id)
    }
  }

  /** The helper was killed. Its programs are ended before they count as failed, so none is started twice. */
  async #lose(): Promise<void> {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    const lost = [...this.#running.values()]
    this.#running.clear()
    if (lost.length === 0) return
    const assets = new Set(lost.map(({ asset }) => asset))
    const groups = lost.flatMap(({ asset, leader }) =>
      leader === null ? [] : [[asset, leader] as const],
    )
    const concerns = (asset: string | null) => asset !== null && assets.has(asset)
    await endLeft({ by: thisProcess(), groups: new Map(groups), concerns }, setTimeout)
    for (const { finish } of lost) finish({ end: 'helper_lost' })
  }
}

import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Ended, Program } from './run-program.ts'

/** What the helper is told. `ground` comes first and is what all programs have in common. */
export type Told =
  | { readonly tell: 'ground'; readonly ground: Pick<Program, 'cwd' | 'env'> }
  | { readonly tell: 'run'; readonly id: number; readonly what: Pick<Program, 'argv' | 'own'> }
  | { readonly tell: 'stop'; readonly id: number }

/** What the helper answers: that it is there, and how programs ended. */
export type Answered =
  | { readonly answer: 'ready' }
  | { readonly answer: 'ended'; readonly id: number; readonly ended: Ended }

/** The bundled program of the helper: beside this file's bundle, or in `dist/` when run from source. */
const ENTRY = import.meta.url.endsWith('.ts')
  ? new URL('../../../dist/command-helper.js', import.meta.url)
  : new URL('./command-helper.js', import.meta.url)

/**
 * A process of its own that does nothing but start programs: `helper-entry.ts` is its other end. A start
 * copies the memory map of who starts, so it costs the more the more that one holds: a small process
 * starts in a third of the time, and beside the journal's work instead of after it (Node 20, Linux). When this
 * process is gone, however it went, the helper ends what it started.
 */
export class Helper {
  readonly #child: ChildProcess
  readonly #ground: Pick<Program, 'cwd' | 'env'>
  readonly #waiting = new Map<number, (ended: Ended) => void>()
  #next = 1
  #state: 'starting' | 'ready' | 'gone' = 'starting'

  constructor({ cwd, env }: Pick<Program, 'cwd' | 'env'>) {
    const ground = { cwd, env }
    this.#ground = ground
    this.#child = fork(fileURLToPath(ENTRY), [], {
      // A terminal's Ctrl-C reaches programs only through us.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    })
    this.#child.on('message', (message) => this.#take(message as Answered))
    this.#child.on('error', () => this.#lose())
    this.#child.on('exit', () => this.#lose())
    this.#send({ tell: 'ground', ground })
  }

  /** How many programs it has under way. */
  get busy(): number {
    return this.#waiting.size
  }

  get isReady(): boolean {
    return this.#state === 'ready'
  }

  /** Whether it can take this program now. */
  takes({ cwd, env }: Program): boolean {
    return this.isReady && cwd === this.#ground.cwd && env === this.#ground.env
  }

  run({ argv, own, signal }: Pick<Program, 'argv' | 'own' | 'signal'>): Promise<Ended> {
    const id = this.#next++
    const stop = () => this.#send({ tell: 'stop', id })
    return new Promise((resolve) => {
      this.#waiting.set(id, (ended) => {
        signal.removeEventListener('abort', stop)
        resolve(ended)
      })
      this.#send({ tell: 'run', id, what: { argv, own } })
      signal.addEventListener('abort', stop)
      if (signal.aborted) stop()
    })
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect()
  }

  #send(told: Told): void {
    if (this.#child.connected) this.#child.send(told, () => undefined)
  }

  #take(message: Answered): void {
    if (message.answer === 'ready') {
      if (this.#state === 'starting') this.#state = 'ready'
      return
    }
    this.#waiting.get(message.id)?.(message.ended)
    this.#waiting.delete(message.id)
  }

  /** Killed by somebody: what it had under way is lost with it. */
  #lose(): void {
    this.#state = 'gone'
    for (const answer of this.#waiting.values())
      answer({ end: 'signal', signal: 'SIGKILL', tail: '' })
    this.#waiting.clear()
  }
}

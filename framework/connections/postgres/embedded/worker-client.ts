import { Worker } from 'node:worker_threads'
import type { Answer, Failure, Order } from './worker-messages.ts'

/** PGlite said no, or its thread died. */
export class EngineError extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.message)
    this.name = 'EngineError'
    this.failure = failure
  }
}

/** A worker thread with one PGlite. It keeps the process alive only while it is asked something. */
export class Engine {
  readonly #worker: Worker
  #settle: ((answer: Answer) => void) | null = null
  #dead: Answer | null = null

  constructor(program: URL) {
    // Kept from our own output. A stream that is read would keep the process alive.
    const quiet = { stdout: true, stderr: true, stdin: false }
    this.#worker = new Worker(program, { ...quiet, execArgv: [] })
    this.#worker.on('message', (answer: Answer) => this.#answer(answer))
    this.#worker.on('error', (error) =>
      this.#die(error instanceof Error ? error.message : `${error}`),
    )
    this.#worker.on('exit', () => this.#die('the thread of the embedded PostgreSQL ended'))
    this.#worker.unref()
  }

  get dead(): boolean {
    return this.#dead !== null
  }

  /** Gives the committed snapshot afterwards. Throws `EngineError`. */
  async ask(order: Order): Promise<string> {
    if (this.#settle !== null) throw new Error('the engine is asked one thing at a time')
    this.#worker.ref()
    const answer = await new Promise<Answer>((resolve) => {
      this.#settle = resolve
      if (this.#dead !== null) this.#answer(this.#dead)
      else this.#worker.postMessage(order)
    })
    this.#worker.unref()
    if (answer.answer === 'failed') throw new EngineError(answer.failure)
    return answer.snapshot
  }

  /** Ends the thread at once. What was committed stays. */
  async kill(): Promise<void> {
    await this.#worker.terminate()
  }

  #answer(answer: Answer): void {
    const settle = this.#settle
    this.#settle = null
    settle?.(answer)
  }

  #die(message: string): void {
    this.#dead ??= { answer: 'failed', failure: { message, file: null, position: null } }
    this.#answer(this.#dead)
  }
}

import { Worker } from 'node:worker_threads'
import type { WorkerAnswer, WorkerFailure, WorkerRequest } from './worker-messages.ts'

/** PGlite reported an error, or its thread ended. */
export class WorkerError extends Error {
  readonly failure: WorkerFailure
  constructor(failure: WorkerFailure) {
    super(failure.message)
    this.name = 'WorkerError'
    this.failure = failure
  }
}

/** A worker thread with one PGlite. It keeps the process alive only during a request. */
export class WorkerClient {
  readonly #worker: Worker
  #resolve: ((answer: WorkerAnswer) => void) | null = null
  /** Set once the thread has ended: the answer to every later request. */
  #endedAnswer: WorkerAnswer | null = null

  constructor(program: URL) {
    // The thread's output is not shown. It must not be read either: that keeps the process alive.
    const quiet = { stdout: true, stderr: true, stdin: false }
    this.#worker = new Worker(program, { ...quiet, execArgv: [] })
    this.#worker.on('message', (answer: WorkerAnswer) => this.#answer(answer))
    this.#worker.on('error', (error) =>
      this.#ended(error instanceof Error ? error.message : `${error}`),
    )
    this.#worker.on('exit', () => this.#ended('the thread of the embedded PostgreSQL ended'))
    this.#worker.unref()
  }

  get hasEnded(): boolean {
    return this.#endedAnswer !== null
  }

  /** Returns the committed snapshot after the request. Throws `WorkerError`. */
  async send(request: WorkerRequest): Promise<string> {
    if (this.#resolve !== null) throw new Error('the worker handles one request at a time')
    this.#worker.ref()
    const answer = await new Promise<WorkerAnswer>((resolve) => {
      this.#resolve = resolve
      if (this.#endedAnswer !== null) this.#answer(this.#endedAnswer)
      else this.#worker.postMessage(request)
    })
    this.#worker.unref()
    if (answer.answer === 'failed') throw new WorkerError(answer.failure)
    return answer.snapshot
  }

  /** Ends the thread at once. Committed data stays. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #answer(answer: WorkerAnswer): void {
    const resolve = this.#resolve
    this.#resolve = null
    resolve?.(answer)
  }

  #ended(message: string): void {
    this.#endedAnswer ??= { answer: 'failed', failure: { message, file: null, position: null } }
    this.#answer(this.#endedAnswer)
  }
}

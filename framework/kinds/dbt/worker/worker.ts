import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Facts } from '../manifest/worker-manifest.ts'
import { redact, tail } from '../output-text.ts'

/** How the worker is to read the dbt project. Paths are absolute. */
export interface WorkerSettings {
  readonly project_dir: string
  readonly target_path: string
  /** null: dbt looks where it always does. */
  readonly profiles_dir: string | null
  /** The profile's output; null for its default. */
  readonly target: string | null
}

export interface WorkerStep {
  /** dbt's unique_id. */
  readonly node: string
  /** `schema.name` where the step expects its result; null for a test. */
  readonly relation: string | null
  readonly full: boolean
}

/** How dbt says a node ended. */
export interface NodeResult {
  readonly node: string
  readonly status: string
  readonly message: string | null
  readonly failures: number | null
  /** SQL as dbt compiled it; set where it failed. */
  readonly compiled?: string | null
  /** The file with the statement that dbt sent, relative to the project; set where it failed. */
  readonly written?: string | null
  /** The file with the query of a test; set where it failed. */
  readonly compiled_path?: string | null
  /** The unique_id whose failure made dbt leave it out. */
  readonly by?: string | null
}

/** What happens while dbt runs. `starting` holds the node back until it answers. */
export interface RunListener {
  starting(node: string): Promise<'go' | 'stop'>
  finished(result: NodeResult): void
}

export interface RunRequest {
  readonly steps: readonly WorkerStep[]
  readonly profile: string | null
  readonly env: Readonly<Record<string, string>>
  /** Builds in this room instead of the real place, once `prepare` was run: no hook runs. */
  readonly scratch?: {
    /** null: in the database of each node. */
    readonly database: string | null
    /** Stands before the schema of each node. */
    readonly prefix: string
    readonly prepare: readonly string[]
  }
}

/** Why a request came to nothing, in the worker's or dbt's words. `file` is relative to its package. */
export interface Trouble {
  readonly message: string
  /** The Python exception, or `died` when the worker is gone and `message` is the end of its stderr. */
  readonly type: string
  readonly file?: string | null
}

export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly trouble: Trouble }

type Message =
  | { readonly reply: number; readonly value: unknown }
  | { readonly reply: number; readonly error: Trouble }
  | { readonly event: 'ready' }
  | { readonly event: 'start'; readonly node: string }
  | ({ readonly event: 'finish' } & NodeResult)
  /** Something that nobody asked for failed: a hook of the project. */
  | { readonly event: 'trouble'; readonly message: string }

/**
 * A long-lived dbt in a process group of its own, so that a terminal's Ctrl-C reaches it only through
 * us; `worker.py` is its other end.
 */
export class Worker {
  readonly #child: ChildProcess
  readonly #secrets: readonly string[]
  readonly #waiting = new Map<number, (reply: Reply<unknown>) => void>()
  readonly #closed: Promise<void>
  #listener: RunListener | null = null
  #next = 1
  #noise = ''
  #dead: Trouble | null = null
  #trouble: Trouble | null = null

  constructor(options: {
    readonly python: string
    readonly cwd: string
    readonly env: Readonly<Record<string, string | undefined>>
    readonly secrets: readonly string[]
  }) {
    this.#secrets = options.secrets
    const script = fileURLToPath(new URL('./worker.py', import.meta.url))
    // Isolated: neither PYTHONPATH nor PYTHONDONTWRITEBYTECODE may change what or how it imports.
    this.#child = spawn(options.python, ['-I', script], {
      cwd: options.cwd,
      env: options.env,
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#noise = tail(this.#noise + text)
    })
    // A request to a dead worker is answered by its death.
    this.#child.stdin?.on('error', () => undefined)
    this.#read(this.#child.stdio[3] as Readable)
    this.#closed = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#die(error.message)
        resolve()
      })
      this.#child.on('close', () => {
        this.#die(this.#noise)
        resolve()
      })
    })
  }

  /** Reads the project; with `facts`, tells what is in it. Connects to nothing. */
  parse(settings: WorkerSettings, facts: true): Promise<Reply<Facts>>
  parse(settings: WorkerSettings, facts: false): Promise<Reply<null>>
  async parse(settings: WorkerSettings, facts: boolean): Promise<Reply<Facts | null>> {
    return (await this.#ask({ do: 'parse', settings, facts })) as Reply<Facts | null>
  }

  /** Builds and tests exactly these nodes. Trouble is an invocation that failed as a whole. */
  async run(request: RunRequest, listener: RunListener): Promise<Reply<null>> {
    this.#listener = listener
    this.#trouble = null
    const reply = await this.#ask({ do: 'run', ...request })
    this.#listener = null
    if (!reply.ok) return reply
    const trouble: Trouble | null = this.#trouble
    return trouble === null ? { ok: true, value: null } : { ok: false, trouble }
  }

  /** Runs one statement over a connection of its own, also while dbt runs. */
  async query(sql: string): Promise<readonly (readonly unknown[])[]> {
    const reply = await this.#ask({ do: 'query', sql })
    if (!reply.ok) throw new Error(redact(reply.trouble.message, this.#secrets))
    return reply.value as readonly (readonly unknown[])[]
  }

  /** Lets go of the warehouse; what was parsed stays. */
  async release(): Promise<void> {
    await this.#ask({ do: 'release' })
  }

  /** Ctrl-C for dbt: running statements are cancelled and the invocation ends. */
  interrupt(): void {
    this.#send({ do: 'cancel' })
  }

  get alive(): boolean {
    return this.#dead === null
  }

  /** Ends it; it lets go of everything at once. */
  async close(): Promise<void> {
    this.#child.stdin?.end()
    await this.#closed
  }

  #ask(request: Readonly<Record<string, unknown>>): Promise<Reply<unknown>> {
    if (this.#dead !== null) return Promise.resolve({ ok: false, trouble: this.#dead })
    const id = this.#next++
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#send({ id, ...request })
    })
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`)
  }

  #read(events: Readable): void {
    let rest = ''
    events.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#take(JSON.parse(line) as Message)
    })
  }

  #take(message: Message): void {
    if ('reply' in message) {
      const answer = this.#waiting.get(message.reply)
      this.#waiting.delete(message.reply)
      answer?.(
        'error' in message
          ? { ok: false, trouble: message.error }
          : { ok: true, value: message.value },
      )
      return
    }
    switch (message.event) {
      case 'ready':
        return
      case 'start':
        void this.#start(message.node)
        return
      case 'finish':
        this.#listener?.finished(message)
        return
      case 'trouble':
        this.#trouble ??= { type: 'hook', message: message.message }
        return
    }
  }

  async #start(node: string): Promise<void> {
    const answer = (await this.#listener?.starting(node)) ?? 'stop'
    this.#send({ do: 'ack', node, go: answer === 'go' })
  }

  #die(words: string): void {
    if (this.#dead !== null) return
    this.#dead = { type: 'died', message: words }
    for (const answer of this.#waiting.values()) answer({ ok: false, trouble: this.#dead })
    this.#waiting.clear()
  }
}

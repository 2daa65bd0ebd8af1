import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Json } from '../../../lib/json.ts'
import { markOfThisProcess } from '../../../lib/left-processes.ts'
import { redact, tail } from '../../../lib/output-text.ts'
import { releaseGroup, signalGroup, spawnGroup } from '../../../lib/process-groups.ts'
import { type ProcessId, startOf } from '../../../lib/process-identity.ts'
import type { DbtPlace, ViewStatement } from '../../../ports/warehouse.ts'
import type { ManifestFacts } from '../manifest/worker-manifest.ts'
import type { ProfileOutputs } from '../profile/choose-output.ts'
import type { OutputConnection } from '../profile/profile.ts'
import type { SourceAge } from '../source-freshness.ts'
import { parseWorkerMessage } from './worker-message.ts'

/** Which profile and output dbt uses. Paths are absolute. */
export interface OutputSettings {
  /** `--vars`. */
  readonly vars: Readonly<Record<string, Json>>
  readonly project_dir: string
  readonly profiles_dir: string
  /** null: the one that dbt takes. */
  readonly profile: string | null
  /** An output of the profile; null: the one that dbt takes. */
  readonly target: string | null
}

/** How the worker parses the dbt project. Paths are absolute. */
export interface WorkerSettings extends OutputSettings {
  readonly target_path: string
  /** `--select` and `--exclude`: which nodes are assets. */
  readonly select: readonly string[] | null
  readonly exclude: readonly string[]
}

/** The environment of a loan. */
export interface Connect {
  readonly env: Readonly<Record<string, string>>
}

/** A node to build or test, or a source whose age is asked. */
export interface WorkerStep {
  /** dbt's unique_id. */
  readonly node: string
  /** The relation that the build must write: `schema.name`; null for a test. */
  readonly relation: string | null
  /** Whether to build an incremental model in full. */
  readonly full: boolean
  /** The unique_ids of steps that must succeed first, whatever dbt knows of them. */
  readonly after: readonly string[]
}

/** A statement that may write to another relation than that of its node. It waits until `writing` resolves. */
export interface ForeignWrite {
  /** The unique_id of the node or of the hook of a project that sends it; null if dbt doesn't say. */
  readonly by: string | null
  /** The relations, in lower case and with repeats: `schema.name`, or less if the statement says less. null: any. */
  readonly relations: readonly string[] | null
}

/** dbt's result for a node. Paths are relative to the dbt project. */
export interface NodeResult {
  readonly node: string
  readonly status: string
  readonly message: string | null
  readonly failures: number | null
  /** The compiled SQL. Set on failure. */
  readonly compiled?: string | null
  /** The file with the SQL statement that dbt sent. Set on failure. */
  readonly statement_path?: string | null
  /** The file with the query of a test. Set on failure. */
  readonly compiled_path?: string | null
  /** Other relations that its hooks wrote, named as in `ForeignWrite`, and that nothing it is made of names. */
  readonly unread?: readonly string[]
  /** Of a source: how old its rows are. */
  readonly age?: SourceAge
  /** The unique_id of the failed node because of which dbt skipped this one. */
  readonly blocked_by?: string | null
}

/** Callbacks while dbt runs. A node waits until `starting` resolves; `stop` cancels it. */
export interface RunListener {
  starting(node: string): Promise<'go' | 'stop'>
  finished(result: NodeResult): void
  writing(write: ForeignWrite): Promise<void>
}

export interface RunRequest extends Connect {
  readonly steps: readonly WorkerStep[]
  /** Builds in a scratch schema instead, after running the statements of `prepare`. No project hook runs. */
  readonly scratch?: {
    /** null: the database of each node. */
    readonly database: string | null
    /** Prepended to the schema of each node. */
    readonly prefix: string
    /** For files of models; null if the warehouse has none. Absolute. */
    readonly folder: string | null
    readonly prepare: readonly string[]
  }
}

/** Why a request failed, as reported by dbt or the worker. `file` is relative to its package. */
export interface WorkerFailure {
  readonly message: string
  /**
   * The Python exception; `hook` if a hook of the project failed; `died` if the worker has exited, and
   * `message` is the end of its stderr.
   */
  readonly type: string
  readonly file?: string | null
}

export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: WorkerFailure }

/** How long to wait for the end of dbt's output when its process has exited, in milliseconds. */
const PIPE_TIMEOUT_MS = 1_000

/** A line of the worker. */
type WorkerMessage =
  | { readonly reply: number; readonly value: unknown }
  | { readonly reply: number; readonly error: WorkerFailure }
  | { readonly event: 'ready' }
  | { readonly event: 'start'; readonly node: string }
  | ({ readonly event: 'finish' } & NodeResult)
  | ({ readonly event: 'write'; readonly key: string } & ForeignWrite)
  | { readonly event: 'hook_failed'; readonly message: string }

/**
 * A long-lived dbt process. `worker.py` is its other end. It has its own process group, so that a
 * terminal's Ctrl-C reaches it only through this class.
 */
export class Worker {
  /** The leader of its process group; null if it could not be started. */
  readonly leader: ProcessId | null
  /** Resolves when dbt is imported, or when the process has ended. */
  readonly ready: Promise<void>
  readonly #child: ChildProcess
  readonly #secrets: () => readonly string[]
  readonly #pending = new Map<number, (reply: Reply<unknown>) => void>()
  readonly #closed: Promise<void>
  #listener: RunListener | null = null
  #nextId = 1
  #stderr = ''
  #death: WorkerFailure | null = null
  #hookFailure: WorkerFailure | null = null
  #becomeReady: () => void = () => {}

  constructor(options: {
    readonly python: string
    readonly cwd: string
    readonly env: Readonly<Record<string, string | undefined>>
    /** Known by now: some are learned from the worker itself. */
    readonly secrets: () => readonly string[]
  }) {
    this.#secrets = options.secrets
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve
    })
    const script = fileURLToPath(new URL('./worker.py', import.meta.url))
    // `-I`: PYTHONPATH and PYTHONDONTWRITEBYTECODE must not change what Python imports, or how.
    this.#child = spawnGroup(() =>
      spawn(options.python, ['-I', script], {
        cwd: options.cwd,
        env: { ...options.env, ...markOfThisProcess() },
        stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
        detached: true,
      }),
    )
    const { pid } = this.#child
    this.leader = pid === undefined ? null : { pid, started: startOf(pid) ?? 'unknown' }
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = tail(this.#stderr + text)
    })
    // `#die` answers requests to a worker that has exited.
    this.#child.stdin?.on('error', () => undefined)
    this.#read(this.#child.stdio[3] as Readable)
    this.#closed = new Promise((resolve) => {
      const end = (message: string) => {
        this.#die(message)
        resolve()
      }
      this.#child.on('error', (error) => end(error.message))
      this.#child.on('close', () => end(this.#stderr))
      this.#child.on('exit', () => {
        this.#endGroup()
        // A process that left the group may keep the pipes open for ever.
        setTimeout(() => end(this.#stderr), PIPE_TIMEOUT_MS).unref()
      })
    })
  }

  /** The outputs of the project's profile. */
  async outputs(settings: OutputSettings): Promise<Reply<ProfileOutputs>> {
    return (await this.#request({ do: 'outputs', settings })) as Reply<ProfileOutputs>
  }

  /** How dbt connects with an output, with its secrets. Connects to nothing. */
  async connection(settings: OutputSettings): Promise<Reply<OutputConnection>> {
    return (await this.#request({ do: 'connection', settings })) as Reply<OutputConnection>
  }

  /** Parses the project. Connects to nothing. */
  async parse(settings: WorkerSettings): Promise<Reply<null>> {
    return (await this.#request({ do: 'parse', settings })) as Reply<null>
  }

  /**
   * Parses the project and returns its manifest facts. They compare the profile with `place`, where dbt must
   * build; null: nothing is compared.
   */
  async facts(settings: WorkerSettings, place: DbtPlace | null): Promise<Reply<ManifestFacts>> {
    return (await this.#request({ do: 'facts', settings, place })) as Reply<ManifestFacts>
  }

  /** Installs the packages of the project, as `dbt deps` does. */
  async installPackages(settings: WorkerSettings): Promise<Reply<null>> {
    return (await this.#request({ do: 'deps', settings })) as Reply<null>
  }

  /** Builds and tests exactly these nodes. Fails if the invocation fails as a whole or a hook fails. */
  async run(request: RunRequest, listener: RunListener): Promise<Reply<null>> {
    this.#listener = listener
    this.#hookFailure = null
    const reply = await this.#request({ do: 'run', ...request })
    this.#listener = null
    if (!reply.ok) return reply
    const failure: WorkerFailure | null = this.#hookFailure
    return failure === null ? { ok: true, value: null } : { ok: false, failure }
  }

  /** Takes the environment of a loan. `run` does this itself; `setWords`, and a `query` before it, need it. */
  async connect(loan: Connect): Promise<Reply<null>> {
    return (await this.#request({ do: 'connect', ...loan })) as Reply<null>
  }

  /** Sets the comments of these nodes' relations. Returns the messages of those that failed, by node. */
  async setWords(
    steps: readonly Pick<WorkerStep, 'node' | 'relation'>[],
  ): Promise<Reply<Readonly<Record<string, string>>>> {
    const reply = await this.#request({ do: 'set_words', steps })
    return reply as Reply<Readonly<Record<string, string>>>
  }

  /** The statements that create the views of these nodes, by node, where dbt can say it. Sends none of them. */
  async viewStatements(
    steps: readonly Pick<WorkerStep, 'node' | 'relation'>[],
  ): Promise<Reply<Readonly<Record<string, ViewStatement>>>> {
    const reply = await this.#request({ do: 'view_statements', steps })
    return reply as Reply<Readonly<Record<string, ViewStatement>>>
  }

  /** Runs one statement on a separate connection, even while dbt runs. Throws if it fails. */
  async query(sql: string): Promise<readonly (readonly unknown[])[]> {
    const reply = await this.#request({ do: 'query', sql })
    if (!reply.ok) throw new Error(redact(reply.failure.message, this.#secrets()))
    return reply.value as readonly (readonly unknown[])[]
  }

  /** Closes all connections to the warehouse. The parsed project stays. */
  async release(): Promise<void> {
    await this.#request({ do: 'release' })
  }

  /** Cancels the running statements and ends the invocation, as Ctrl-C does for dbt. */
  interrupt(): void {
    this.#send({ do: 'cancel' })
  }

  get alive(): boolean {
    return this.#death === null
  }

  /** Ends the process at once; its connections close with it. */
  async close(): Promise<void> {
    this.#child.stdin?.end()
    await this.#closed
  }

  #request(request: Readonly<Record<string, unknown>>): Promise<Reply<unknown>> {
    if (this.#death !== null) return Promise.resolve({ ok: false, failure: this.#death })
    const id = this.#nextId++
    return new Promise((resolve) => {
      this.#pending.set(id, resolve)
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
      for (const line of lines) this.#receiveLine(line)
    })
  }

  /** What else writes to the worker's channel ends it: the line in its middle may be lost. */
  #receiveLine(line: string): void {
    const message = parseWorkerMessage(line) as WorkerMessage | null
    if (message !== null) {
      this.#receive(message)
      return
    }
    this.#die(`the worker sent what is not a message: ${line.slice(0, 200)}`)
    this.#child.kill('SIGKILL')
  }

  #receive(message: WorkerMessage): void {
    if ('reply' in message) {
      const resolve = this.#pending.get(message.reply)
      this.#pending.delete(message.reply)
      resolve?.(
        'error' in message
          ? { ok: false, failure: message.error }
          : { ok: true, value: message.value },
      )
      return
    }
    switch (message.event) {
      case 'ready':
        this.#becomeReady()
        return
      case 'start':
        void this.#start(message.node)
        return
      case 'finish':
        this.#listener?.finished(message)
        return
      case 'write':
        void this.#write(message)
        return
      case 'hook_failed':
        this.#hookFailure ??= { type: 'hook', message: message.message }
        return
    }
  }

  async #start(node: string): Promise<void> {
    const decision = (await this.#listener?.starting(node)) ?? 'stop'
    this.#send({ do: 'ack', key: node, go: decision === 'go' })
  }

  async #write({ key, by, relations }: ForeignWrite & { readonly key: string }): Promise<void> {
    await this.#listener?.writing({ by, relations })
    this.#send({ do: 'ack', key, go: true })
  }

  /** Nothing that a hook or a Python model started goes on without dbt. */
  #endGroup(): void {
    const { pid } = this.#child
    if (pid === undefined) return
    signalGroup(pid, 'SIGKILL')
    releaseGroup(pid)
  }

  #die(message: string): void {
    if (this.#death !== null) return
    this.#death = { type: 'died', message }
    this.#becomeReady()
    for (const resolve of this.#pending.values()) resolve({ ok: false, failure: this.#death })
    this.#pending.clear()
  }
}

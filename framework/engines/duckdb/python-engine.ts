import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { markOfThisProcess } from '../../lib/left-processes.ts'
import { connectionOf, type DuckdbEngine, type Rows } from './engine.ts'

/** The parts of a pipe to a child that keep this process alive. */
type Pipe = { ref(): void; unref(): void }

/** A request without its number. `duckdb_process.py` has a method for each `do`. */
type Request =
  | { readonly do: 'open'; readonly database: number; readonly path: string }
  | { readonly do: 'connect'; readonly database: number; readonly connection: number }
  | { readonly do: 'run'; readonly connection: number; readonly sql: string }
  | { readonly do: 'interrupt' | 'disconnect'; readonly connection: number }
  | { readonly do: 'close'; readonly database: number }

interface Reply {
  readonly id: number
  readonly rows?: Rows
  readonly error?: string
}

interface Waiting {
  readonly resolve: (rows: Rows) => void
  readonly reject: (error: Error) => void
}

const programs = new Map<string, PythonProgram>()

/**
 * Opens a DuckDB file (or `:memory:`) with the library of this Python, in a child process that ends with this
 * one. Behaves as `openDuckdb`. Rejects with DuckDB's own error, or with Python's if it does not start.
 */
export async function openDuckdbInPython(python: string, path: string): Promise<DuckdbEngine> {
  const known = programs.get(python)
  const program = known?.isAlive === true ? known : new PythonProgram(python)
  programs.set(python, program)
  return program.open(path)
}

/** One `duckdb_process.py`. It does not keep this process alive, unless a request is open. */
class PythonProgram {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #last = 0
  #errors = ''
  isAlive = true

  constructor(python: string) {
    const script = fileURLToPath(new URL('./duckdb_process.py', import.meta.url))
    const env = { ...process.env, ...markOfThisProcess() }
    this.#child = spawn(python, ['-I', script], { env, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.on('error', (error) => this.#end(error.message))
    this.#child.on('close', () => this.#end(this.#errors.trim()))
    // A write after its end fails with EPIPE; `close` tells why.
    this.#child.stdin!.on('error', () => undefined)
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#errors = (this.#errors + text).slice(-4_000)
    })
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#receive(line))
    this.#keepAlive(false)
  }

  async open(path: string): Promise<DuckdbEngine> {
    const database = ++this.#last
    await this.#send({ do: 'open', database, path })
    return {
      connect: async () => {
        const connection = ++this.#last
        await this.#send({ do: 'connect', database, connection })
        const quietly = (request: Request) => void this.#send(request).catch(() => undefined)
        return connectionOf({
          run: (sql) => this.#send({ do: 'run', connection, sql }),
          // Older versions of the package do not say it.
          progress: () => null,
          interrupt: () => quietly({ do: 'interrupt', connection }),
          close: () => quietly({ do: 'disconnect', connection }),
        })
      },
      close: async () => void (await this.#send({ do: 'close', database })),
    }
  }

  #send(request: Request): Promise<Rows> {
    if (!this.isAlive) return Promise.reject(new Error(this.#endText()))
    const id = ++this.#last
    this.#keepAlive(true)
    this.#child.stdin!.write(`${JSON.stringify({ id, ...request })}\n`)
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  #receive(line: string): void {
    const { id, rows, error } = JSON.parse(line) as Reply
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#keepAlive(false)
    if (error === undefined) waiting?.resolve(rows ?? [])
    else waiting?.reject(new Error(error))
  }

  #end(errors: string): void {
    this.#errors = errors
    this.isAlive = false
    for (const { reject } of this.#waiting.values()) reject(new Error(this.#endText()))
    this.#waiting.clear()
  }

  #endText(): string {
    const last = this.#errors.split('\n').at(-1) ?? ''
    return `the Python that has DuckDB open ended${last === '' ? '' : `: ${last}`}`
  }

  #keepAlive(keeps: boolean): void {
    const { stdin, stdout, stderr } = this.#child
    const parts: readonly Pipe[] = [this.#child, ...([stdin, stdout, stderr] as unknown as Pipe[])]
    for (const part of parts) {
      if (keeps) part.ref()
      else part.unref()
    }
  }
}

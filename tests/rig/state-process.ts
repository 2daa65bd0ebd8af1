import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { build } from 'esbuild'
import { REPOSITORY } from './cli.ts'
import type { Command } from './state-child.ts'

/** A child process that uses a state and can be killed at any time. */
export class StateProcess {
  readonly #child: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #reader: Interface

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#reader = createInterface({ input: child.stdout! })
    this.#lines = this.#reader[Symbol.asyncIterator]()
  }

  /** Bundles the program, once per test file. The bundle is where its packages are found. */
  static async program(): Promise<string> {
    const folder = join(REPOSITORY, 'node_modules', '.cache', 'assets-tests')
    mkdirSync(folder, { recursive: true })
    const outfile = join(folder, `state-child-${process.pid}.mjs`)
    await build({
      entryPoints: [join(REPOSITORY, 'tests', 'rig', 'state-child.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
    })
    return outfile
  }

  static start(program: string): StateProcess {
    return new StateProcess(
      spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
  }

  send(command: Command): void {
    this.#child.stdin!.write(`${JSON.stringify(command)}\n`)
  }

  /** The next line of its output, parsed as JSON. */
  async answer(): Promise<unknown> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('the process ended without an answer')
    return JSON.parse(value)
  }

  ask(command: Command): Promise<unknown> {
    this.send(command)
    return this.answer()
  }

  /** Sends SIGKILL and waits for the end. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
    this.#reader.close()
  }
}

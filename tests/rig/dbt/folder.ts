import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { main } from '../../../framework/cli/main.ts'
import { registries } from '../../../framework/registries.ts'

export type Env = Readonly<Record<string, string>>

/** How a command ended and what it printed. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A project in a temporary folder. Commands run in this process, on the real clock. */
export class DbtFolder {
  readonly root = mkdtempSync(join(tmpdir(), 'assets-dbt-'))
  readonly #python: string

  /** `python`: the folder of an environment with dbt. */
  constructor(python: string) {
    this.#python = python
  }

  /** Writes files; null removes one. `{ROOT}` in a text is the folder. */
  write(files: Readonly<Record<string, string | null>>): void {
    for (const [file, text] of Object.entries(files)) {
      const path = join(this.root, file)
      if (text === null) {
        rmSync(path, { force: true, recursive: true })
        continue
      }
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text.replaceAll('{ROOT}', this.root))
    }
  }

  /**
   * Runs a command line with exactly these variables, besides PATH and HOME. `signal` is its Ctrl-C. `cwd`: where
   * it is typed, if not in the folder itself.
   */
  async run(
    args: readonly string[],
    env: Env = {},
    signal: AbortSignal = new AbortController().signal,
    cwd: string = this.root,
  ): Promise<Ended> {
    let stdout = ''
    let stderr = ''
    const stream = (take: (text: string) => void) => ({
      write: (text: string) => take(text),
      isTTY: false,
      columns: undefined,
    })
    const { PATH = '', HOME = '' } = process.env
    const code = await main(args, {
      cwd,
      env: { PATH, HOME, NO_COLOR: '1', ASSETS_PYTHON_ENV: this.#python, ...env },
      stdout: stream((text) => {
        stdout += text
      }),
      stderr: stream((text) => {
        stderr += text
      }),
      clock: Date.now,
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      later: (milliseconds, call) => {
        const timer = setTimeout(call, milliseconds)
        return () => clearTimeout(timer)
      },
      random: Math.random,
      signal,
      registries,
    })
    return { code, stdout, stderr }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

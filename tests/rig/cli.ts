import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const LAUNCHER = join(REPOSITORY, 'framework', 'bin', 'assets')

/** How a command ended and what it printed. */
export interface CliResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Starts a command in a folder, with these variables besides those that every command needs. `detached`: as the
 * leader of a process group.
 */
export function launch(
  args: readonly string[],
  cwd: string,
  stdio: StdioOptions,
  env: Readonly<Record<string, string>> = {},
  detached = false,
): ChildProcess {
  const all = { ...cleanEnvironment(), ...env }
  return spawn(process.execPath, [LAUNCHER, ...args], { cwd, env: all, stdio, detached })
}

/** A project in a temporary folder. Commands run in it as child processes, as a user runs them. */
export class CliProject {
  readonly root: string
  readonly #env: Record<string, string>

  constructor(env: Record<string, string> = {}) {
    this.root = mkdtempSync(join(tmpdir(), 'assets-e2e-'))
    this.#env = env
  }

  /** The shipped DVD-rental project, as in a fresh clone. */
  static dvdRental(env: Record<string, string> = {}): CliProject {
    const place = new CliProject(env)
    for (const part of ['assets.yaml', 'assets', 'dbt']) {
      cpSync(join(REPOSITORY, part), join(place.root, part), {
        recursive: true,
        filter: (from) => !/\/dbt\/(target|logs)$/.test(from),
      })
    }
    return place
  }

  /**
   * A copy of another project, so that tests share its embedded source instead of making one each.
   */
  static copyOf(template: CliProject, env: Record<string, string>): CliProject {
    const place = new CliProject(env)
    cpSync(template.root, place.root, { recursive: true })
    return place
  }

  write(file: string, text: string): this {
    const path = join(this.root, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return this
  }

  path(file: string): string {
    return join(this.root, file)
  }

  /** Starts a command without waiting for its end, for tests that interrupt it. */
  start(args: readonly string[], env: Record<string, string> = {}): RunningCommand {
    return new RunningCommand(
      launch(args, this.root, ['ignore', 'pipe', 'pipe'], { ...this.#env, ...env }),
    )
  }

  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<CliResult> {
    return this.start(args).ended
  }

  /** Runs a verb with `--json` and parses its output. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const { stdout, stderr } = await this.run(...args, '--json')
    try {
      return JSON.parse(stdout) as T
    } catch {
      throw new Error(`assets ${args.join(' ')} --json gave no JSON:\n${stdout}\n${stderr}`)
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** A running command. */
export class RunningCommand {
  readonly child: ChildProcess
  readonly ended: Promise<CliResult>
  #stdout = ''
  #stderr = ''
  #watchers: { readonly text: string; readonly seen: () => void }[] = []

  constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#look()
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      this.#look()
    })
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr })
        for (const { seen } of this.#watchers.splice(0)) seen()
      })
    })
  }

  /** What it has printed so far to stdout. */
  get stdout(): string {
    return this.#stdout
  }

  /** Resolves when the command has printed the text, or has ended without printing it. */
  until(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.push({ text, seen: resolve })
      this.#look()
    })
  }

  #look(): void {
    const printed = this.#stdout + this.#stderr
    this.#watchers = this.#watchers.filter(({ text, seen }) => {
      if (!printed.includes(text)) return true
      seen()
      return false
    })
  }
}

/**
 * The environment variables that commands need, without those that would change their behaviour.
 */
export function cleanEnvironment(): Record<string, string> {
  const inherited = [
    'PATH',
    'HOME',
    'TMPDIR',
    'LANG',
    'PIP_INDEX_URL',
    'PIP_CONFIG_FILE',
    'UV_INDEX_URL',
  ]
  const all = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined &&
      (inherited.includes(name) ||
        /^(PIP|UV|SSL|REQUESTS|NODE_EXTRA|HTTPS?_PROXY|NO_PROXY|XDG|ASSETS_PYTHON)/i.test(name)),
  )
  return { ...(Object.fromEntries(all) as Record<string, string>), NO_COLOR: '1' }
}

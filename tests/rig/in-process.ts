import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Context } from '../../framework/cli/context.ts'
import { main } from '../../framework/cli/main.ts'
import { registries } from '../../framework/registries.ts'

/** 2026-03-02, a Monday, 02:00 in UTC. */
const START = Date.UTC(2026, 2, 2, 2)
const MINUTE = 60_000

/**
 * A project in a temporary folder. Commands run in it inside this process, with all real adapters. The
 * clock stands still during a command and moves a minute between commands, so that the output is the
 * same every time.
 */
export class InProcessProject {
  readonly root = mkdtempSync(join(tmpdir(), 'assets-desk-'))
  /**
   * Deadlines end this many times sooner. They run on the real clock, because they wait for real
   * programs and servers; tests of a deadline would otherwise take as long as the deadline.
   */
  speedup = 100
  /** Work is never slow, whatever the machine: a test that wants it sets the time. */
  slowAfter = 2 ** 31 - 1
  readonly #env: Readonly<Record<string, string>>
  readonly #answers: string | null
  #now = START

  /** `answers`: the user's answer to every question, or null when there is no terminal. */
  constructor(
    files: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
    answers: string | null = null,
  ) {
    this.#env = env
    this.#answers = answers
    for (const [file, text] of Object.entries(files)) this.write(file, text)
  }

  /** Writes a file of the project. */
  write(file: string, text: string): void {
    const path = join(this.root, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  /** Moves the clock. */
  pass(milliseconds: number): void {
    this.#now += milliseconds
  }

  /**
   * Runs a command line and returns a transcript: the command, stdout, stderr, and an exit code
   * other than 0.
   */
  async show(line: string): Promise<string> {
    const { stdout, stderr, code } = await this.#run(line)
    const output = [readable(stdout), stderr]
      .map((text) => text.trimEnd())
      .filter((text) => text !== '')
    return this.#plain(
      [`$ assets ${line}`, ...output, ...(code === 0 ? [] : [`exit ${code}`])].join('\n'),
    )
  }

  /** Runs a command line that prints a JSON document and ends with `exit`, and returns the document. */
  async json(line: string, exit = 0): Promise<unknown> {
    const { stdout, stderr, code } = await this.#run(line)
    if (code !== exit) throw new Error(`exit ${code}: ${stdout}${stderr}`)
    return JSON.parse(stdout)
  }

  async #run(line: string) {
    let stdout = ''
    let stderr = ''
    const answers = this.#answers
    const ask = async (question: string) => {
      stderr += `${question}${answers}\n`
      return answers ?? ''
    }
    this.pass(MINUTE)
    const code = await main(words(line), {
      ...this.context(
        (text) => {
          stdout += text
        },
        (text) => {
          stderr += text
        },
      ),
      person: async () => (answers === null ? null : ask),
    })
    return { stdout, stderr, code }
  }

  /** The surroundings of a command, without a terminal. */
  context(stdout: (text: string) => void, stderr: (text: string) => void): Context {
    const stream = (write: (text: string) => void) => ({ write, isTTY: false, columns: undefined })
    return {
      cwd: this.root,
      env: { PATH: process.env.PATH, TZ: 'UTC', NO_COLOR: '1', ...this.#env },
      stdout: stream(stdout),
      stderr: stream(stderr),
      clock: () => this.#now,
      sleep: () => Promise.resolve(),
      later: (milliseconds, call) => {
        const timer = setTimeout(call, milliseconds / this.speedup)
        return () => clearTimeout(timer)
      },
      slowAfter: this.slowAfter,
      random: () => 0.5,
      signal: new AbortController().signal,
      registries,
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  #plain(text: string): string {
    return (
      text
        .replaceAll(this.root, '<root>')
        .replaceAll(hostname(), '<host>')
        // Every shell words this message differently.
        .replaceAll(/^( *)(?:\/\S+\/)?(?:sh|bash|dash|zsh): .*not found$/gm, '$1<shell>: not found')
        .replaceAll(new RegExp(`\\b${process.pid}\\b`, 'g'), '<pid>')
        .replaceAll(process.version, '<node>')
        .replaceAll(/\d[\d.]* [KMGT]?B(?= free|, writable)/g, '<size>')
    )
  }
}

const LONGEST = 120

/** A JSON document, indented. A very long one is cut. */
function readable(text: string): string {
  if (!/^\{.*\}\n$/.test(text)) return text
  const lines = JSON.stringify(JSON.parse(text), null, 2).split('\n')
  return lines.length <= LONGEST
    ? lines.join('\n')
    : [...lines.slice(0, 20), `… ${lines.length - 20} more lines`].join('\n')
}

/** Splits a command line into words. Only single quotes are supported. */
function words(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|[^\s']+/g)].map(([word, quoted]) => quoted ?? word)
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { main } from '../../framework/cli/main.ts'
import { registries } from '../../framework/registries.ts'

/** 2026-03-02, a Monday, 02:00 in UTC. */
const START = Date.UTC(2026, 2, 2, 2)
const MINUTE = 60_000
/**
 * A project in a folder of its own and the command line run in it within this process, with every
 * adapter there is. Its clock stands still during a command and moves a minute between two, so that
 * what commands print is the same every time.
 */
export class InProcessProject {
  readonly root = mkdtempSync(join(tmpdir(), 'assets-desk-'))
  /** How much shorter it waits before a retry, and for what takes too long. */
  speedup = 100
  readonly #env: Readonly<Record<string, string>>
  readonly #answers: string | null
  #now = START

  /** `answers`: what somebody at the terminal says to every question; null when nobody sits there. */
  constructor(
    files: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
    answers: string | null = null,
  ) {
    this.#env = env
    this.#answers = answers
    for (const [file, text] of Object.entries(files)) this.write(file, text)
  }

  write(file: string, text: string): void {
    const path = join(this.root, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds
  }

  /** Runs one command line and shows it as a terminal would, results before what was said besides. */
  async show(line: string): Promise<string> {
    let stdout = ''
    let stderr = ''
    const stream = (take: (text: string) => void) => ({
      write: (text: string) => take(text),
      isTTY: false,
      columns: undefined,
    })
    const answers = this.#answers
    const ask = async (question: string) => {
      stderr += `${question}${answers}\n`
      return answers ?? ''
    }
    this.pass(MINUTE)
    const code = await main(words(line), {
      cwd: this.root,
      env: { PATH: process.env.PATH, TZ: 'UTC', NO_COLOR: '1', ...this.#env },
      stdout: stream((text) => {
        stdout += text
      }),
      stderr: stream((text) => {
        stderr += text
      }),
      clock: () => this.#now,
      sleep: () => Promise.resolve(),
      later: (milliseconds, call) => {
        const timer = setTimeout(call, milliseconds / this.speedup)
        return () => clearTimeout(timer)
      },
      random: () => 0.5,
      signal: new AbortController().signal,
      person: async () => (answers === null ? null : ask),
      registries,
    })
    const said = [readable(stdout), stderr]
      .map((text) => text.trimEnd())
      .filter((text) => text !== '')
    return this.#plain(
      [`$ assets ${line}`, ...said, ...(code === 0 ? [] : [`exit ${code}`])].join('\n'),
    )
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  #plain(text: string): string {
    return (
      text
        .replaceAll(this.root, '<root>')
        .replaceAll(hostname(), '<host>')
        // Each shell has its own words for it.
        .replaceAll(/^( *)(?:\/\S+\/)?(?:sh|bash|dash|zsh): .*not found$/gm, '$1<shell>: not found')
        .replaceAll(new RegExp(`\\b${process.pid}\\b`, 'g'), '<pid>')
        .replaceAll(process.version, '<node>')
        .replaceAll(/\d[\d.]* [KMGT]?B(?= free|, may be)/g, '<size>')
    )
  }
}

const LONGEST = 120

/** A document of one line, over several; of a very long one the beginning. */
function readable(text: string): string {
  if (!/^\{.*\}\n$/.test(text)) return text
  const lines = JSON.stringify(JSON.parse(text), null, 2).split('\n')
  return lines.length <= LONGEST
    ? lines.join('\n')
    : [...lines.slice(0, 20), `… ${lines.length - 20} more lines`].join('\n')
}

/** A command line as a shell splits it, with single quotes only. */
function words(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|[^\s']+/g)].map(([word, quoted]) => quoted ?? word)
}

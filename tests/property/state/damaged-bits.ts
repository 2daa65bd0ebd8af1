import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { main } from '../../../framework/cli/main.ts'
import { InProcessProject } from '../../rig/in-process.ts'
import { Random } from '../random.ts'

const MANY = 110

/** Assets of every kind of fact that the state holds, and enough of them that a run writes a record snapshot. */
const YAML = `version: 1
project: bits
default_target: local
targets: {local: {}}
defaults: {kind: command}
assets:
  ext: {kind: external, path: ext.txt}
  a: {run: "cp ext.txt a.txt", outputs: [a.txt], deps: [ext]}
  b: {run: "cp a.txt b.txt", outputs: [b.txt], deps: [a]}
  edited: {run: "cp a.txt edited.txt", outputs: [edited.txt], deps: [a]}
  below: {run: "cp edited.txt below.txt", outputs: [below.txt], deps: [edited]}
  forced: {run: "test ! -e stop && echo 1 > forced.txt", outputs: [forced.txt]}
  failing: {run: "test ! -e stop && echo 2 > failing.txt", outputs: [failing.txt], retries: 0}
  aged: {run: "echo 3 > aged.txt", outputs: [aged.txt], freshness: {max_age: 10h}}
  again: {run: "echo 4 > again.txt", outputs: [again.txt]}
${Array.from({ length: MANY }, (_, n) => `  m${n}: {run: [touch, m${n}.txt], outputs: [m${n}.txt]}`).join('\n')}
`

/** The commands that read a damaged state, in turn. */
const COMMANDS = [
  ['status', '--offline', '--json'],
  ['runs'],
  ['status', '--offline', '--json'],
  ['why', 'below', '--offline'],
  ['status', '--offline', '--json', 'b', 'edited', 'forced', 'aged'],
  ['runs', '1'],
] as const

/** What a command may say of a damaged state instead of an answer. */
const REFUSALS =
  /"code":"(state-(corrupted|newer|unwritable)|unknown-run)"|the state in \S+ (is damaged|is not writable|was written by a newer)|there is no run/

interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Counts of flips, and the first lines about those that ended in a wrong way. */
export interface Flips {
  answered: number
  refused: number
  readonly wrong: string[]
}

/** A real state that is damaged one bit at a time. */
export class DamagedBits {
  readonly #project = new InProcessProject({ 'assets.yaml': YAML, 'ext.txt': 'x' })
  readonly #file = join(this.#project.root, '.assets/state.sqlite')
  #intact = Buffer.alloc(0)
  #fresh: ReadonlySet<string> = new Set()

  /** Builds everything, and then leaves an edited file, a failed and a forced asset, and one that is too old. */
  async build(): Promise<void> {
    const project = this.#project
    await this.#must('materialize', '--threads', '2')
    project.write('ext.txt', 'y')
    await this.#must('materialize', 'b')
    project.write('edited.txt', 'z')
    project.pass(11 * 3_600_000)
    await this.#must('materialize', 'again', '--force')
    project.write('stop', '')
    await this.#run('materialize', 'failing', 'forced', '--force')
    await this.#must('status')
    this.#intact = readFileSync(this.#file)
    this.#fresh = freshIn(await this.#must('status', '--offline', '--json'))
  }

  get bits(): number {
    return this.#intact.length * 8
  }

  /** The names that are fresh without damage. */
  get fresh(): ReadonlySet<string> {
    return this.#fresh
  }

  /**
   * Flips bits one at a time, each in the undamaged file, mostly where the file has bytes, and often close to the names of
   * assets that are stale.
   */
  async flip(count: number, seed: number): Promise<Flips> {
    const random = new Random(seed)
    const hot = this.#closeToStale()
    const used = [...this.#intact.keys()].filter((at) => this.#intact[at] !== 0)
    const flips: Flips = { answered: 0, refused: 0, wrong: [] }
    for (let n = 0; n < count; n += 1) {
      const at = random.chance(0.4)
        ? random.pick(hot)!
        : random.chance(0.75)
          ? random.pick(used)!
          : random.below(this.#intact.length)
      const bit = random.below(8)
      const command = COMMANDS[n % COMMANDS.length]!
      const end = await this.#withFlip(at, bit, command)
      if (end === 'answered' || end === 'refused') flips[end] += 1
      else flips.wrong.push(`byte ${at}, bit ${bit}, ${command.join(' ')}: ${end}`)
    }
    return flips
  }

  remove(): void {
    this.#project.remove()
  }

  #closeToStale(): readonly number[] {
    const close: number[] = []
    for (const name of ['edited', 'forced', 'failing', 'aged']) {
      const at = (from: number) => this.#intact.indexOf(name, from)
      for (let found = at(0); found >= 0; found = at(found + 1)) {
        for (let byte = found - 20; byte < found + 60; byte += 1) close.push(byte)
      }
    }
    return close
  }

  async #withFlip(at: number, bit: number, command: readonly string[]): Promise<string> {
    const bytes = Buffer.from(this.#intact)
    bytes[at]! ^= 1 << bit
    for (const part of ['', '-wal', '-shm']) rmSync(this.#file + part, { force: true })
    writeFileSync(this.#file, bytes)
    let answer: Answer
    try {
      answer = await this.#run(...command)
    } catch (error) {
      return `threw ${error instanceof Error ? error.stack : error}`
    }
    const { code, stdout, stderr } = answer
    if (/bug|\n {4}at /.test(stderr)) return `exit ${code}: ${stderr}`
    if (code !== 0) {
      return REFUSALS.test(stdout + stderr) ? 'refused' : `exit ${code}: ${stdout}${stderr}`
    }
    if (command[0] !== 'status') return 'answered'
    const risen = [...freshIn(answer)].filter((name) => !this.#fresh.has(name))
    return risen.length === 0 ? 'answered' : `is fresh: ${risen.join(', ')}`
  }

  async #must(...args: readonly string[]): Promise<Answer> {
    const answer = await this.#run(...args)
    if (answer.code !== 0) throw new Error(answer.stdout + answer.stderr)
    return answer
  }

  async #run(...args: readonly string[]): Promise<Answer> {
    const out = { stdout: '', stderr: '' }
    this.#project.pass(60_000)
    const code = await main(
      args,
      this.#project.context(
        (text) => {
          out.stdout += text
        },
        (text) => {
          out.stderr += text
        },
      ),
    )
    return { code, ...out }
  }
}

function freshIn({ stdout }: Answer): ReadonlySet<string> {
  const { assets } = JSON.parse(stdout) as {
    assets: readonly { readonly name: string; readonly verdict: string }[]
  }
  return new Set(assets.flatMap(({ name, verdict }) => (verdict === 'fresh' ? [name] : [])))
}

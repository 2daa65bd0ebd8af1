import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadProject } from '../../framework/config/index.ts'
import { createKind } from '../../framework/kinds/command/index.ts'
import { hash } from '../../framework/lib/hash.ts'
import type { Asset } from '../../framework/model/asset.ts'
import type { Result } from '../../framework/model/problem.ts'
import type { Materialization } from '../../framework/model/record.ts'
import { NO_OUTCOMES } from '../../framework/model/step.ts'
import type { Site } from '../../framework/ports/site.ts'
import type { Change } from '../../framework/ports/state.ts'
import { create } from '../../framework/state/sqlite/index.ts'

/** The shape of a graph. `reads(n)` has the numbers of the inputs of asset n, all lower than n. */
export interface Shape {
  readonly size: number
  readonly files: number
  readonly reads: (n: number) => readonly number[]
}

/** Every asset has two inputs: one with a close number and one with a much lower number. */
export function lattice(size: number, files: number): Shape {
  const reads = (n: number) =>
    n < 2 ? [] : [...new Set([n - 1 - ((n * 7919) % Math.min(n, 1000)), (n * 5) >> 3])]
  return { size, files, reads }
}

export const nameOf = (n: number) => `asset_${String(n).padStart(6, '0')}`

const outputOf = (n: number) => `out/${Math.floor(n / 1000)}/${nameOf(n)}.txt`
const CODE = 'code/build.py'
/** A modification time so old that it is trusted. */
const THEN = new Date(Date.UTC(2026, 0, 1))

/**
 * A project of `command` assets in a temporary folder, all of them built: YAML files, outputs, records,
 * and optionally the same graph for ninja.
 */
export class WideProject {
  readonly root = mkdtempSync(join(tmpdir(), 'assets-wide-'))
  readonly shape: Shape
  #edits = 0

  constructor(shape: Shape) {
    this.shape = shape
  }

  /**
   * Writes the project. `ninja`: also writes what ninja needs, which includes every output file.
   */
  async make(options: { readonly ninja: boolean }): Promise<void> {
    this.#write('assets.yaml', 'version: 1\nproject: wide\ninclude: [assets/*.yaml]\n')
    this.#write(CODE, 'print(1)\n')
    for (let file = 0; file < this.shape.files; file++) this.writeYaml(file, 'unchanged')
    if (options.ninja) this.#makeNinja()
    await this.#record()
  }

  /** Changes the code of one asset, in one YAML file. */
  edit(): void {
    this.#edits += 1
    this.writeYaml(this.shape.files >> 1, `edit ${this.#edits}`)
  }

  writeYaml(file: number, remark: string): void {
    const { size, files, reads } = this.shape
    const each = Math.ceil(size / files)
    const lines = [`defaults: {kind: command, group: group_${file}}`, 'assets:']
    for (let n = file * each; n < Math.min(size, (file + 1) * each); n++) {
      const last = n === file * each ? remark : 'unchanged'
      lines.push(
        `  ${nameOf(n)}:`,
        `    deps: [${reads(n).map(nameOf).join(', ')}]`,
        `    run: [python3, ${CODE}, ${nameOf(n)}, "${last}"]`,
        `    code: [${CODE}]`,
        `    outputs: [${outputOf(n)}]`,
      )
    }
    this.#write(`assets/${String(file).padStart(3, '0')}.yaml`, `${lines.join('\n')}\n`)
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  /**
   * A build file and log with which ninja finds everything built. `generator` makes it compare
   * times only.
   */
  #makeNinja(): void {
    const { size, reads } = this.shape
    const rules = ['rule build', `  command = python3 ${CODE} $name`, '  generator = 1']
    const log = ['# ninja log v7']
    for (let n = 0; n < size; n++) {
      if (n % 1000 === 0) mkdirSync(dirname(join(this.root, outputOf(n))), { recursive: true })
      const path = join(this.root, outputOf(n))
      writeFileSync(path, `${nameOf(n)}\n`)
      const at = new Date(THEN.getTime() + n)
      utimesSync(path, at, at)
      const from = reads(n).map(outputOf).join(' ')
      rules.push(`build ${outputOf(n)}: build ${from} | ${CODE}`, `  name = ${nameOf(n)}`)
      log.push(`0\t1\t${BigInt(at.getTime()) * 1_000_000n}\t${outputOf(n)}\t${n.toString(16)}`)
    }
    utimesSync(join(this.root, CODE), THEN, THEN)
    this.#write('build.ninja', `${rules.join('\n')}\n`)
    this.#write('.ninja_log', `${log.join('\n')}\n`)
  }

  /** Writes the records of a run that built everything. */
  async #record(): Promise<void> {
    const { root } = this
    const declaration = async () =>
      (await import('../../framework/kinds/command/declaration.ts')).declaration
    const none = async () => ({ fields: {} })
    const kinds = { airbyte: none, dbt: none, extract: none, external: none, command: declaration }
    const declarations = { kinds, warehouses: {}, connections: {}, states: { sqlite: none } }
    const project = must(
      await loadProject({ root, cache: null, build: 'bench', declarations: declarations as never }),
    )
    const site = {
      ...{ root, project, env: {}, clock: Date.now, home: join(root, '.assets') },
      target: { ...project.targets.local!, secrets: [] },
    } as unknown as Site
    const { definitions } = await createKind().define(project.assets.all, site)
    const settings = { type: 'sqlite', settings: {}, at: { file: 'assets.yaml', path: [] } }
    const state = must(await create(settings, { root, clock: Date.now }))
    const lease = must(
      await state.acquire({ target: 'local', command: 'assets materialize', job: null }),
    )
    if (lease.busy) throw new Error('the lease of a new state is busy')
    const record = (asset: Asset, n: number): Materialization => ({
      ...{ asset: asset.name, run: lease.run, startedAt: THEN.getTime() + n, how: 'built' },
      finishedAt: THEN.getTime() + n + 500,
      codeVersion: definitions.get(asset.name)!.codeVersion,
      parts: definitions.get(asset.name)!.parts,
      inputs: asset.deps.map((name) => ({ name, version: versionOf(name), shape: null })),
      dataVersion: versionOf(asset.name),
      ...{ shape: null, installed: null, rows: null, bytes: 13, source: null, reference: null },
      token: `13:${THEN.getTime() + n}:${THEN.getTime() + n}.25:${n}`,
    })
    for (let from = 0; from < project.assets.size; from += 1_000) {
      const page = project.assets.all.slice(from, from + 1_000)
      const changes = page.map(
        (asset, k): Change => ({ change: 'commit', record: record(asset, from + k) }),
      )
      must(await lease.write(changes))
    }
    const counts = { ...NO_OUTCOMES, built: this.shape.size }
    must(await lease.release({ outcome: 'succeeded', counts }))
    await state.close()
  }

  #write(file: string, text: string): void {
    const path = join(this.root, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}

const versionOf = (name: string) => `f:${hash(name)}${hash('more', name)}`

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problems[0]!.message)
  return result.value
}

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { REPOSITORY } from '../rig/cli.ts'
import { sharedPython } from '../rig/python.ts'
import { alternate, median, resultLine, secondsOf } from './measure.ts'
import { lattice, WideProject } from './wide-project.ts'

// How `status` scales with the number of assets. At 1,000 assets it is compared with an empty Node
// program, at 100,000 with ninja that has nothing to do on the same graph. The environment variable
// NINJA may name ninja's program.

const BUNDLE = join(REPOSITORY, 'dist', 'main.js')
const ROUNDS = 9
const SIZES = [1_000, 10_000, 100_000] as const
const EACH_FILE = 1_000
/**
 * A file that changed less than a second ago is hashed on every command, because its modification time
 * cannot prove it unchanged. The benchmark waits until that is over: file times have no virtual clock.
 */
const FILE_TIME_TRUST_MS = 1_100

const nothing = () => secondsOf(process.execPath, ['-e', '0'])

export async function benchScale(print: (line: string) => void): Promise<void> {
  const ninja = findNinja()
  if (ninja === null) print('ninja: skipped, it is neither in NINJA nor on PATH')
  const table: string[] = []
  let before: number | null = null
  for (const size of SIZES) {
    const project = new WideProject(lattice(size, Math.ceil(size / EACH_FILE)))
    try {
      await project.make({ ninja: ninja !== null })
      const status = () => assets(project.root, 'status', '--offline')
      await status()
      await untilFileTimesAreTrusted()
      await status()
      const against = await alternate(ROUNDS, status, nothing)
      const name = `status --offline, ${size.toLocaleString('en')} assets`
      print(resultLine(name, 'node -e 0', size === 1_000 ? 1.7 : null, against))
      const memory = await peak(project.root, 'status', '--offline')
      // The last measurement of this project, because it edits files.
      if (ninja !== null && size === 100_000) await againstNinja(project, ninja, print)
      const own = against.ours - against.peer
      const growth = before === null ? '' : `× ${(own / before).toFixed(1)}`
      table.push(
        `${size.toLocaleString('en').padStart(9)}   ${(own * 1000).toFixed(0).padStart(6)} ms more than node -e 0   ${growth.padEnd(8)} ${memory} MB`,
      )
      before = own
    } finally {
      project.remove()
    }
  }
  print('growth (each row has ten times the assets; linear growth is × 10)')
  for (const row of table) print(`  ${row}`)
}

async function againstNinja(project: WideProject, ninja: string, print: (line: string) => void) {
  const { root } = project
  const idle = () => secondsOf(ninja, [], { cwd: root })
  const status = () => assets(root, 'status', '--offline')
  await idle()
  print(
    resultLine(
      '  status --offline, nothing changed',
      'ninja',
      0.35,
      await alternate(ROUNDS, status, idle),
    ),
  )
  const edited = async () => {
    project.edit()
    return status()
  }
  const one = await alternate(ROUNDS, edited, idle)
  print(resultLine('  status --offline, one file of 100 changed', 'ninja', 1, one))
}

const MODELS = 1_000

/**
 * An unchanged dbt project of 1,000 models, with every model in assets.yaml and with none: `check`,
 * and `status --offline` after everything was built, repeated and found out anew. The first `check` parses; its peer
 * is `dbt parse`.
 */
export async function benchManyModels(print: (line: string) => void): Promise<void> {
  const python = await sharedPython()
  const env = { ...process.env, ASSETS_PYTHON_ENV: python }
  for (const models of ['declared', 'all'] as const) {
    const root = mkdtempSync(join(tmpdir(), 'assets-models-'))
    try {
      writeModels(root, MODELS, models)
      const ours = (...args: readonly string[]) =>
        secondsOf(process.execPath, [BUNDLE, ...args], { cwd: root, env })
      const first = await ours('check')
      await untilFileTimesAreTrusted()
      const compare = async (limit: number, ...args: readonly string[]) => {
        await ours(...args)
        const against = await alternate(ROUNDS, () => ours(...args), nothing)
        const name = `${args.join(' ')}, ${MODELS.toLocaleString('en')} dbt models (${models})`
        print(resultLine(name, 'node -e 0', limit, against))
      }
      await compare(3, 'check')
      const parse = ['parse', '--no-partial-parse', '--quiet', '--profiles-dir', '.']
      const dbt = await secondsOf(join(python, 'bin/dbt'), parse, { cwd: join(root, 'dbt'), env })
      print(`  the first check took ${first.toFixed(1)} s; dbt parse takes ${dbt.toFixed(1)} s`)
      print(`  materialize took ${(await ours('materialize')).toFixed(1)} s`)
      await untilFileTimesAreTrusted()
      await compare(2, 'status', '--offline')
      const anew = await alternate(
        ROUNDS,
        () => {
          rmSync(join(root, '.assets/cache/status-local-offline.json'))
          return ours('status', '--offline')
        },
        nothing,
      )
      print(resultLine('  without its last answer', 'node -e 0', null, anew))
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  }
}

/** Writes models that read up to two earlier models each, and a not_null test for each. */
function writeModels(root: string, count: number, models: 'declared' | 'all'): void {
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const name = (n: number) => `model_${String(n).padStart(4, '0')}`
  const reads = (n: number) => (n < 2 ? [] : [n - 1 - (n % 7 === 0 ? 0 : n % 2), n >> 1])
  const unique = (n: number) => [...new Set(reads(n))].filter((at) => at >= 0 && at < n)
  write(
    'dbt/dbt_project.yml',
    'name: many\nversion: 1.0.0\nprofile: many\nmodels: {many: {+materialized: table}}\n',
  )
  write(
    'dbt/profiles.yml',
    'many: {target: local, outputs: {local: {type: duckdb, path: many.duckdb}}}\n',
  )
  const yaml = ['version: 1', 'project: many', `dbt: {project_dir: dbt, models: ${models}}`]
  if (models === 'declared') yaml.push('defaults: {kind: dbt}', 'assets:')
  const properties = ['version: 2', 'models:']
  for (let n = 0; n < count; n++) {
    const from = unique(n).map((at) => `select id from {{ ref('${name(at)}') }}`)
    const sql = from.join('\nunion\n') || 'select 1 as id'
    write(`dbt/models/${name(n)}.sql`, `${sql}\n`)
    properties.push(`  - {name: ${name(n)}, columns: [{name: id, data_tests: [not_null]}]}`)
    if (models === 'declared')
      yaml.push(`  ${name(n)}: {deps: [${unique(n).map(name).join(', ')}]}`)
  }
  write('dbt/models/properties.yml', `${properties.join('\n')}\n`)
  write('assets.yaml', `${yaml.join('\n')}\n`)
}

function assets(root: string, ...args: readonly string[]): Promise<number> {
  return secondsOf(process.execPath, [BUNDLE, ...args], { cwd: root })
}

function untilFileTimesAreTrusted(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, FILE_TIME_TRUST_MS))
}

function findNinja(): string | null {
  if (process.env.NINJA) return process.env.NINJA
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, 'ninja')).find((file) => existsSync(file)) ?? null
}

/** The peak memory of a command in megabytes, median of three runs. */
async function peak(root: string, ...args: readonly string[]): Promise<number> {
  const printPeak =
    'process.on("exit", () => process.stderr.write("\\npeak " + process.resourceUsage().maxRSS))'
  const hook = `data:text/javascript,${encodeURIComponent(printPeak)}`
  const found: number[] = []
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, ['--import', hook, BUNDLE, ...args], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    await new Promise((resolve) => child.on('close', resolve))
    found.push(Number(/peak (\d+)/.exec(stderr)?.[1] ?? Number.NaN) / 1024)
  }
  return Math.round(median(found))
}

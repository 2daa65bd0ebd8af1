// npm run mutants [-- name …]: breaks one rule of the source at a time, in a copy of the tree, and runs the
// tests that should notice. Exits with 1 if a mutant survives, with 2 if it cannot be tried.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { REPOSITORY } from '../rig/cli.ts'
import { sharedPython } from '../rig/python.ts'
import { MUTANTS } from './list.ts'
import type { Mutant } from './mutant.ts'
import { HISTORIES } from './suites.ts'

/** What a copy needs to run the tests of `list.ts`. */
const COPIED = [
  'framework',
  'tests',
  'dbt',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vitest.config.ts',
]

/** How many random histories to try, one number after the other, until a test fails. */
const ROUNDS = [100, 1_000, 5_000]

/** A mutant may make a test hang. This deadline is far beyond what any round takes. */
const HANGS_AFTER_MS = 240_000

/** The result of one run of tests. `failed` is the first test that failed; `error` says why none ran. */
interface TestRun {
  readonly failed: string | null
  readonly error: string | null
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** The tests that run now. They must not outlive this process. */
let running: ChildProcess | null = null

function runTests(root: string, files: readonly string[], histories: number): Promise<TestRun> {
  const report = join(root, 'report.json')
  rmSync(report, { force: true })
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  // Without --bail: when two files fail at once, the report of a bailing run can lack both failures.
  const args = ['run', '--reporter=json', `--outputFile=${report}`, ...files]
  const { ASSETS_TEST_REPORT: _own, ...env } = process.env
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    env: { ...env, ASSETS_HISTORIES: String(histories) },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: HANGS_AFTER_MS,
    killSignal: 'SIGKILL',
  })
  running = child
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2_000)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve(
        signal === null ? read(report, code, stderr) : { failed: 'a test that hangs', error: null },
      )
    })
  })
}

function read(file: string, code: number | null, stderr: string): TestRun {
  let report: Report
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return { failed: null, error: `vitest wrote no report\n${stderr}` }
  }
  for (const { name, status, message, assertionResults } of report.testResults) {
    const failed = assertionResults.find((test) => test.status === 'failed')
    if (failed !== undefined)
      return { failed: `${basename(name)}: ${failed.fullName}`, error: null }
    if (status === 'failed') {
      return { failed: null, error: `${basename(name)} did not load: ${message.split('\n')[0]}` }
    }
  }
  if (code === 0) return { failed: null, error: null }
  return { failed: null, error: `vitest failed and named no test\n${stderr}` }
}

/** Runs the examples of a mutant, then random histories in growing rounds, until a test fails. */
async function tryTests(root: string, files: readonly string[]): Promise<TestRun> {
  const examples = files.filter((file) => file !== HISTORIES)
  const none: TestRun = { failed: null, error: null }
  const result = examples.length === 0 ? none : await runTests(root, examples, 0)
  if (result.failed !== null || result.error !== null || !files.includes(HISTORIES)) return result
  for (const histories of ROUNDS) {
    const next = await runTests(root, [HISTORIES], histories)
    if (next.failed !== null || next.error !== null) return next
  }
  return result
}

/** Bundles the copy if tests of these mutants need it. */
function bundleFor(root: string, mutants: readonly Mutant[]): void {
  if (!mutants.some(({ isBundled }) => isBundled)) return
  execFileSync(process.execPath, ['framework/bundle.mjs'], { cwd: root, stdio: 'ignore' })
}

/** The source with the edits of a mutant, or what is wrong with them. */
function mutated(text: string, { name, file, edits }: Mutant): string | Error {
  let edited = text
  for (const { find, replace } of edits) {
    const count = edited.split(find).length - 1
    if (count !== 1) {
      return new Error(
        `mutant ${name}: ${file} contains ${JSON.stringify(find)} ${count} times instead of once; adjust its entry in tests/mutants`,
      )
    }
    edited = edited.replace(find, () => replace)
  }
  return edited
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !MUTANTS.some((mutant) => mutant.name === name))
if (unknown.length > 0) {
  console.error(`unknown mutant ${unknown.join(', ')}; choose from:`)
  for (const { name, rule } of MUTANTS) console.error(`  ${name.padEnd(32)} ${rule}`)
  process.exit(2)
}
const chosen = MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))

// Edits are checked before anything runs, so that an outdated list is reported at once and whole.
const outdated = chosen
  .map((mutant) => mutated(readFileSync(join(REPOSITORY, mutant.file), 'utf8'), mutant))
  .filter((result) => result instanceof Error)
for (const { message } of outdated) console.error(message)
if (outdated.length > 0) process.exit(2)

// A copy has no environment of its own.
process.env.ASSETS_PYTHON_ENV ??= await sharedPython()

const root = mkdtempSync(join(tmpdir(), 'assets-mutants-'))
const removeCopy = () => rmSync(root, { recursive: true, force: true })
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    running?.kill('SIGKILL')
    removeCopy()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  })
}
let caught = 0
let survived = 0
try {
  for (const path of COPIED) cpSync(join(REPOSITORY, path), join(root, path), { recursive: true })
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'))
  bundleFor(root, chosen)
  const all = [...new Set(chosen.flatMap(({ tests }) => tests))]
  const unchanged = await runTests(root, all, ROUNDS[0]!)
  if (unchanged.failed !== null || unchanged.error !== null) {
    throw new Error(`without any mutant: ${unchanged.failed ?? unchanged.error}`)
  }
  for (const mutant of chosen) {
    const path = join(root, mutant.file)
    const source = readFileSync(path, 'utf8')
    writeFileSync(path, String(mutated(source, mutant)))
    bundleFor(root, [mutant])
    const startedAt = performance.now()
    const { failed, error } = await tryTests(root, mutant.tests)
    writeFileSync(path, source)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)
    if (failed !== null) caught += 1
    else if (error === null) survived += 1
    const result = error ?? (failed === null ? `SURVIVED: ${mutant.rule}` : `caught by ${failed}`)
    console.log(`${seconds} s  ${mutant.name.padEnd(32)} ${result}`)
  }
} catch (error) {
  console.error((error as Error).message)
} finally {
  removeCopy()
}
console.log(`${caught} of ${chosen.length} mutants caught, ${survived} survived`)
process.exitCode = survived > 0 ? 1 : caught < chosen.length ? 2 : 0

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliProject, REPOSITORY } from '../rig/cli.ts'

const MAIN = join(REPOSITORY, 'dist/main.js')
const VERBS = ['check', 'status', 'materialize --force', 'plan', 'runs', 'doctor']

let project: CliProject
beforeAll(async () => {
  project = new CliProject().write(
    'assets.yaml',
    `version: 1
project: few
targets: {local: {warehouse: {type: duckdb, path: w.duckdb}}}
assets:
  a: {kind: command, run: "echo a > a.txt", outputs: [a.txt]}
  b: {kind: extract, query: select 1 as x, to: b.csv, deps: [a]}
`,
  )
  await project.run('materialize')
})
afterAll(() => project.remove())

/** Runs a command line that may have this many files open. */
function withFiles(limit: number, line: string) {
  const command = `ulimit -n ${limit} && exec "${process.execPath}" "${MAIN}" ${line}`
  const { stdout, stderr, status, signal } = spawnSync('sh', ['-c', command], {
    cwd: project.path('.'),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NO_COLOR: '1' },
  })
  return { text: `${stdout}${stderr}`, status, signal }
}

/** The lowest limit at which Node itself and the command line come up. */
function lowest(): number {
  for (let limit = 16; limit < 64; limit++) {
    if (withFiles(limit, '--version').status === 0) return limit
  }
  throw new Error('no limit is high enough')
}

test('with too few open files, every verb says so or works, and nothing is called a bug', () => {
  const from = lowest()
  let refused = 0
  for (let limit = from; limit < from + 8; limit++) {
    for (const line of VERBS) {
      const { text, status, signal } = withFiles(limit, line)
      // DuckDB ends the process when it can't open a file that it reads whole.
      if (line === 'doctor' && (signal === 'SIGABRT' || status === 134)) continue
      const where = `ulimit -n ${limit}; assets ${line}\n${text}`
      expect(text, where).not.toMatch(/^ {4}at |bug in assets|damaged|\.\.\. \d+ lines/m)
      if (status === 0) continue
      refused += 1
      expect(text, where).toMatch(/too many open files/)
      if (line !== 'doctor') expect(text, where).toContain('ulimit -n 1024')
    }
  }
  expect(refused).toBeGreaterThan(2)
  expect(withFiles(256, 'materialize').status).toBe(0)
})

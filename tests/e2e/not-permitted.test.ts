import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CliProject, type CliResult, LAUNCHER } from '../rig/cli.ts'

// A user who may not read or write a file reads which one, whose it is, and who this is. Only root can become another
// user, and nothing is refused to root.

/** `nobody`, on most systems. */
const USER = 65_534

const canBecome =
  process.geteuid?.() === 0 &&
  spawnSync(process.execPath, [LAUNCHER, '--version'], { uid: USER, gid: USER }).status === 0

let project: CliProject

beforeEach(() => {
  project = new CliProject()
    .write(
      'assets.yaml',
      [
        'version: 1',
        'project: p',
        'targets: {local: {warehouse: {type: duckdb, path: w.duckdb}}}',
        'assets:',
        '  report: {kind: extract, query: "select 1 as a", to: out/report.csv}',
      ].join('\n'),
    )
    .write('.env', 'A=1\n')
  mkdirSync(project.path('out'))
  own('.')
})
afterEach(() => project.remove())

/** Gives a file, or a folder and everything in it, to the user who runs the commands. */
function own(file: string): void {
  chownSync(project.path(file), USER, USER)
  for (const entry of readdirSync(project.path(file), { withFileTypes: true, recursive: true })) {
    chownSync(join(entry.parentPath, entry.name), USER, USER)
  }
}

function refuse(file: string, mode: number): void {
  chownSync(project.path(file), 0, 0)
  chmodSync(project.path(file), mode)
}

function run(...args: readonly string[]): CliResult {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [LAUNCHER, ...args], {
    cwd: project.root,
    uid: USER,
    gid: USER,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  })
  return { code: status, signal, stdout, stderr }
}

describe.skipIf(!canBecome)('as a user to whom it is refused', () => {
  test.each([
    ['assets.yaml', 0o600, ['status'], "assets.yaml can't be read"],
    ['.env', 0o600, ['status'], ".env can't be read"],
    [
      '.',
      0o755,
      ['status'],
      ".assets, where state, caches and environments are stored, can't be created",
    ],
    ['out', 0o755, ['materialize'], "can't write out/report.csv"],
    ['.assets', 0o700, ['status'], 'the state in .assets/state.sqlite is not writable'],
    ['w.duckdb', 0o644, ['materialize', '--force'], 'w.duckdb or its folder is not writable'],
  ] as const)('%s with mode %o: %j', (file, mode, args, fact) => {
    if (file === '.assets' || file === 'w.duckdb') expect(run('materialize').code).toBe(0)
    refuse(file, mode)
    const { code, stderr } = run(...args)
    expect(code).toBeGreaterThan(0)
    const text = stderr.replaceAll(`${project.root}/`, '').replaceAll(project.root, '.')
    expect(text).toContain(
      `${fact}: ${file} belongs to user 0 with mode ${mode.toString(8)}, and this process runs as user `,
    )
    expect(text).toMatch(/hint: allow user \S*( \()?65534\)? to (read|write|read and write)( in)? /)
  })

  test('the same command succeeds once it is allowed', () => {
    refuse('out', 0o755)
    expect(run('materialize').code).toBe(1)
    own('out')
    expect(run('materialize').code).toBe(0)
  })
})

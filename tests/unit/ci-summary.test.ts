import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { REPOSITORY } from '../rig/cli.ts'

// The last lines of CI, from the reports of its runs.

const folder = mkdtempSync(join(tmpdir(), 'assets-summary-'))
afterAll(() => rmSync(folder, { recursive: true }))

function report(name: string, ...statuses: readonly string[]): string {
  const file = join(folder, name)
  const assertionResults = statuses.map((status, k) => ({ status, fullName: `test ${k}` }))
  writeFileSync(file, JSON.stringify({ testResults: [{ status: 'passed', assertionResults }] }))
  return file
}

function summary(...args: readonly string[]): readonly string[] {
  const program = join(REPOSITORY, 'tests/rig/summary.mjs')
  return execFileSync(process.execPath, [program, ...args], { encoding: 'utf8' }).split('\n')
}

const whole = report('whole.json', 'passed', 'passed', 'skipped')

test('every run counts, and each further Node has a line', () => {
  const light = report('light.json', 'passed', 'failed', 'skipped')
  expect(summary(whole, '0', 'Node v22.1.0', light, '1', 'Node 24', 'skipped', '0')).toEqual([
    '',
    'skipped:',
    '  test 2',
    '  Node 24, light suites (needs its package from npm)',
    'Node v22.1.0, light suites: 1 passed, 1 failed, 1 skipped',
    'Node 24, light suites: 0 passed, 0 failed, 1 skipped',
    '3 passed, 1 failed, 3 skipped',
    '',
  ])
})

test('a run that ended badly without a report is a failure', () => {
  const none = join(folder, 'none.json')
  expect(summary(whole, '0', 'Node v22.1.0', none, '1').at(-2)).toBe(
    '2 passed, 1 failed, 1 skipped',
  )
  expect(summary(none, '1').at(-2)).toBe('0 passed, 1 failed, 0 skipped')
})

import { expect, test } from 'vitest'
import { NO_OUTCOMES } from '../../../framework/model/step.ts'
import { type RunEnd, runSummary } from '../../../framework/report/run-summary.ts'
import { createStyle } from '../../../framework/report/style.ts'

const STYLE = createStyle({
  isTTY: false,
  columns: undefined,
  env: {},
  now: 0,
  zone: 'UTC',
  all: false,
})
const END: RunEnd = {
  fresh: 0,
  selected: new Set(['report']),
  failed: [],
  problems: [],
  leftovers: [],
  comments: [],
}
const FAILED = {
  event: 'run_finished',
  run: 22,
  outcome: 'failed',
  counts: { ...NO_OUTCOMES, unchanged: 1, released: 7 },
  seconds: 31,
} as const

test('a failed run names the steps that failed', () => {
  const text = runSummary(FAILED, { ...END, failed: ['raw_film', 'raw_actor'] }, STYLE)
  expect(text.split('\n').slice(-4)).toEqual([
    'failed',
    '  raw_film  raw_actor',
    '',
    'next: assets why raw_film',
  ])
})

test('a failed run without a failed step says what failed', () => {
  const problems = ['the warehouse closed the connection', 'disk full']
  const text = runSummary(FAILED, { ...END, problems }, STYLE)
  const last = 'failed: the warehouse closed the connection, and 1 other problem'
  expect(text.split('\n').at(-3)).toBe(last)
})

test('a run that succeeded names none', () => {
  const text = runSummary({ ...FAILED, outcome: 'succeeded' }, END, STYLE)
  expect(text).not.toContain('failed')
})

import { expect, test } from 'vitest'
import type { RunEvent } from '../../../framework/model/event.ts'
import { NO_OUTCOMES } from '../../../framework/model/step.ts'
import { RunLines } from '../../../framework/report/run-lines.ts'
import { problemContext } from './fixture.ts'

const batch = (number: number, checks: Readonly<Record<string, string>>): RunEvent => ({
  event: 'batch_started',
  batch: number,
  kind: 'dbt',
  steps: Object.keys(checks),
  checks: Object.entries(checks).map(([check, asset]) => ({ check, asset })),
})
const end = (asset: string, outcome: 'pass' | 'warn' | 'fail' | 'blocked'): RunEvent => ({
  event: 'step_finished',
  asset,
  action: 'check',
  outcome:
    outcome === 'blocked'
      ? { state: 'blocked', by: 'fact' }
      : outcome === 'fail'
        ? { state: 'failed', problem: { code: 'check-failed', message: `${asset} failed` } }
        : { state: 'checked', result: outcome, failures: outcome === 'pass' ? 0 : 3 },
  seconds: 0.25,
})
const finished: RunEvent = {
  ...{ event: 'run_finished', run: 1, outcome: 'succeeded', counts: NO_OUTCOMES, seconds: 1 },
}

/** The lines after each event, without their times. */
function linesAfter(events: readonly RunEvent[]): readonly (readonly string[])[] {
  const lines = new RunLines()
  return events.map((event) =>
    lines.take(event, problemContext()).map((line) => line.replaceAll(/^\S+ {2}|(?<= ) +/g, '')),
  )
}

test('the checks of a model that passed are one line, when the last one ends', () => {
  const checks = { a: 'fact', b: 'fact', c: 'dim', d: 'fact' }
  const events = [
    batch(1, checks),
    ...['a', 'b', 'c', 'd'].map((one) => end(one, 'pass')),
    finished,
  ]
  expect(linesAfter(events)).toEqual([
    [],
    [],
    [],
    ['checked dim 1 check passed 0.3 s'],
    ['checked fact 3 checks passed 0.8 s'],
    [],
  ])
})

test('what is no success is shown at once, and in full', () => {
  const checks = { a: 'fact', b: 'fact', c: 'fact', d: 'fact' }
  const events = [
    batch(1, checks),
    end('a', 'pass'),
    end('b', 'warn'),
    end('c', 'blocked'),
    end('d', 'fail'),
  ]
  expect(linesAfter(events).slice(2)).toEqual([
    ['checked b warned, 3 rows 0.3 s'],
    ['blocked c by fact'],
    ['failed d 0.3 s\n error d failed', 'checked fact 1 check passed 0.3 s'],
  ])
})

test('each batch has its own line, and the end of the run flushes what is open', () => {
  const events = [
    batch(1, { a: 'fact', b: 'fact' }),
    batch(2, { c: 'fact' }),
    end('a', 'pass'),
    end('c', 'pass'),
    finished,
  ]
  expect(linesAfter(events).slice(2)).toEqual([
    [],
    ['checked fact 1 check passed 0.3 s'],
    ['checked fact 1 check passed 0.3 s'],
  ])
})

test('a check of which no batch is known is shown by its name', () => {
  expect(linesAfter([end('a', 'pass')])).toEqual([['checked a passed 0.3 s']])
})

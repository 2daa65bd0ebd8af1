import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { Amount, Phase, RunEvent } from '../../../framework/model/event.ts'
import { NO_OUTCOMES } from '../../../framework/model/step.ts'
import { LiveView } from '../../../framework/report/live-view.ts'
import { displayWidth } from '../../../framework/report/text.ts'
import { Terminal } from '../../rig/terminal.ts'
import { golden, NOW, pages, problemContext, style } from './fixture.ts'

function stage(columns = 80, height = 24) {
  const terminal = new Terminal(columns)
  let now = NOW
  let call: (() => void) | null = null
  const writes: string[] = []
  const view = new LiveView(
    {
      write: (text) => {
        writes.push(text)
        terminal.write(text)
      },
      columns: () => terminal.columns,
      rows: () => height,
      now: () => now,
      later: (_, next) => {
        call = next
        return () => {
          call = null
        }
      },
    },
    () => ({ ...problemContext(), style: style({ columns: terminal.columns, now }) }),
  )
  const pass = (milliseconds: number) => {
    now += milliseconds
    const due = call
    call = null
    due?.()
  }
  return { terminal, view, writes, pass, waits: () => call !== null }
}

const started: RunEvent = { event: 'run_started', run: 42, target: 'local', at: NOW, steps: 3 }
const start = (asset: string, phase: Phase = 'running', batch = 1): RunEvent => ({
  ...{ event: 'step_started', asset, reasons: [], batch, phase },
})
const progress = (
  asset: string,
  phase: Phase,
  message: string,
  amount?: Partial<Amount>,
): RunEvent => ({
  ...{ event: 'step_progress', asset, phase, message },
  ...(amount === undefined
    ? {}
    : {
        amount: { done: 0, of: null, isEstimate: false, unit: 'rows', perSecond: null, ...amount },
      }),
})
const wait = (batch: number, message: string | null): RunEvent => ({
  ...{ event: 'batch_progress', batch, message },
})
const built = (asset: string): RunEvent => ({
  event: 'step_finished',
  asset,
  action: 'build',
  outcome: { state: 'built', version: 'c:1', rows: 14_597 },
  seconds: 3.2,
})
const checked = (asset: string, result: 'pass' | 'warn' = 'pass'): RunEvent => ({
  event: 'step_finished',
  asset,
  action: 'check',
  outcome: { state: 'checked', result, failures: result === 'pass' ? 0 : 3 },
  seconds: 0.2,
})
const ended: RunEvent = {
  event: 'run_finished',
  run: 42,
  outcome: 'succeeded',
  counts: { ...NO_OUTCOMES, built: 1 },
  seconds: 4,
}

test('finished steps scroll up above the running ones', () => {
  const { terminal, view, pass } = stage()
  for (const event of [started, start('raw_payment'), start('raw_film')]) view.take(event)
  view.take(progress('raw_film', 'reading', '500 of\n1,000 rows\u001b[2J'))
  pass(1500)
  expect(terminal.text).toBe(
    [
      '07:00:30  run 42 on local: 3 steps',
      '  raw_film      1.5 s  reading     500 of 1,000 rows',
      '  raw_payment   1.5 s  running',
      '░░░░░░░░░░░░░░░░░░░░  0/3 steps  1.5 s',
      '',
    ].join('\n'),
  )
  view.take(built('raw_payment'))
  view.take({ event: 'notice', message: 'waiting for a lock' })
  pass(1000)
  expect(terminal.text).toBe(
    [
      '07:00:30  run 42 on local: 3 steps',
      '07:00:31  built      raw_payment                   14,597 rows  3.2 s',
      '07:00:31  waiting for a lock',
      '  raw_film      2.5 s  reading     500 of 1,000 rows',
      '██████░░░░░░░░░░░░░░  1/3 steps  2.5 s  1 built',
      '',
    ].join('\n'),
  )
})

test('at the end only the log is left and no timer runs', () => {
  const { terminal, view, pass, waits } = stage()
  for (const event of [started, start('raw_payment')]) view.take(event)
  pass(100)
  for (const event of [built('raw_payment'), ended]) view.take(event)
  expect(terminal.text).toBe(
    [
      '07:00:30  run 42 on local: 3 steps',
      '07:00:30  built      raw_payment                   14,597 rows  3.2 s',
      '',
    ].join('\n'),
  )
  expect(waits()).toBe(false)
  view.end()
  expect(terminal.rows).toHaveLength(3)
})

/** A run with one of everything that the view can show. */
const RUN: readonly RunEvent[] = [
  { ...started, steps: 139 } as RunEvent,
  { event: 'run_estimate', secondsLeft: { low: 118, high: 190 }, untimed: 0 },
  {
    event: 'batch_started',
    batch: 2,
    kind: 'dbt',
    steps: ['fact_payment', 'unique_payment', 'not_null_payment', 'few_nulls'],
    checks: ['unique_payment', 'not_null_payment', 'few_nulls'].map((check) => ({
      check,
      asset: 'fact_payment',
    })),
  },
  wait(3, 'dbt: reading the project'),
  wait(4, 'Airbyte job 9123: 2 of 15 streams, 41,000 records'),
  start('raw_payment'),
  progress('raw_payment', 'reading', '1,250,316 of about 4,900,000 rows read', {
    ...{ done: 1_250_316, of: 4_900_000, isEstimate: true, perSecond: 41_000.4 },
  }),
  start('raw_顧客の住所'),
  progress('raw_顧客の住所', 'hashing', 'hashing 600 rows', { done: 300, of: 600 }),
  start('extract_segment_category_preference_by_country'),
  progress('extract_segment_category_preference_by_country', 'publishing', 'uploaded 16 of 62 MB', {
    ...{ done: 16_000_000, of: 62_000_000, unit: 'bytes', perSecond: 3_100_000 },
  }),
  start('film', 'running'),
  progress('film', 'running', 'Airbyte job 9123: running, 7 records', { done: 7 }),
  start('fact_rental'),
  start('unique_rental', 'checking'),
  start('dim_film'),
  built('raw_actor'),
  checked('unique_payment'),
  checked('few_nulls', 'warn'),
]

test('frames of 60, 80 and 200 columns', async () => {
  const shown: Record<string, string> = {}
  for (const columns of [60, 80, 200]) {
    const { terminal, view, pass } = stage(columns)
    for (const event of RUN) view.take(event)
    pass(30_000)
    for (const row of terminal.rows) expect(displayWidth(row)).toBeLessThanOrEqual(columns)
    shown[`${columns} columns`] = terminal.text
    view.take(checked('not_null_payment'))
    view.take(ended)
    shown[`${columns} columns, at the end`] = terminal.text
  }
  await expect(pages(shown)).toMatchFileSnapshot(golden('live-view'))
})

test.each([1, 20, 25, 33, 41])('%s columns, and a window of 3 lines, are enough', (columns) => {
  const { terminal, view, pass } = stage(columns, 3)
  for (const event of RUN) {
    view.take(event)
    pass(100)
  }
  view.take(ended)
  if (columns >= 20) {
    for (const row of terminal.rows) expect(displayWidth(row)).toBeLessThanOrEqual(columns)
  }
  expect(terminal.text).not.toContain('█')
})

test.each([25, 61, 80])('a window of another width (%s) keeps no part of a frame', (columns) => {
  const { terminal, view, pass } = stage(60)
  for (const event of RUN) view.take(event)
  pass(100)
  terminal.resize(columns)
  pass(100)
  view.take(progress('raw_payment', 'writing', 'storing 4,900,012 rows'))
  pass(100)
  view.take(ended)
  expect(terminal.rows.filter((row) => /raw_payment|dbt: reading|[█░]/.test(row))).toEqual([])
})

test('one write for each redraw, and none if nothing is another', () => {
  const { view, writes, pass } = stage()
  view.take(started)
  for (let k = 0; k < 1000; k++) view.take(start(`asset_${k}`))
  expect(writes).toEqual([])
  pass(100)
  expect(writes).toHaveLength(1)
  const lines = stripVTControlCharacters(writes[0] ?? '').split('\n')
  expect(lines).toHaveLength(1 + 6 + 1 + 1 + 1)
  expect(lines[7]).toBe('  … 994 more running')
  // Times have one decimal: within a tenth of a second, the frame is the same.
  pass(0)
  expect(writes).toHaveLength(1)
  pass(100)
  expect(writes).toHaveLength(2)
})

test('the time that is left is counted down, and unknown at first', () => {
  const { terminal, view, pass } = stage()
  view.take({ ...started, steps: 9 } as RunEvent)
  view.take({ event: 'run_estimate', secondsLeft: null, untimed: 9 })
  pass(100)
  expect(terminal.text).toMatch(/0\/9 steps {2}0\.1 s$/m)
  view.take({ event: 'run_estimate', secondsLeft: { low: 60, high: 95 }, untimed: 0 })
  pass(100)
  expect(terminal.text).toContain('about 1–2 min left')
  pass(40_000)
  expect(terminal.text).toContain('about 20–55 s left')
  pass(60_000)
  expect(terminal.text).toMatch(/0\/9 steps {2}1 min 40 s$/m)
})

test('a line that does not fit goes on below, between two words', () => {
  const { terminal, view, pass } = stage(40)
  view.take(started)
  const message = 'creating the embedded source dvd_rental from assets/sample/schema.sql (once)'
  view.take({ event: 'notice', message })
  pass(100)
  expect(terminal.rows.slice(1, 4)).toEqual([
    '07:00:30  creating the embedded source',
    '          dvd_rental from',
    '          assets/sample/schema.sql',
  ])
})

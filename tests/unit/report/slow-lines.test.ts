import { expect, test } from 'vitest'
import type { RunEvent } from '../../../framework/model/event.ts'
import { NO_OUTCOMES } from '../../../framework/model/step.ts'
import { SlowLines } from '../../../framework/report/slow-lines.ts'

function stage() {
  let now = 0
  let timer: { readonly at: number; readonly call: () => void } | null = null
  const lines: string[] = []
  const slow = new SlowLines({
    clock: () => now,
    later: (milliseconds, call) => {
      timer = { at: now + milliseconds, call }
      return () => {
        timer = null
      }
    },
    print: (line) => void lines.push(`${now / 1000}: ${line}`),
  })
  const pass = (seconds: number) => {
    const until = now + seconds * 1000
    while (timer !== null && timer.at <= until) {
      const { at, call } = timer
      timer = null
      now = at
      call()
    }
    now = until
  }
  return { slow, pass, lines, waits: () => timer !== null }
}

const start = (asset: string, batch = 1): RunEvent => ({
  ...{ event: 'step_started', asset, reasons: [], batch, phase: 'running' },
})
const end = (asset: string): RunEvent => ({
  ...{ event: 'step_finished', asset, action: 'build', outcome: { state: 'released' }, seconds: 1 },
})
const wait = (batch: number, message: string | null): RunEvent => ({
  ...{ event: 'batch_progress', batch, message },
})

test('a step that takes longer than 30 s has a line every 30 s', () => {
  const { slow, pass, lines } = stage()
  slow.take(start('raw_payment'))
  pass(10)
  slow.take(start('fact'))
  pass(10)
  slow.take({
    event: 'step_progress',
    asset: 'raw_payment',
    phase: 'reading',
    message: '1,250,316 of about 4,900,000 rows read',
    amount: {
      ...{ done: 1_250_316, of: 4_900_000, isEstimate: true, unit: 'rows', perSecond: 41_000 },
    },
  })
  pass(45)
  slow.take(end('fact'))
  slow.take({
    ...{
      event: 'step_progress',
      asset: 'raw_payment',
      phase: 'writing',
      message: 'storing 2 rows',
    },
  })
  pass(60)
  expect(lines).toEqual([
    '30: raw_payment: 1,250,316 of about 4,900,000 rows read (25 %), 41,000 rows/s',
    '40: fact: running, 30 s',
    '60: raw_payment: 1,250,316 of about 4,900,000 rows read (25 %), 41,000 rows/s',
    '90: raw_payment: storing 2 rows, 1 min 30 s',
    '120: raw_payment: storing 2 rows, 2 min 0 s',
  ])
})

test('a batch that waits has a line, and its silent steps have none', () => {
  const { slow, pass, lines, waits } = stage()
  slow.take(wait(2, 'dbt: starting'))
  pass(10)
  slow.take(wait(2, 'dbt: reading the project'))
  for (const name of ['a', 'b']) slow.take(start(name, 2))
  pass(35)
  expect(lines).toEqual(['40: dbt: reading the project, 30 s'])
  slow.take(wait(2, null))
  for (const name of ['a', 'b']) slow.take(end(name))
  pass(100)
  expect([lines.length, waits()]).toEqual([1, false])
})

test('of many steps some are shown, and the end of the run ends the timer', () => {
  const { slow, pass, lines, waits } = stage()
  for (let at = 0; at < 200; at++) slow.take(start(`raw_${at}`))
  pass(31)
  expect(lines).toHaveLength(7)
  expect(lines.at(-1)).toBe('30: … 194 more running')
  slow.take({
    ...{ event: 'run_finished', run: 1, outcome: 'failed', counts: NO_OUTCOMES, seconds: 31 },
  })
  expect(waits()).toBe(false)
  pass(100)
  expect(lines).toHaveLength(7)
})

import { expect, test } from 'vitest'
import type { PageRunDetail, PageStep } from '../../../framework/ui/data/runs.ts'
import { type Gantt, ganttOf } from '../../../framework/ui/page/runs/gantt.ts'

const step = (
  name: string,
  [startedAt, finishedAt]: readonly [number, number],
  more: Partial<PageStep> = {},
): PageStep => ({
  name,
  action: 'build',
  outcome: 'built',
  batch: 1,
  startedAt,
  finishedAt,
  rows: null,
  reasons: [],
  reference: null,
  note: null,
  ...more,
})

const runOf = (more: Partial<PageRunDetail>): PageRunDetail => ({
  run: 1,
  command: 'materialize',
  job: null,
  startedAt: 0,
  finishedAt: 10_000,
  outcome: 'succeeded',
  counts: {},
  savings: null,
  steps: [],
  events: [],
  progress: [],
  ...more,
})

const logged = (at: number, event: PageRunDetail['events'][number]['event']) => ({
  seq: at,
  at,
  event,
})
const INPUTS: Readonly<Record<string, readonly string[]>> = {
  mart: ['slow', 'quick'],
  report: ['mart'],
}
const inputsOf = (name: string) => INPUTS[name] ?? []

const shown = ({ lanes }: Gantt) =>
  lanes.map(({ bars }) =>
    bars.map(
      ({ name, from, to, isCritical }) => `${name} ${from}-${to}${isCritical ? ' critical' : ''}`,
    ),
  )

test('steps side by side have a lane each, and the path that the end waited for is marked', () => {
  const steps = [
    step('slow', [0, 4000]),
    step('quick', [0, 1000]),
    step('other', [1000, 2000]),
    step('mart', [4000, 6000]),
    step('report', [6000, 7000], { batch: 2 }),
    step('released', [7000, 7000], { outcome: 'released' }),
  ]
  const gantt = ganttOf(runOf({ steps }), 0, inputsOf)
  expect(shown(gantt)).toEqual([
    ['quick 0-1000', 'other 1000-2000', 'mart 4000-6000 critical', 'report 6000-7000 critical'],
    ['slow 0-4000 critical'],
  ])
  expect(gantt.released.map(({ name }) => name)).toEqual(['released'])
  expect([gantt.from, gantt.to]).toEqual([0, 10_000])
})

test('a call that starts, and definitions that the run waits for, are bars before the steps', () => {
  const events = [
    logged(0, { event: 'batch_progress', batch: 0, message: 'dbt: starting' }),
    logged(2000, { event: 'batch_progress', batch: 0, message: 'dbt: reading the project' }),
    logged(5000, { event: 'batch_progress', batch: 0, message: null }),
    logged(5000, { event: 'batch_started', batch: 1, kind: 'dbt' }),
    logged(8000, { event: 'batch_progress', batch: 1, message: 'dbt: reading the project' }),
  ]
  const gantt = ganttOf(runOf({ events, steps: [step('slow', [7000, 9000])] }), 0, inputsOf)
  expect(shown(gantt)).toEqual([
    [
      'dbt: starting 0-2000',
      'dbt: reading the project 2000-5000',
      'dbt starts 5000-7000 critical',
      'slow 7000-9000 critical',
    ],
  ])
})

test('of a run that goes on, what has started grows; of one that was killed, it is cancelled', () => {
  const events = [
    logged(1000, { event: 'step_started', asset: 'slow', batch: 1 }),
    logged(1000, { event: 'step_started', asset: 'quick', batch: 1 }),
    logged(3000, {
      event: 'step_finished',
      asset: 'quick',
      action: 'build',
      seconds: 2,
      outcome: 'built',
    }),
  ]
  const live = runOf({ outcome: 'running', finishedAt: null, events })
  expect(shown(ganttOf(live, 6000, inputsOf))).toEqual([
    ['quick 1000-3000'],
    ['slow 1000-6000 critical'],
  ])
  const killed = ganttOf(runOf({ outcome: 'interrupted', finishedAt: 7000, events }), 0, inputsOf)
  expect(killed.released.map(({ name, to, outcome }) => [name, to, outcome])).toEqual([
    ['slow', 7000, 'cancelled'],
  ])
})

import { expect, test } from 'vitest'
import type { RunDetail, RunSummary, StepSummary } from '../../../framework/model/run.ts'
import { runJson, runsJson, runsText, runText } from '../../../framework/report/runs.ts'
import { golden, NOW, pages, problemContext, style } from './fixture.ts'

const run = (id: number, more: Partial<RunSummary> = {}): RunSummary => ({
  run: id,
  target: 'local',
  command: 'materialize',
  job: null,
  startedAt: NOW - (50 - id) * 3_600_000,
  finishedAt: NOW - (50 - id) * 3_600_000 + 75_000,
  outcome: 'succeeded',
  savings: null,
  counts: { built: 3, unchanged: 1, released: 1200 },
  ...more,
})

const RUNS = [
  run(49, { outcome: 'running', finishedAt: null, counts: {} }),
  run(48, { outcome: 'interrupted', finishedAt: null, counts: { built: 1 } }),
  run(47, {
    outcome: 'failed',
    command: `materialize ${'stg_payment '.repeat(9)}`,
    counts: { built: 2, failed: 1, blocked: 4 },
  }),
  run(46, { job: 'nightly', command: 'run nightly' }),
]

const step = (name: string, more: Partial<StepSummary>): StepSummary => ({
  name,
  action: 'build',
  outcome: 'built',
  batch: 1,
  startedAt: NOW,
  finishedAt: NOW + 3210,
  rows: null,
  reasons: [],
  reference: null,
  problem: null,
  note: null,
  ...more,
})

const DETAIL: RunDetail = {
  ...RUNS[2]!,
  command: 'materialize fact_payment',
  steps: [
    step('raw_payment', {
      rows: 14_597,
      reference: 'Airbyte job 9123',
      reasons: [{ reason: 'source', message: 'payment changed in the source' }],
    }),
    step('stg_payment', {
      outcome: 'failed',
      problem: {
        code: 'dbt-failed',
        message: 'stg_payment: column amuont does not exist',
        detail: 'Binder Error\r\n\u001b[31mLINE 3: select amuont\u001b[0m',
        hint: 'fix dbt/models/staging/stg_payment.sql',
      },
    }),
    step('fact_payment', { outcome: 'blocked', note: 'blocked by stg_payment' }),
    step('unique_payment', { action: 'check', outcome: 'checked', note: 'pass' }),
    step('not_null_payment', { action: 'check', outcome: 'checked', note: 'pass' }),
    step('payment_is_positive', { action: 'check', outcome: 'checked', note: 'warn' }),
    step('dim_film', { outcome: 'released' }),
  ],
}

test('runs as text', async () => {
  const report = { project: 'dvd_rental', target: 'local', runs: RUNS }
  await expect(
    pages({
      runs: runsText(report, style()),
      'no runs': runsText({ ...report, runs: [] }, style()),
      'one run': runText(DETAIL, problemContext()),
      'one run, all of it': runText(DETAIL, { ...problemContext(), style: style({ all: true }) }),
      'one that was stopped': runText(
        { ...DETAIL, outcome: 'interrupted', finishedAt: null, steps: [] },
        problemContext(),
      ),
    }),
  ).toMatchFileSnapshot(golden('runs'))
})

test('runs as JSON', async () => {
  const documents = [
    runsJson('dvd_rental', 'local', RUNS.slice(0, 1)),
    runJson('dvd_rental', DETAIL),
  ]
  await expect(`${JSON.stringify(documents, null, 2)}\n`).toMatchFileSnapshot(golden('runs-json'))
})

import { expect, test } from 'vitest'
import type { TimedStep } from '../../../framework/plan/estimate.ts'
import { type PlanReport, planJson, planText } from '../../../framework/report/plan.ts'
import { golden, pages, style } from './fixture.ts'

const step = (asset: string, more: Partial<TimedStep> = {}): TimedStep => ({
  asset,
  action: 'build',
  full: true,
  verdict: 'stale',
  reasons: [{ reason: 'missing', message: 'never built' }],
  pendingOn: [],
  batch: 1,
  estimateSeconds: null,
  ...more,
})

const report = (more: Partial<PlanReport>): PlanReport => ({
  project: 'dvd_rental',
  target: 'local',
  steps: [],
  fresh: [],
  mayReplace: [],
  waiting: [],
  absent: [],
  comments: [],
  estimate: null,
  criticalPath: [],
  untimed: 0,
  skippedSeconds: 0,
  command: 'assets materialize',
  warnings: [],
  leftovers: [],
  ...more,
})

const usual = report({
  steps: [
    step('raw_payment', {
      full: false,
      estimateSeconds: 3.2,
      reasons: [
        { reason: 'source', message: 'payment changed in the source' },
        { reason: 'code', message: 'its code changed: columns' },
      ],
    }),
    step('raw_film', {
      action: 'adopt',
      reasons: [{ reason: 'drifted', message: 'changed by somebody else since run 41' }],
    }),
    step('stg_payment', {
      verdict: 'pending',
      reasons: [],
      pendingOn: ['raw_payment'],
      batch: 2,
      estimateSeconds: 0.4,
    }),
    step('fact_payment', {
      verdict: 'pending',
      reasons: [],
      pendingOn: ['stg_payment'],
      batch: 3,
      estimateSeconds: 2,
    }),
    step('unique_payment', {
      action: 'check',
      verdict: 'pending',
      reasons: [],
      batch: 2,
      estimateSeconds: 0.1,
    }),
  ],
  fresh: ['raw_rental', 'stg_rental'],
  waiting: [{ check: 'rental_has_customer', on: ['dim_customer'] }],
  absent: ['prices'],
  comments: ['raw_rental', 'stg_payment'],
  estimate: { low: 3.2, high: 5.6 },
  criticalPath: [
    { asset: 'raw_payment', seconds: 3.2 },
    { asset: 'stg_payment', seconds: 0.4 },
    { asset: 'fact_payment', seconds: 2 },
  ],
  untimed: 1,
  skippedSeconds: 12,
  command: "assets materialize 'tag:nightly'",
})

test('a plan as text', async () => {
  await expect(
    pages({
      usual: planText(usual, style()),
      'a first build over a warehouse that dbt filled': planText(
        report({ steps: [step('orders'), step('stg_orders')], existing: 2 }),
        style(),
      ),
      'with --adopt': planText(
        report({
          steps: [
            step('stg_orders', {
              action: 'adopt',
              reasons: [{ reason: 'missing', message: 'its definition is the installed one' }],
            }),
            step('order_log', {
              action: 'adopt',
              verdict: 'pending',
              pendingOn: ['orders'],
              reasons: [{ reason: 'missing', message: 'vouched for with --vouch' }],
            }),
            step('orders'),
            step('totals'),
          ],
          left: [
            { asset: 'totals', because: 'run 1 was to build it, and may have built its inputs' },
          ],
          command: "assets materialize --adopt --vouch '*'",
        }),
        style(),
      ),
      'only comments': planText(report({ fresh: ['film'], comments: ['film'] }), style()),
      'a first build': planText(
        report({ steps: Array.from({ length: 57 }, (_, k) => step(`asset_${k}`)) }),
        style(),
      ),
      'a long chain of which nothing is certain': planText(
        report({
          steps: Array.from({ length: 9 }, (_, k) =>
            step(`asset_${k}`, { verdict: 'pending', reasons: [], estimateSeconds: 60 }),
          ),
          estimate: { low: 0, high: 540 },
          criticalPath: Array.from({ length: 9 }, (_, k) => ({ asset: `asset_${k}`, seconds: 60 })),
        }),
        style(),
      ),
      'nothing to do': planText(report({ fresh: ['raw', 'fact'] }), style()),
      'only something absent': planText(report({ absent: ['prices'] }), style()),
      'nothing selected': planText(report({}), style()),
    }),
  ).toMatchFileSnapshot(golden('plan'))
})

test('a plan as JSON', async () => {
  const json = JSON.stringify(planJson(usual), null, 2)
  await expect(`${json}\n`).toMatchFileSnapshot(golden('plan-json'))
})

test('a plan names pools and the checks that do not block', () => {
  const steps = [
    step('a', { pool: 'tableau' }),
    step('b', { pool: 'tableau' }),
    step('gate', { action: 'check', reasons: [] }),
    step('odd', { action: 'check', reasons: [], waivedBy: 'a' }),
  ]
  const text = planText(report({ steps }), style())
  expect(text).toContain('2 steps in pool tableau')
  expect(text).toContain('will be checked\n  gate\n')
  expect(text).toContain('will be checked without blocking (checks: {block: never})\n  odd\n')
  const [a, , gate, odd] = planJson(report({ steps })).steps
  expect([a?.pool, gate?.waived_by, odd?.waived_by]).toEqual(['tableau', undefined, 'a'])
})

import { expect, test } from 'vitest'
import type { Reason, Verdict } from '../../../framework/model/verdict.ts'
import { type StatusReport, statusJson, statusText } from '../../../framework/report/status.ts'
import { build, golden, NOW, pages, result, statusAsset, style } from './fixture.ts'

const fresh: Verdict = { state: 'fresh' }
const stale = (first: Reason, ...rest: Reason[]): Verdict => ({
  state: 'stale',
  reasons: [first, ...rest],
})
const pending = (...on: string[]): Verdict => ({ state: 'pending', on })
const moved: Reason = { reason: 'source', message: 'payment changed in the source since the load' }
const never: Reason = { reason: 'missing', message: 'never built' }

function report(more: Partial<StatusReport>): StatusReport {
  return {
    project: 'dvd_rental',
    target: 'local',
    observedAt: NOW,
    offline: false,
    assets: [],
    checks: [],
    warnings: [],
    ...more,
  }
}

const reports = Array.from({ length: 15 }, (_, k) =>
  statusAsset(`report_number_${k}`, pending('fact_payment')),
)

const sample = report({
  assets: [
    ...Array.from({ length: 39 }, (_, k) => statusAsset(`quiet_${k}`, fresh)),
    statusAsset('raw_payment', stale(moved)),
    statusAsset(
      'stg_payment',
      fresh,
      build('stg_payment', 41, { inputs: [{ name: 'raw_payment', version: 'c:1', shape: null }] }),
    ),
    statusAsset('fact_payment', pending('stg_payment')),
    ...reports,
  ],
})

test('status as text', async () => {
  const one = (name: string, verdict: Verdict) => statusAsset(name, verdict)
  await expect(
    pages({
      'one table moved in the source': statusText(sample, style()),
      'the same on a narrow terminal': statusText(sample, style({ columns: 48 })),
      'the same with --all': statusText(sample, style({ columns: 70, all: true })),
      'all fresh': statusText(report({ assets: [one('raw', fresh), one('fact', fresh)] }), style()),
      'nothing selected': statusText(report({}), style()),
      'never built': statusText(
        report({
          assets: Array.from({ length: 57 }, (_, k) =>
            statusAsset(`asset_${k}`, stale(never), null),
          ),
        }),
        style(),
      ),
      'many reasons, gates, and another run': statusText(
        report({
          assets: [
            one('raw_film', { state: 'building', run: 43 }),
            one('raw_rental', { state: 'building', run: 43 }),
            one('dim_film', stale(never, { reason: 'code', message: 'its code changed: model' })),
            one('a_name_that_is_longer_than_the_others_are_by_far', stale(never)),
            one(
              'broken',
              stale({ reason: 'failed', message: `failed:\n\u001b[31m${'x '.repeat(300)}` }),
            ),
            one('behind_check', pending('unique_film')),
            one('behind_both', pending('dim_film', 'unique_film')),
          ],
          checks: [
            {
              name: 'unique_film',
              reads: ['dim_film'],
              severity: 'error',
              verdict: stale({ reason: 'unchecked', message: 'never run' }),
              last: null,
            },
            {
              name: 'films_known',
              reads: ['dim_film', 'raw_film'],
              severity: 'error',
              verdict: stale({ reason: 'failed', message: 'failed in run 41' }),
              last: result('films_known', 'fail', 3),
            },
            {
              name: 'few_nulls',
              reads: ['raw_film'],
              severity: 'warn',
              verdict: fresh,
              last: result('few_nulls', 'warn', 1),
            },
            {
              name: 'not_here',
              reads: ['dim_film', 'dim_actor'],
              severity: 'warn',
              verdict: { state: 'waiting', on: ['dim_actor'] },
              last: null,
            },
            {
              name: 'fine',
              reads: ['raw_film'],
              severity: 'error',
              verdict: fresh,
              last: result('fine', 'pass', 0),
            },
          ],
        }),
        style(),
      ),
      'offline, a failing check only': statusText(
        report({
          offline: true,
          observedAt: NOW - 7_300_000,
          assets: [one('fact', fresh)],
          checks: [
            {
              name: 'unique',
              reads: ['fact'],
              severity: 'error',
              verdict: stale({ reason: 'failed', message: 'failed' }),
              last: result('unique', 'fail', null),
            },
          ],
        }),
        style(),
      ),
    }),
  ).toMatchFileSnapshot(golden('status'))
})

test('the status of a hundred thousand assets fits on a page', () => {
  const assets = Array.from({ length: 100_000 }, (_, k) =>
    statusAsset(
      `asset_${k}`,
      k % 3 === 0
        ? stale({ reason: 'data', message: `asset_${k + 1} changed` })
        : pending(`asset_${k - (k % 3)}`),
    ),
  )
  const text = statusText(report({ assets }), style())
  expect(text.split('\n').length).toBeLessThan(40)
  expect(text).toContain('100,000 assets')
  expect(text).toContain('33,314 more (--all)')
})

test('status as JSON', async () => {
  const json = statusJson(
    report({
      assets: [
        statusAsset('raw_payment', stale({ ...moved, asset: 'x', from: 'c:1', to: 'c:2' })),
        statusAsset('fact_payment', pending('raw_payment'), null),
        statusAsset('raw_film', { state: 'building', run: 43 }),
      ],
      checks: [
        {
          name: 'unique',
          reads: ['fact_payment'],
          severity: 'error',
          verdict: { state: 'waiting', on: ['dim'] },
          last: result('unique', 'fail', 3),
        },
      ],
    }),
  )
  await expect(`${JSON.stringify(json, null, 2)}\n`).toMatchFileSnapshot(golden('status-json'))
})

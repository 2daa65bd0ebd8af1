import { expect, test } from 'vitest'
import { whyJson } from '../../../framework/report/why.ts'
import type { WhyNode, WhyReport } from '../../../framework/report/why-report.ts'
import { whyText } from '../../../framework/report/why-text.ts'
import { build, golden, NOW, pages, result, style } from './fixture.ts'

const node = (asset: string, more: Partial<WhyNode>): WhyNode => ({
  asset,
  verdict: { state: 'fresh' },
  reasons: [],
  causes: [],
  last: null,
  before: null,
  root: null,
  declared: null,
  ...more,
})

const report = (
  asset: string,
  nodes: readonly WhyNode[],
  more: Partial<WhyReport> = {},
): WhyReport => ({
  asset,
  target: 'local',
  verdict: nodes.find((each) => each.asset === asset)?.verdict ?? { state: 'fresh' },
  nodes,
  policies: [],
  compared: null,
  offline: null,
  next: `assets materialize ${asset}`,
  ...more,
})

const OLD = 'c:duckdb-1.5/1:3f2a91c0aaaa'
const NEW = 'c:duckdb-1.5/1:8b17d2e4aaaa'

const chain = report('fact_payment', [
  node('raw_payment', {
    last: build('raw_payment', 41, { reference: 'Airbyte job 9123', rows: 14_597 }),
    before: build('raw_payment', 40, { rows: 14_596 }),
  }),
  node('stg_payment', {
    reasons: [{ reason: 'data', asset: 'raw_payment', message: 'raw_payment changed' }],
    causes: ['raw_payment'],
    last: build('stg_payment', 41, { rows: null }),
  }),
  node('fact_payment', {
    verdict: { state: 'stale', reasons: [{ reason: 'data', message: '' }] },
    reasons: [
      { reason: 'data', asset: 'stg_payment', from: OLD, to: NEW, message: 'stg_payment changed' },
    ],
    causes: ['stg_payment'],
    last: build('fact_payment', 40, {
      inputs: [{ name: 'stg_payment', version: OLD, shape: null }],
    }),
  }),
])

const diamond = report('top', [
  node('raw', {
    verdict: { state: 'stale', reasons: [{ reason: 'source', message: '' }] },
    reasons: [{ reason: 'source', message: 'payment changed in the source' }],
    last: build('raw', 41),
  }),
  node('left', { verdict: { state: 'pending', on: ['raw'] }, causes: ['raw'] }),
  node('right', {
    verdict: { state: 'pending', on: ['raw', 'unique_raw'] },
    causes: ['raw', 'unique_raw'],
  }),
  node('unique_raw', {
    verdict: { state: 'stale', reasons: [{ reason: 'failed', message: '' }] },
    reasons: [{ reason: 'failed', check: 'unique_raw', message: 'failed in run 41 (3 rows)' }],
    last: result('unique_raw', 'fail', 3),
  }),
  node('top', {
    verdict: { state: 'pending', on: ['left', 'right'] },
    causes: ['left', 'right'],
    last: build('top', 40),
  }),
])

const view = report('mart', [
  node('raw', { last: build('raw', 41) }),
  node('view', { causes: ['raw'], last: build('view', 40, { how: 'adopted' }) }),
  node('mart', {
    verdict: { state: 'stale', reasons: [{ reason: 'data', message: '' }] },
    reasons: [
      {
        reason: 'data',
        asset: 'view',
        from: 'k:aaaaaaaa1',
        to: 'k:bbbbbbbb1',
        message: 'view changed',
      },
    ],
    causes: ['view'],
  }),
])

const unstable = report('top', [
  node('lucky', {
    reasons: [{ reason: 'forced', message: 'asked for with --force' }],
    last: build('lucky', 41),
    before: build('lucky', 40),
    root: 'not_deterministic',
  }),
  node('top', {
    verdict: { state: 'stale', reasons: [{ reason: 'data', message: '' }] },
    reasons: [{ reason: 'data', asset: 'lucky', from: OLD, to: NEW, message: 'lucky changed' }],
    causes: ['lucky'],
    last: build('top', 40),
  }),
])

const deepViews = report('mart', [
  node('raw', {
    last: build('raw', 41, { rows: 14_597 }),
    before: build('raw', 40, { rows: 14_596 }),
  }),
  node('cents', { root: 'code' }),
  node('daily', { root: 'always_new', last: build('daily', 40) }),
  node('inner', { causes: ['raw', 'cents', 'daily'], last: build('inner', 2) }),
  node('outer', { causes: ['inner'], last: build('outer', 2) }),
  node('mart', {
    verdict: { state: 'stale', reasons: [{ reason: 'data', message: '' }] },
    reasons: [{ reason: 'data', asset: 'outer', from: OLD, to: NEW, message: 'outer changed' }],
    causes: ['outer'],
  }),
])

test('why as text', async () => {
  const one = (name: string, more: Partial<WhyNode>) =>
    whyText(report(name, [node(name, more)]), style())
  const inputs = Array.from({ length: 40 }, (_, k) => ({
    name: `in_${k}`,
    version: k === 0 ? null : OLD,
    shape: null,
  }))
  await expect(
    pages({
      'a chain': whyText(chain, style()),
      'a view under which a table moved': whyText(view, style()),
      'views over views, and all that changed below them': whyText(deepViews, style()),
      'a diamond that waits': whyText(diamond, style()),
      'code and columns': one('dim_film', {
        verdict: { state: 'stale', reasons: [{ reason: 'code', message: '' }] },
        reasons: [
          {
            reason: 'code',
            from: 'aaaaaaaa1',
            to: 'bbbbbbbb1',
            message: 'its code changed: macro cents (dbt/macros/cents.sql)',
          },
          { reason: 'deps', message: 'now reads stg_language' },
        ],
        declared: { file: 'assets/marts.yaml', line: 12, column: 3 },
        last: build('dim_film', 40),
      }),
      'never built': one('dim_film', {
        verdict: { state: 'stale', reasons: [{ reason: 'missing', message: '' }] },
        reasons: [{ reason: 'missing', message: 'never built' }],
        declared: { file: 'assets/marts.yaml', line: 1, column: 1 },
      }),
      fresh: whyText(
        report(
          'fact',
          [
            node('fact', {
              reasons: [{ reason: 'missing', message: 'never built' }],
              last: build('fact', 41, { inputs }),
            }),
          ],
          {
            compared: {
              inputs: inputs.map(({ name, version }) => ({ asset: name, was: version, is: OLD })),
              itself: 'content',
              source: false,
              asFarAs: null,
            },
            next: 'assets status',
          },
        ),
        style(),
      ),
      'a fresh view, offline': whyText(
        report('view', [node('view', { last: build('view', 41, { how: 'unchanged' }) })], {
          compared: {
            inputs: [
              { asset: 'raw', was: OLD, is: NEW },
              { asset: 'dim', was: OLD, is: null },
            ],
            itself: 'unlooked',
            source: false,
            asFarAs: null,
          },
          offline: { seenAt: NOW - 600_000 },
        }),
        style(),
      ),
      'a raw table that is fresh': whyText(
        report('raw', [node('raw', { last: build('raw', 41) })], {
          compared: { inputs: [], itself: 'untouched', source: true, asFarAs: null },
        }),
        style(),
      ),
      'a raw table that is fresh as far as its cursor tells': whyText(
        report('raw', [node('raw', { last: build('raw', 41) })], {
          compared: { inputs: [], itself: 'untouched', source: true, asFarAs: 'updated_at' },
        }),
        style(),
      ),
      'an input that is not deterministic': whyText(unstable, style()),
      building: one('fact', { verdict: { state: 'building', run: 43 }, last: build('fact', 40) }),
      'a check that waits': one('known', {
        verdict: { state: 'waiting', on: ['dim_a', 'dim_b'] },
        last: result('known', 'pass', 0),
      }),
    }),
  ).toMatchFileSnapshot(golden('why'))
})

test('a chain of fifty thousand causes needs no recursion and is cut', () => {
  const size = 50_000
  const nodes = Array.from({ length: size }, (_, k) =>
    node(`n${k}`, {
      verdict: { state: 'pending', on: k === 0 ? [] : [`n${k - 1}`] },
      causes: k === 0 ? [] : [`n${k - 1}`],
    }),
  )
  const lines = whyText(report(`n${size - 1}`, nodes), style()).split('\n')
  expect(lines.length).toBeLessThan(40)
  expect(lines.at(-3)).toMatch(/└─ …$/)
})

test('a thousand reasons are cut without --all', () => {
  const reasons = Array.from({ length: 1000 }, (_, k) => ({
    reason: 'data' as const,
    message: `in_${k} changed`,
  }))
  const wide = report('hub', [
    node('hub', { verdict: { state: 'stale', reasons: [reasons[0]!] }, reasons }),
  ])
  expect(whyText(wide, style())).toContain('… 988 more (--all)')
  expect(whyText(wide, style({ all: true }))).toContain('in_999 changed')
})

test('why as JSON: a flat list, causes by name', async () => {
  await expect(`${JSON.stringify(whyJson(chain), null, 2)}\n`).toMatchFileSnapshot(
    golden('why-json'),
  )
})

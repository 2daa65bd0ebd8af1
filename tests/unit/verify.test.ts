import { describe, expect, test } from 'vitest'
import { buildGraph } from '../../framework/graph/graph.ts'
import { columnDifferences } from '../../framework/kinds/column-differences.ts'
import type { Definition } from '../../framework/model/definition.ts'
import { planFor } from '../../framework/plan/plan.ts'
import { NOTHING } from '../../framework/plan/scope.ts'
import {
  candidatesOf,
  type Finding,
  findingOf,
  levelsOf,
  sampleOf,
} from '../../framework/plan/verify.ts'
import { type VerifyReport, verifyJson, verifyText } from '../../framework/report/verify.ts'
import { plainAsset } from '../rig/asset.ts'
import { FakeProject } from '../rig/fake-project.ts'
import { golden, pages, style } from './report/fixture.ts'

describe('a sample', () => {
  const names = Array.from({ length: 200 }, (_, k) => `asset_${k}`)
  const draw = (share: number, seed: number) => sampleOf(names, (name) => name, share, seed)

  test('is a share, chosen by the seed alone, in the order given', () => {
    const drawn = draw(0.05, 7)
    expect(drawn).toHaveLength(10)
    expect(draw(0.05, 7)).toEqual(drawn)
    expect(draw(0.05, 8)).not.toEqual(drawn)
    expect(drawn).toEqual(names.filter((name) => drawn.includes(name)))
  })

  test('has at least one in it, and all of them at 100 %', () => {
    expect(draw(0.0001, 1)).toHaveLength(1)
    expect(draw(1, 1)).toEqual(names)
    expect(sampleOf([], String, 0.5, 1)).toEqual([])
  })
})

test('every selected asset is verified or left out with a reason, and no check', async () => {
  const project = new FakeProject().raw('raw').add('sound', ['raw']).add('kept', ['raw'])
  project.policy('kept', { onDrift: 'adopt' }).add('edited').add('below', ['edited'])
  project.add('dropped').view('over_dropped', ['dropped']).ephemeral('inlined', ['raw'])
  project.add('history', ['raw'], { accumulates: 'snapshot' }).check('checked', ['sound'])
  project.add('away', ['raw']).change('away', { alias: 'mart.main.away' })
  await project.materialize()
  project.tables.set('kept', 'edited by hand')
  await project.materialize()
  project.change('edited', { code: 'other code' }).add('unbuilt')
  project.tables.delete('dropped')
  const { world } = await project.look()
  const { decisions } = planFor(world, NOTHING, project.now)
  const all = new Set(world.graph.names)
  const unverifiable = new Map([[world.kind(world.graph.indexOf('raw')!), 'a raw table']])
  const { fit, leftOut } = candidatesOf(world, decisions, all, unverifiable)
  // `edited` still holds what `below` was built from.
  expect(fit.map((i) => world.name(i))).toEqual(['sound', 'below'])
  expect(Object.fromEntries(leftOut.map(({ asset, because }) => [asset, because]))).toEqual({
    raw: 'a raw table',
    away: 'it is in another database, mart',
    kept: 'adopted: its inputs did not make what it holds',
    edited: 'not fresh: code',
    dropped: 'not fresh: missing',
    over_dropped: 'not fresh: an input does not exist',
    inlined: 'ephemeral: part of its readers',
    history: 'a snapshot: its history exists nowhere else',
    unbuilt: 'not fresh: missing',
  })
})

const asset = (name: string, deps: readonly string[] = []) => plainAsset(name, { deps })

test('no group holds two of which one reads the other, however far', () => {
  const assets = [
    asset('raw'),
    asset('view', ['raw']),
    asset('fact', ['view']),
    asset('dim', ['raw']),
    asset('top', ['fact', 'dim']),
  ]
  const graph = buildGraph(assets, [])
  if (!graph.ok) throw new Error('a cycle')
  const indices = ['raw', 'fact', 'dim', 'top'].map((name) => graph.value.indexOf(name)!)
  const levels = levelsOf(graph.value, indices)
  expect(levels.map((level) => level.map((index) => graph.value.names[index]))).toEqual([
    ['raw'],
    ['dim'],
    ['fact'],
    ['top'],
  ])
})

describe('a finding', () => {
  const definition = (more: Partial<Definition> = {}) =>
    ({ accumulates: 'no', clock: false, ...more }) as Definition
  const of = (versions: readonly [string, string, string], more: Partial<Definition> = {}) =>
    findingOf('fact', definition(more), {
      is: 'compared',
      versions,
      rows: [5, 6, 7],
      differing: [],
    })

  test.each([
    [['a', 'a', 'a'], {}, 'sound'],
    [['a', 'b', 'b'], {}, 'false_fresh'],
    [['a', 'a', 'b'], {}, 'not_deterministic'],
    [['a', 'b', 'c'], { accumulates: 'incremental' }, 'not_deterministic'],
    [['a', 'b', 'b'], { accumulates: 'incremental' }, 'differs_from_full_build'],
    // It names the clock, so it says itself that it is another at another time.
    [['a', 'b', 'b'], { clock: true }, 'not_deterministic'],
  ] as const)('of %j with %j is %s', (versions, more, finding) => {
    expect(of(versions, more).finding).toBe(finding)
  })

  test('counts the rows of what it holds against each other', () => {
    expect(of(['a', 'b', 'b']).rows).toEqual({ stored: 5, rebuilt: 6 })
    expect(of(['a', 'b', 'c']).rows).toEqual({ stored: 6, rebuilt: 7 })
  })
})

describe('columns that differ', () => {
  const column = (name: string, alone: string, without = 'w', type = 'INTEGER') => ({
    name,
    type,
    alone,
    without,
  })

  test('are those with other values or types, gone or new', () => {
    const before = [column('id', '1'), column('n', '2'), column('t', '3'), column('old', '4')]
    const after = [
      column('id', '1'),
      column('n', '9'),
      column('t', '3', 'w', 'BIGINT'),
      column('x', '5'),
    ]
    expect(columnDifferences(before, after)).toEqual([
      { column: 'n', differs: 'values' },
      { column: 't', differs: 'type' },
      { column: 'old', differs: 'gone' },
      { column: 'x', differs: 'new' },
    ])
  })

  test('are none where they only stand in another order', () => {
    const before = [column('id', '1'), column('n', '2')]
    expect(columnDifferences(before, [...before].reverse())).toEqual([])
  })

  test('are those without which the rows are equal, where each alone holds the same', () => {
    const before = [column('id', '1', 'a'), column('rank', '2', 'same')]
    const after = [column('id', '1', 'b'), column('rank', '2', 'same')]
    expect(columnDifferences(before, after)).toEqual([{ column: 'rank', differs: 'pairing' }])
  })
})

const finding = (name: string, more: Partial<Finding>): Finding => ({
  asset: name,
  finding: 'sound',
  columns: null,
  rows: null,
  problem: null,
  ...more,
})

const report: VerifyReport = {
  project: 'dvd_rental',
  target: 'local',
  findings: [
    finding('dim_film', {}),
    finding('fact_payment', {
      finding: 'false_fresh',
      columns: [
        { column: 'amount', differs: 'values' },
        { column: 'staff', differs: 'type' },
      ],
      rows: { stored: 14_597, rebuilt: 14_590 },
    }),
    finding('ranked', {
      finding: 'not_deterministic',
      columns: [{ column: 'rank', differs: 'pairing' }],
      rows: { stored: 5, rebuilt: 5 },
    }),
    finding('extract_ranked', { finding: 'false_fresh' }),
    finding('journal', {
      finding: 'differs_from_full_build',
      columns: [
        { column: 'a', differs: 'gone' },
        { column: 'b', differs: 'new' },
      ],
    }),
    finding('ordered', { finding: 'false_fresh', columns: [] }),
    finding('broken', {
      finding: 'failed',
      problem: { code: 'dbt-failed', message: 'broken (dbt/models/broken.sql): no such table' },
    }),
  ],
  leftOut: [
    { asset: 'raw_film', because: 'a raw table: its source may have moved on' },
    { asset: 'raw_payment', because: 'a raw table: its source may have moved on' },
    { asset: 'history', because: 'a snapshot: its history is nowhere else' },
  ],
  notes: ['on-run-start statements were not run: what they make is used as it is in the warehouse'],
  selected: 143,
  candidates: 140,
  sampled: 7,
  share: 0.05,
  seed: 1234,
  seconds: 12,
  interrupted: false,
}

test('as a person reads them, and as JSON', async () => {
  const sound = {
    ...report,
    findings: report.findings.slice(0, 1),
    leftOut: [],
    notes: [],
    share: 1,
    selected: 1,
    candidates: 1,
    sampled: 1,
  }
  await expect(
    pages({
      'of each kind': verifyText(report, style()),
      'all sound': verifyText(sound, style()),
      interrupted: verifyText(
        { ...sound, selected: 9, candidates: 9, sampled: 9, interrupted: true },
        style(),
      ),
      'of nothing but what can not be built': verifyText(
        { ...sound, findings: [], leftOut: report.leftOut, selected: 3, candidates: 0, sampled: 0 },
        style(),
      ),
      'as JSON': JSON.stringify(verifyJson(report), null, 2),
    }),
  ).toMatchFileSnapshot(golden('verify').replace('../../', '../'))
})

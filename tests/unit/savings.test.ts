import { describe, expect, test } from 'vitest'
import type { RunSavings, RunSummary } from '../../framework/model/run.ts'
import { savingsOf } from '../../framework/plan/savings.ts'
import { savingsJson, savingsText } from '../../framework/report/savings.ts'
import { FakeProject } from '../rig/fake-project.ts'
import { golden, NOW, pages, style } from './report/fixture.ts'

const share = (steps: number, seconds = steps, untimed = 0) => ({ steps, seconds, untimed })

describe('the balance of a run', () => {
  async function lastBalance(project: FakeProject): Promise<Record<string, number>> {
    const runs = await project.state.runs('local', 1)
    const balance = runs.ok ? (runs.value[0]?.savings ?? null) : null
    if (balance === null) throw new Error('the run has no savings data')
    return Object.fromEntries(Object.entries(balance).map(([group, { steps }]) => [group, steps]))
  }

  test('tells work from what was spared, and by what', async () => {
    const project = new FakeProject()
      .raw('raw')
      .raw('raw_dim')
      .ephemeral('inlined', ['raw_dim'])
      .add('stg', ['raw'], { constant: 'always the same' })
      .add('fact', ['stg'])
      .add('dim', ['inlined'])
      .check('unique_fact', ['fact'])
    await project.materialize()
    expect(await lastBalance(project)).toEqual({ worked: 6, fresh: 0, unchanged: 0, released: 0 })

    await project.materialize()
    expect(await lastBalance(project)).toEqual({ worked: 0, fresh: 4, unchanged: 2, released: 0 })

    project.change('raw', { source: 'more rows' })
    await project.materialize()
    expect(await lastBalance(project)).toEqual({ worked: 2, fresh: 1, unchanged: 1, released: 2 })
  })

  test('is about what was asked for', async () => {
    const project = new FakeProject().raw('raw').add('one', ['raw']).add('other', ['raw'])
    await project.materialize()
    await project.materialize(['one'])
    expect(await lastBalance(project)).toEqual({ worked: 0, fresh: 1, unchanged: 1, released: 0 })
  })

  test('credits nobody for what failed or was held up', async () => {
    const project = new FakeProject()
      .raw('raw')
      .add('bad', ['raw'], { fails: true })
      .add('top', ['bad'])
    await project.materialize()
    expect(await lastBalance(project)).toEqual({ worked: 1, fresh: 0, unchanged: 0, released: 0 })
  })
})

const DAY = 86_400_000
const run = (id: number, more: Partial<RunSummary>): RunSummary => ({
  run: id,
  target: 'local',
  command: 'materialize',
  job: null,
  startedAt: NOW - (10 - id) * DAY,
  finishedAt: NOW - (10 - id) * DAY + 60_000,
  outcome: 'succeeded',
  counts: { built: 1 },
  savings: null,
  ...more,
})
const balance = (more: Partial<RunSavings>): RunSavings => ({
  worked: share(0),
  fresh: share(0),
  unchanged: share(0),
  released: share(0),
  ...more,
})

const runs = [
  run(4, {
    savings: balance({ worked: share(2, 30), fresh: share(38, 300), released: share(20, 61) }),
  }),
  run(3, { savings: balance({ worked: share(10, 100, 1), unchanged: share(15, 40) }) }),
  run(2, {}),
  run(1, { savings: balance({ worked: share(60, 500) }) }),
]

test('of several runs adds up what began since then', () => {
  const since = runs[1]!.startedAt
  expect(savingsOf(runs, since)).toEqual({
    runs: 2,
    unaccounted: 0,
    first: since,
    worked: share(12, 130, 1),
    fresh: share(38, 300),
    unchanged: share(15, 40),
    released: share(20, 61),
  })
  expect(savingsOf(runs, 0)).toMatchObject({ runs: 3, unaccounted: 1 })
})

test('leaves out runs that built nothing by their nature', () => {
  const verify = run(5, { command: 'verify', counts: { built: 0 } })
  expect(savingsOf([verify], 0)).toMatchObject({ runs: 0, unaccounted: 0 })
})

test('as a person reads them, and as JSON', async () => {
  const report = { project: 'dvd_rental', target: 'local' }
  const all = { ...savingsOf(runs, 0), ...report, since: null }
  await expect(
    pages({
      all: savingsText(all, style()),
      'since a date': savingsText(
        { ...savingsOf(runs, runs[0]!.startedAt), ...report, since: NOW - 6 * DAY },
        style(),
      ),
      'nothing yet': savingsText({ ...savingsOf([], 0), ...report, since: null }, style()),
      'as JSON': JSON.stringify(savingsJson(all), null, 2),
    }),
  ).toMatchFileSnapshot(golden('savings').replace('../../', '../'))
})

import { describe, expect, test } from 'vitest'
import { createKind } from '../../../framework/kinds/airbyte/index.ts'
import { keptVersion } from '../../../framework/kinds/airbyte/keep-version.ts'
import type { Json } from '../../../framework/lib/json.ts'
import { ok } from '../../../framework/model/problem.ts'
import type { Materialization } from '../../../framework/model/record.ts'
import type { ReasonName } from '../../../framework/model/verdict.ts'
import type { BatchStep, StepReport } from '../../../framework/ports/batch.ts'
import type { Arrival } from '../../../framework/ports/connection.ts'
import type { Inspected } from '../../../framework/ports/warehouse.ts'
import { stream } from '../../rig/load.ts'
import { type FakeSite, fakeSite, fakeSyncer, rawAsset } from './world.ts'

const kind = createKind()
const SPEC = { sync: 'incremental_dedup', primary_key: ['id'] }

const RECORD = {
  dataVersion: 'c:fake:before',
  token: 'token 1',
  rows: 7,
  bytes: 70,
  startedAt: 500,
  shape: { relation: 'raw.a', columns: 'columns' },
} as Materialization

function step(
  name: string,
  more: {
    readonly reasons?: readonly ReasonName[]
    readonly record?: Materialization | null
    readonly unfinished?: { readonly at: number; readonly reference: Json }
    readonly spec?: Readonly<Record<string, Json>>
  } = {},
): BatchStep {
  const asset = rawAsset(name, more.spec ?? SPEC)
  const { record = RECORD, unfinished = null } = more
  const subject = {
    is: 'asset',
    asset,
    definition: {},
    record,
    unfinished,
    freshSince: 0,
    inputs: new Map(),
  }
  return {
    name,
    action: 'build',
    full: false,
    reasons: (more.reasons ?? ['expired']).map((reason) => ({ reason, message: '' })),
    after: [],
    subject: subject as unknown as BatchStep['subject'],
  }
}

const loaded = (records: number | null): Arrival => ({
  is: 'loaded',
  records,
  source: { job: 9 },
  reference: 'Airbyte job 9',
  startedAt: null,
})

describe('zero records keep the version', () => {
  const there = (token?: string, columns = 'columns'): Inspected => ({
    kind: 'table',
    columns: [],
    shape: { relation: 'raw.a', columns },
    installed: null,
    ...(token === undefined ? {} : { token }),
  })
  const kept = (
    one: BatchStep,
    records: number | null = 0,
    before: Inspected | null = there('token 1'),
    after: Inspected = there('token 2'),
    sync: 'incremental_dedup' | 'full_refresh' = 'incremental_dedup',
  ) =>
    keptVersion({ stream: stream('a', { sync }), step: one }, records, before ?? undefined, after)

  test('with the current token', () => {
    expect(kept(step('raw_a'))).toEqual({
      version: 'c:fake:before',
      shape: RECORD.shape,
      rows: 7,
      bytes: 70,
      token: 'token 2',
    })
    expect(kept(step('raw_a', { reasons: ['shared'] }))).not.toBeNull()
    expect(kept(step('raw_a', { reasons: ['forced', 'source'] }))).not.toBeNull()
  })

  test('and so does an unchanged token, whatever was reported', () => {
    const same = there('token 1')
    expect(kept(step('raw_a'), null, same, same)).toMatchObject({ token: 'token 1' })
    expect(kept(step('raw_a', { reasons: ['code'] }), 3, null, same, 'full_refresh')).not.toBeNull()
    expect(kept(step('raw_a'), 0, same, there('token 1', 'more'))).toBeNull()
  })

  test.each<[string, ReturnType<typeof kept>]>([
    ['records came', kept(step('raw_a'), 1)],
    ['the records were not counted', kept(step('raw_a'), null)],
    [
      'it is loaded in full',
      kept(step('raw_a'), 0, there('token 1'), there('token 2'), 'full_refresh'),
    ],
    ['its token had moved before', kept(step('raw_a'), 0, there('token x'))],
    ['it has no token', kept(step('raw_a'), 0, there(), there())],
    ['it was not looked at before', kept(step('raw_a'), 0, null)],
    ['a column came', kept(step('raw_a'), 0, there('token 1'), there('token 2', 'more'))],
    [
      'it stands elsewhere now',
      kept(step('raw_a'), 0, there('token 1'), {
        ...there('token 1'),
        shape: { relation: 'other.a', columns: 'columns' },
      }),
    ],
    ['it was never built', kept(step('raw_a', { record: null }))],
    ['its record holds no token', kept(step('raw_a', { record: { ...RECORD, token: null } }))],
    ['its version is not known', kept(step('raw_a', { record: { ...RECORD, dataVersion: null } }))],
    ['a run was cut off', kept(step('raw_a', { unfinished: { at: 1, reference: null } }))],
    ['its code is another', kept(step('raw_a', { reasons: ['code'] }))],
    ['it drifted', kept(step('raw_a', { reasons: ['drifted'] }))],
  ])('unless %s', (_, answer) => {
    expect(answer).toBeNull()
  })
})

describe('a sync by a service', () => {
  async function run(
    site: FakeSite,
    steps: readonly BatchStep[],
    arrivals: Record<string, Arrival>,
  ) {
    const syncer = fakeSyncer()
    site.fakes.connections.set('shop', ok(syncer))
    const open: number[] = []
    syncer.onSync = async () => {
      open.push(site.fakes.warehouse.open_)
      return new Map(Object.entries(arrivals))
    }
    const reports: StepReport[] = []
    const hashed: string[] = []
    const batch = {
      run: 4,
      number: 1,
      steps,
      signal: site.signal,
      onSideWrite: () => {},
      onWait: () => {},
    }
    const take = (report: StepReport) => {
      if (report.step === 'progress') hashed.push(report.name)
      else reports.push(report)
    }
    await kind.run(batch, async (report) => take(report), site)
    return { reports, hashed, open, syncer }
  }

  test('is one call, during which the warehouse is closed', async () => {
    const site = fakeSite()
    site.fakes.warehouse.tables.set('raw.a', 'rows').set('raw.b', 'rows')
    const { reports, open, syncer } = await run(site, [step('raw_a'), step('raw_b')], {
      raw_a: loaded(3),
      raw_b: { ...loaded(3), startedAt: 400 } as Arrival,
    })
    expect(syncer.syncs.map(({ streams }) => streams.length)).toEqual([2])
    expect([open, site.fakes.warehouse.open_]).toEqual([[0], 0])
    expect(reports).toMatchObject([
      {
        step: 'built',
        name: 'raw_a',
        product: { version: 'c:fake:rows', reference: 'Airbyte job 9' },
      },
      { step: 'built', name: 'raw_b', startedAt: 400 },
    ])
  })

  test('reads no table if it reports zero records and the token proves the rest', async () => {
    const site = fakeSite()
    const { warehouse } = site.fakes
    warehouse.tables.set('raw.a', 'rows').set('raw.b', 'rows')
    warehouse.tokens.set('raw.a', 'token 1').set('raw.b', 'token 0')
    const { reports, hashed } = await run(site, [step('raw_a'), step('raw_b')], {
      raw_a: loaded(0),
      raw_b: loaded(2),
    })
    expect(warehouse.fingerprinted).toEqual(['raw.b'])
    expect(hashed).toEqual(['raw_b'])
    expect(reports[0]).toMatchObject({ product: { version: 'c:fake:before', rows: 7 } })
  })

  test('gives no version if the table is written while it is read', async () => {
    const site = fakeSite()
    const { warehouse } = site.fakes
    warehouse.tables.set('raw.a', 'rows')
    warehouse.tokens.set('raw.a', 'token 0')
    warehouse.onFingerprint = () => warehouse.tokens.set('raw.a', 'token 2')
    const { reports } = await run(site, [step('raw_a')], { raw_a: loaded(5) })
    expect(reports).toMatchObject([{ step: 'built', product: { version: null } }])
  })

  test('that takes longer than max_age is reported once', async () => {
    let now = 1_000
    const notices: string[] = []
    const notice = (message: string) => void notices.push(message)
    const site = { ...fakeSite(), clock: () => now, notice }
    site.fakes.warehouse.tables.set('raw.a', 'rows').set('raw.b', 'rows')
    const syncer = fakeSyncer()
    site.fakes.connections.set('shop', ok(syncer))
    syncer.onSync = async () => {
      now += 4_200_000
      return new Map([
        ['raw_a', loaded(1)],
        ['raw_b', loaded(1)],
      ])
    }
    const aged = (name: string) => {
      const one = step(name)
      const definition = { freshness: { maxAge: 3_600_000 } }
      return { ...one, subject: { ...one.subject, definition } } as unknown as BatchStep
    }
    const batch = {
      run: 4,
      number: 1,
      steps: [aged('raw_a'), aged('raw_b')],
      signal: site.signal,
      onSideWrite: () => {},
      onWait: () => {},
    }
    await kind.run(batch, async () => {}, site)
    expect(notices).toEqual([
      'raw_a took 1h10m, longer than its max_age of 1h, and is stale again: raise max_age, or use a cron',
    ])
  })

  test('reports the outcome of each stream', async () => {
    const site = fakeSite()
    site.fakes.warehouse.tables.set('raw.e', 'rows')
    const problem = { code: 'airbyte-stream-failed' as const, message: 'no' }
    const { reports } = await run(
      site,
      ['a', 'b', 'c', 'd'].map((name) => step(`raw_${name}`)),
      {
        raw_a: { is: 'failed', problem },
        raw_b: { is: 'cancelled', detail: 'job 9 was cancelled' },
        raw_c: { is: 'as_recorded' },
        raw_d: loaded(1),
      },
    )
    expect(reports).toMatchObject([
      { step: 'failed', name: 'raw_a', problem },
      { step: 'cancelled', name: 'raw_b', detail: 'job 9 was cancelled' },
      { step: 'built', name: 'raw_c', startedAt: 500, product: { version: 'c:fake:before' } },
      { step: 'failed', name: 'raw_d', problem: { code: 'table-missing', asset: 'raw_d' } },
    ])
  })
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKind } from '../../framework/kinds/extract/index.ts'
import type { Asset } from '../../framework/model/asset.ts'
import type { Found } from '../../framework/model/observation.ts'
import type { Materialization, RecordedObservation } from '../../framework/model/record.ts'
import type { Product, StepReport } from '../../framework/ports/batch.ts'
import type { Observations } from '../../framework/ports/kind.ts'
import type { Site } from '../../framework/ports/site.ts'
import { FakePublisher } from '../rig/fake-publisher.ts'
import { borrowing, duckdbIn } from './suites/duckdb.ts'
import { assetOf, buildWith, definedBy, siteOf } from './suites/site.ts'
import { must } from './suites/warehouse.ts'

const DAY = 24 * 3_600_000
const kind = createKind()
let root: string
let publisher: FakePublisher
let now: number

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'assets-extract-'))
  publisher = new FakePublisher()
  now = 100 * DAY
  await borrowing(duckdbIn(root), 'create schema marts')
  await sell('1, 2')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const sell = (numbers: string) =>
  borrowing(
    duckdbIn(root),
    `create or replace table marts.sales as select unnest([${numbers}]) as n`,
  )

function siteWith(more: { publishing?: readonly string[]; signal?: AbortSignal } = {}): Site {
  const warehouse = duckdbIn(root)
  return siteOf({
    ...{ root, warehouse: () => warehouse, assets: [assetOf('dbt', 'sales', {})] },
    ...{ publisher, publishing: ['tableau'], clock: () => now },
    ...more,
  })
}

const PUBLISH = { connection: 'tableau', project: 'Finance' }
const extract = (publish: Asset['spec'][string] = PUBLISH, name = 'report'): Asset =>
  assetOf('extract', name, { to: `out/${name}.csv`, publish }, { deps: ['sales'] })

interface Step {
  readonly asset?: Asset
  readonly site?: Site
  readonly record?: Materialization | null
  readonly forced?: boolean
}

async function build(step: Step = {}): Promise<readonly StepReport[]> {
  const { asset = extract(), site = siteWith(), record = null, forced = false } = step
  const subject = await definedBy(kind, asset, site)
  return buildWith(kind, subject, site, {
    relations: { sales: 'marts.sales' },
    ...(record === null ? {} : { record }),
    reasons: forced ? [{ reason: 'forced', message: '' }] : [],
  })
}

/** The record of a build. */
async function built(step: Step = {}): Promise<Materialization> {
  const reports = await build(step)
  const last = reports.at(-1)
  if (last?.step !== 'built') throw new Error(JSON.stringify(reports))
  const subject = await definedBy(kind, step.asset ?? extract(), step.site ?? siteWith())
  return recordOf(last.product, subject.definition.codeVersion)
}

const recordOf = (product: Product, codeVersion: string) =>
  ({
    ...product,
    codeVersion,
    dataVersion: product.version,
    outputs: ['out/report.csv'],
  }) as unknown as Materialization

async function observe(
  record: Materialization,
  more: { sparing?: boolean; site?: Site; lastObserved?: RecordedObservation } = {},
): Promise<Observations> {
  const { site = siteWith(), lastObserved = null, sparing = false } = more
  const subject = await definedBy(kind, extract(), site)
  const request = { ...subject, record, lastObserved, warehouseToken: null, sparing }
  return must(await kind.observe([request], site))
}

const found = async (...given: Parameters<typeof observe>): Promise<Found> =>
  (await observe(...given)).observations.get('report')!.found

describe('a published extract', () => {
  it('is committed with the receipt of its publication', async () => {
    const reports = (await build()).filter(({ step }) => step !== 'progress')
    expect(reports.map(({ step }) => step)).toEqual(['started', 'reference', 'note', 'built'])
    expect(reports[2]).toMatchObject({ message: 'published as Finance/report' })
    expect(reports.at(-1)).toMatchObject({
      product: {
        reference: 'job 1',
        source: { receipt: { key: 'Finance/report', at: 1 }, lookedAt: now },
      },
    })
    expect(publisher.shown.get('Finance/report')?.text).toBe(
      readFileSync(join(root, 'out/report.csv'), 'utf8'),
    )
  })

  it('is not committed if its publication fails', async () => {
    publisher.isDown = true
    expect((await build()).at(-1)).toMatchObject({
      step: 'failed',
      problem: { code: 'tableau-not-answering', message: 'report: no answer', transient: true },
    })
  })

  it('is cancelled with what becomes of the job', async () => {
    publisher.isCancelled = true
    expect((await build()).slice(-2)).toEqual([
      { step: 'note', name: 'report', message: 'the job keeps running' },
      { step: 'cancelled', name: 'report', detail: 'the job keeps running' },
    ])
  })

  it('publishes equal rows once', async () => {
    const record = await built()
    const again = await built({ record })
    expect([again.reference, publisher.shown.get('Finance/report')?.at]).toEqual(['job 1', 1])
    await sell('1, 2, 3')
    await built({ record: again })
    expect(publisher.shown.get('Finance/report')?.text).toBe('n\n1\n2\n3\n')
  })

  it('is published again with --force, as the service is told', async () => {
    const record = await built()
    await built({ record, forced: true })
    expect(publisher.requests.map(({ forced }) => forced)).toEqual([false, true])
  })

  it('has the name of its file, or its own', async () => {
    await built()
    await built({ asset: extract({ ...PUBLISH, name: 'Our report', mode: 'overwrite' }) })
    expect([...publisher.shown.keys()]).toEqual(['Finance/report', 'Finance/Our report'])
    expect(publisher.requests.map(({ mode }) => mode)).toEqual(['create', 'overwrite'])
  })

  it('has other code if its place changed, and says that the old one is still there', async () => {
    const versions = await Promise.all(
      [PUBLISH, { ...PUBLISH, name: 'other' }, { ...PUBLISH, mode: 'overwrite' }].map(
        async (publish) => {
          const { definition } = await definedBy(kind, extract(publish), siteWith())
          return definition.codeVersion
        },
      ),
    )
    expect([versions[0] === versions[1], versions[0] === versions[2]]).toEqual([false, true])
    const record = await built()
    const reports = await build({ asset: extract({ ...PUBLISH, name: 'other' }), record })
    expect(reports).toContainEqual({
      ...{ step: 'note', name: 'report' },
      message: 'Finance/report is still there: delete it there if nobody needs it',
    })
    const plain = assetOf('extract', 'report', { to: 'out/report.csv' }, { deps: ['sales'] })
    expect(await build({ asset: plain, record })).toContainEqual(
      expect.objectContaining({ step: 'note' }),
    )
  })

  it('publishes nothing on a target without the connection', async () => {
    const elsewhere = siteWith({ publishing: [] })
    const site = {
      ...elsewhere,
      project: {
        ...elsewhere.project,
        targets: { prod: siteWith().target },
      },
    }
    const record = await built({ site })
    expect([record.source, publisher.asked]).toEqual([null, []])
    const plain = assetOf('extract', 'report', { to: 'out/report.csv' }, { deps: ['sales'] })
    expect(record.codeVersion).toBe((await definedBy(kind, plain, site)).definition.codeVersion)
    expect(await found(record, { site })).toEqual({ state: 'recorded' })
  })

  it('publishes some at once, after all files are written', async () => {
    const site = siteWith()
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const steps = await Promise.all(
      names.map(async (name) => ({
        ...({ name, action: 'build', full: true, reasons: [], after: [] } as const),
        subject: {
          ...({ is: 'asset', record: null, inputsCommitted: null, unfinished: null } as const),
          ...(await definedBy(kind, extract(PUBLISH, name), site)),
          inputs: new Map([['sales', { relation: 'marts.sales', columns: null }]]),
          freshSince: null,
        },
      })),
    )
    const order: string[] = []
    const { signal } = site
    const batch = { run: 1, number: 1, steps, signal, onSideWrite: () => {}, onWait: () => {} }
    await kind.run(batch, async ({ step, name }) => void order.push(`${step} ${name}`), site)
    const starts = order.filter((line) => !line.startsWith('progress')).slice(0, 6)
    expect(starts).toEqual(names.map((name) => `started ${name}`))
    expect(order.filter((line) => line.startsWith('built'))).toHaveLength(6)
    expect(publisher.most).toBe(4)
  })
})

describe('an observation', () => {
  it.each([
    ['missing', 'gone', () => publisher.shown.clear(), { state: 'absent', message: 'it is gone' }],
    [
      ...(['drifted', 'replaced'] as const),
      () => publisher.shown.set('Finance/report', { text: '', at: 77 }),
      { state: 'replaced', message: 'it was replaced' },
    ],
    ['fresh', 'as it was', () => {}, { state: 'recorded' }],
  ] as const)('is %s if its data source is %s', async (_, _what, change, state) => {
    const record = await built()
    change()
    expect(await found(record)).toEqual(state)
  })

  it('is looked at by a job after a week, and not before', async () => {
    const record = await built()
    publisher.shown.clear()
    publisher.asked.splice(0)
    now += 6.9 * DAY
    expect(await found(record, { sparing: true })).toEqual({ state: 'recorded' })
    expect(publisher.asked).toEqual([])
    now += 0.2 * DAY
    expect(await found(record, { sparing: true })).toMatchObject({ state: 'absent' })
    now -= 30 * DAY
    expect(await found(record, { sparing: true })).toMatchObject({ state: 'absent' })
  })

  it('is looked at by a job if the last look found something else', async () => {
    const record = await built()
    const version = record.dataVersion
    const lastObserved = { at: now, version, shape: null, token: null, present: true }
    publisher.asked.splice(0)
    for (const last of [
      lastObserved,
      { ...lastObserved, present: false },
      { ...lastObserved, version: 'd:null' },
    ]) {
      await observe(record, { sparing: true, lastObserved: last })
    }
    expect(publisher.asked).toEqual(['look report', 'look report'])
  })

  it('moves the time of the last look, at most once an hour', async () => {
    const record = await built()
    expect((await observe(record)).positions.size).toBe(0)
    now += DAY
    const { positions } = await observe(record)
    expect(positions.get('report')).toEqual({ ...(record.source as object), lookedAt: now })
  })

  it('is unknown if the service does not answer', async () => {
    const record = await built()
    publisher.isDown = true
    const { observations, problems } = await observe(record)
    expect(observations.get('report')?.found).toEqual({
      ...{ state: 'unreadable', message: 'its data source could not be looked at: no answer' },
    })
    expect(problems.map(({ code }) => code)).toEqual(['tableau-not-answering'])
  })

  it('is not looked at if its file is gone', async () => {
    const record = await built()
    publisher.asked.splice(0)
    rmSync(join(root, 'out'), { recursive: true })
    expect(await found(record)).toEqual({ state: 'absent' })
    expect(publisher.asked).toEqual([])
  })

  it('is missing if it was built and not published', async () => {
    const record = await built()
    const bare = { ...record, source: null }
    publisher.asked.splice(0)
    expect(await found(bare)).toMatchObject({
      ...{ state: 'absent', message: 'not published yet as report in project Finance' },
    })
    expect(publisher.asked).toEqual([])
  })
})

describe('a definition', () => {
  const problemsOf = async (spec: Asset['spec'], site = siteWith()) =>
    (await kind.define([assetOf('extract', 'report', spec, { deps: ['sales'] })], site)).problems

  it('refuses a format that the service does not take', async () => {
    publisher.format = 'hyper'
    const [problem] = await problemsOf({ to: 'a.csv', publish: PUBLISH })
    expect(problem).toMatchObject({
      code: 'publish-format',
      hint: expect.stringContaining('`format: {local: hyper, default: csv}`'),
    })
  })

  it('refuses a connection that no target has, once for all extracts', async () => {
    const site = { ...siteWith({ publishing: [] }), publisher: siteOf({ root }).publisher }
    const assets = ['a', 'b'].map((name) => extract(PUBLISH, name))
    const { problems } = await kind.define(assets, site)
    expect(problems).toHaveLength(1)
  })

  it('refuses to adopt: file and data source would differ', async () => {
    const asset = { ...extract(), policy: { ...extract().policy, onDrift: 'adopt' } } as Asset
    const { problems } = await kind.define([asset], siteWith())
    expect(problems.map(({ code }) => code)).toEqual(['publish-adopt'])
  })

  it('has a format for each target', async () => {
    const spec = { to: 'out/{target}/a.{format}', format: { local: 'parquet', default: 'csv' } }
    const asset = assetOf('extract', 'report', spec, { deps: ['sales'] })
    const outputs = async (name: string) => {
      const site = siteWith()
      const target = { ...site.target, name }
      const targets = { local: target, prod: target }
      const project = { ...site.project, targets }
      return (await definedBy(kind, asset, { ...site, target, project })).definition.outputs
    }
    expect(await outputs('local')).toEqual(['out/local/a.parquet'])
    expect(await outputs('prod')).toEqual(['out/prod/a.csv'])
  })

  it.each([
    [{ prd: 'csv', default: 'csv' }, 'names target prd', 'did you mean prod?'],
    [{ prod: 'csv' }, 'has no entry for target local', 'add `local: csv` or `default: csv`'],
  ])('refuses the formats %j', async (format, says, hint) => {
    const site = siteWith()
    const targets = { local: site.target, prod: site.target }
    const of = { ...site, project: { ...site.project, targets } }
    const problems = await problemsOf({ to: 'a.{format}', format }, of)
    expect(problems).toEqual([
      expect.objectContaining({ message: expect.stringContaining(says), hint }),
    ])
  })
})

import { beforeEach, expect, it } from 'vitest'
import { createKind } from '../../framework/kinds/tableau/index.ts'
import type { Asset } from '../../framework/model/asset.ts'
import type { Materialization } from '../../framework/model/record.ts'
import type { Site } from '../../framework/ports/site.ts'
import { FakePublisher } from '../rig/fake-publisher.ts'
import { assetOf, buildWith, definedBy, siteOf } from './suites/site.ts'
import { must } from './suites/warehouse.ts'

const kind = createKind()
let publisher: FakePublisher
let site: Site
beforeEach(() => {
  publisher = new FakePublisher()
  site = siteOf({ root: '/nowhere', publisher, publishing: ['tableau'] })
})

const asset: Asset = assetOf(
  'tableau',
  'dashboard',
  { connection: 'tableau', refresh: { workbook: 'Overview' }, project: 'Finance' },
  { deps: ['sales'] },
)
const build = async (more: Parameters<typeof buildWith>[3] = {}) =>
  buildWith(kind, await definedBy(kind, asset, site), site, more)

it('is refreshed with its inputs and its journal, and is a new version each time', async () => {
  const inputsCommitted = { run: 7, at: 5_000 }
  const unfinished = { at: 1, reference: { job: 'j' } }
  const reports = await build({ inputsCommitted, unfinished })
  expect(reports).toMatchObject([
    { step: 'started' },
    { step: 'reference', reference: { asked: 'dashboard' } },
    { step: 'built', product: { version: 't:42', reference: 'job 1', token: null } },
  ])
  expect(publisher.refreshes[0]).toMatchObject({
    ...{ inputs: inputsCommitted, unfinished: { job: 'j' }, run: 42 },
    content: { type: 'workbook', name: 'Overview', project: 'Finance' },
  })
})

it.each([
  ['isDown', { step: 'failed', problem: { message: 'dashboard: no answer', asset: 'dashboard' } }],
  ['isCancelled', { step: 'cancelled', detail: 'the job was cancelled' }],
] as const)('reports what became of it (%s)', async (how, last) => {
  publisher[how] = true
  expect((await build()).at(-1)).toMatchObject(last)
})

it('exists if it has a record, and the service is not asked', async () => {
  const subject = await definedBy(kind, asset, site)
  const found = async (record: Materialization | null) => {
    const request = { ...subject, record, lastObserved: null, warehouseToken: null, sparing: false }
    const { observations } = must(await kind.observe([request], site))
    return observations.get('dashboard')?.found.state
  }
  const record = { source: { service: 'here' } } as unknown as Materialization
  expect([await found(null), await found(record)]).toEqual(['absent', 'recorded'])
  // The connection has another server or site now.
  publisher.service = 'elsewhere'
  expect(await found(record)).toBe('absent')
  expect(publisher.asked).toEqual([])
})

it('is never built on a target without the connection', async () => {
  const elsewhere = siteOf({ root: '/nowhere', publisher })
  const targets = { prod: site.target }
  const local = { ...elsewhere, project: { ...elsewhere.project, targets } }
  expect((await definedBy(kind, asset, local)).definition.form).toBe('ephemeral')
  expect((await definedBy(kind, asset, site)).definition.form).toBe('stored')
})

it('has other code if it refreshes something else', async () => {
  const codes = await Promise.all(
    [
      { refresh: { workbook: 'Overview' } },
      { refresh: { datasource: 'Overview' } },
      { refresh: { workbook: 'Other' } },
      { refresh: { workbook: 'Overview' }, project: 'Sales' },
    ].map(async (spec) => {
      const keys = { connection: 'tableau', ...spec }
      const one = assetOf('tableau', 'dashboard', keys, { deps: ['sales'] })
      return (await definedBy(kind, one, site)).definition.codeVersion
    }),
  )
  expect(new Set(codes).size).toBe(4)
})

it('needs something that makes it stale', async () => {
  const spec = { connection: 'tableau', refresh: { workbook: 'Overview' } }
  const { problems } = await kind.define([assetOf('tableau', 'dashboard', spec)], site)
  expect(problems.map(({ code }) => code)).toEqual(['refresh-without-inputs'])
})

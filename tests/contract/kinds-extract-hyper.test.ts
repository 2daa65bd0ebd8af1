import {
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { create } from '../../framework/formats/hyper/index.ts'
import { createKind } from '../../framework/kinds/extract/index.ts'
import { recordedFiles } from '../../framework/kinds/observe-files.ts'
import type { Asset } from '../../framework/model/asset.ts'
import type { Found } from '../../framework/model/observation.ts'
import { fail, ok } from '../../framework/model/problem.ts'
import type { Rebuilt } from '../../framework/model/rebuilt.ts'
import type { Materialization } from '../../framework/model/record.ts'
import type { Product, StepReport } from '../../framework/ports/batch.ts'
import type { FileFormat } from '../../framework/ports/file-format.ts'
import type { Site } from '../../framework/ports/site.ts'
import { sharedHyper } from '../rig/python.ts'
import { borrowing, duckdbIn } from './suites/duckdb.ts'
import { assetOf, buildWith, definedBy, siteOf } from './suites/site.ts'
import { must } from './suites/warehouse.ts'

const folder = await sharedHyper()
const PATH = process.env.PATH ?? ''
const kind = createKind()
const toClose: FileFormat[] = []

let root: string
let site: Site

/** The same project with another writer of .hyper files. */
function siteWith(format: (site: Site) => FileFormat, more: { signal?: AbortSignal } = {}): Site {
  const warehouse = duckdbIn(root)
  const made = siteOf({
    root,
    warehouse: () => warehouse,
    assets: [assetOf('dbt', 'sales', {})],
    env: { PATH, ...(folder === null ? {} : { ASSETS_HYPER_PYTHON_ENV: folder }) },
    ...more,
  })
  const written = format(made)
  toClose.push(written)
  return { ...made, fileFormat: async () => written }
}

const sell = (rows: string) =>
  borrowing(
    duckdbIn(root),
    `create or replace table marts.sales as select * from (values ${rows}) v(id, name, amount)`,
  )

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'assets-extract-'))
  await borrowing(duckdbIn(root), 'create schema marts')
  await sell(`(2, 'b', 1.50::decimal(5, 2)), (1, 'a', null), (3, '', 0.10)`)
  site = siteWith(create)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))
afterAll(async () => {
  for (const format of toClose) await format.close()
})

const asset: Asset = assetOf('extract', 'report', { to: 'a.hyper' }, { deps: ['sales'] })

async function last(where: Site = site, what: Asset = asset): Promise<StepReport> {
  const subject = await definedBy(kind, what, where)
  const { codeVersion } = (await definedBy(kind, asset, where)).definition
  const record = { codeVersion } as Materialization
  const reports = await buildWith(kind, subject, where, {
    relations: { sales: 'marts.sales' },
    record,
  })
  return reports.at(-1)!
}

async function built(): Promise<Product> {
  const report = await last()
  if (report.step !== 'built') throw new Error(JSON.stringify(report))
  return report.product
}

async function found(product: Product | null, where: Site = site): Promise<Found> {
  const subject = await definedBy(kind, asset, where)
  const record =
    product &&
    ({
      dataVersion: product.version,
      token: product.token,
      outputs: ['a.hyper'],
    } as unknown as Materialization)
  const request = { ...subject, record, lastObserved: null, warehouseToken: null, sparing: false }
  if (record !== null) expect(recordedFiles(request)).not.toBeNull()
  const { observations } = must(await kind.observe([request], where))
  return observations.get('report')!.found
}

const file = () => join(root, 'a.hyper')

describe.skipIf(folder === null)('a .hyper extract', () => {
  it('has a version of its rows, and stays as it is while they do', async () => {
    const first = await built()
    expect(first).toMatchObject({ rows: 3, version: expect.stringMatching(/^c:hyper\/1:/) })
    const before = statSync(file())
    expect((await built()).version).toBe(first.version)
    expect(statSync(file())).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs })
    await sell(`(2, 'b', 1.50::decimal(5, 2)), (1, 'a', null), (3, null, 0.10)`)
    expect((await built()).version).not.toBe(first.version)
    expect(statSync(file()).ino).not.toBe(before.ino)
  })

  it('is another file with the same version after its order changed', async () => {
    const first = await built()
    const before = statSync(file())
    const spec = { to: 'a.hyper', order_by: ['id desc'] }
    const ordered = assetOf('extract', 'report', spec, { deps: ['sales'] })
    const report = await last(site, ordered)
    expect(report).toMatchObject({ step: 'built', product: { version: first.version } })
    expect(statSync(file()).ino).not.toBe(before.ino)
  })

  it('is observed by its rows if its bytes moved, and by no file that was read', async () => {
    expect(await found(null)).toEqual({ state: 'absent' })
    const product = await built()
    expect(await found(product)).toEqual({ state: 'recorded' })
    utimesSync(file(), 5, 5)
    expect(await found(product)).toMatchObject({ state: 'present', version: product.version })
    const mine = readFileSync(file())
    await sell(`(2, 'b', 1.50::decimal(5, 2))`)
    await built()
    const other = await found(product)
    expect(other).toMatchObject({
      state: 'present',
      version: expect.stringMatching(/^c:hyper\/1:/),
    })
    expect(other).not.toMatchObject({ version: product.version })
    writeFileSync(file(), mine.subarray(0, mine.length / 2))
    const damaged = await found(product)
    expect(damaged).toMatchObject({
      state: 'present',
      version: expect.stringMatching(/^c:hyper\/1:/),
    })
    expect(damaged).not.toMatchObject({ version: product.version })
    rmSync(file())
    expect(await found(product)).toEqual({ state: 'absent' })
  })

  it('that is replaced while it is compared is recorded as what is there', async () => {
    const first = await built()
    await sell(`(9, 'z', 9.00::decimal(5, 2))`)
    await built()
    const other = readFileSync(file())
    await sell(`(2, 'b', 1.50::decimal(5, 2)), (1, 'a', null), (3, '', 0.10)`)
    expect((await built()).version).toBe(first.version)
    const replacing = siteWith((made) => {
      const inner = create(made)
      return {
        ...inner,
        read: async (path) => {
          const content = await inner.read(path)
          if (path === file() && content?.version === first.version) {
            writeFileSync(`${path}.new`, other)
            renameSync(`${path}.new`, path)
          }
          return content
        },
      }
    })
    const report = await last(replacing)
    if (report.step !== 'built') throw new Error(JSON.stringify(report))
    expect(report.product.version).not.toBe(first.version)
    expect(readFileSync(file()).equals(other)).toBe(true)
  })

  it('replaces an old file that can not be compared', async () => {
    const first = await built()
    const blind = siteWith((made) => ({
      ...create(made),
      read: async () => {
        throw new Error('no space for a copy')
      },
    }))
    const report = await last(blind)
    expect(report).toMatchObject({ step: 'built', product: { version: first.version } })
  })

  it('is not measured if it is no .hyper file', async () => {
    writeFileSync(file(), 'random bytes')
    const subject = await definedBy(kind, asset, site)
    expect(await kind.measure(subject, site)).toMatchObject({
      problems: [{ code: 'output-missing', message: expect.stringContaining('is no .hyper file') }],
    })
  })

  it('is measured by its rows', async () => {
    const product = await built()
    const subject = await definedBy(kind, asset, site)
    expect(must(await kind.measure(subject, site)).version).toBe(product.version)
  })

  it('is not proved by a machine on which Hyper is not installed', async () => {
    const product = await built()
    utimesSync(file(), 5, 5)
    const elsewhere = siteWith((made) => create({ ...made, env: { PATH } }))
    expect(await found(product, elsewhere)).toEqual({
      ...{ state: 'unreadable', message: 'Hyper, which reads it, is not installed' },
    })
  })

  it('is verified by its rows', async () => {
    const product = await built()
    const subject = await definedBy(kind, asset, site)
    const record = { dataVersion: product.version, rows: product.rows } as Materialization
    const inputs = new Map([['sales', { relation: 'marts.sales', columns: null }]])
    const results: Rebuilt[] = []
    if ('unverifiable' in kind.rebuilder) throw new Error(kind.rebuilder.unverifiable)
    await kind.rebuilder.rebuild(
      [{ ...subject, record, inputs }],
      (_, one) => results.push(one),
      site,
    )
    const { version } = product
    expect(results).toMatchObject([
      { is: 'compared', versions: [version, version, version], rows: [3, 3, 3] },
    ])
  })
})

describe('what writes a .hyper extract', () => {
  const writer = (
    write: FileFormat['write'],
    unavailable: FileFormat['unavailable'] = () => null,
  ) =>
    siteWith(() => ({
      unavailable,
      write,
      read: async () => null,
      rows: async () => null,
      close: async () => {},
    }))

  it('fails: the old file stays, and the step names the asset', async () => {
    writeFileSync(file(), 'old')
    const refused = writer(async () => fail({ code: 'hyper-failed', message: 'no' }))
    expect(await last(refused)).toMatchObject({
      step: 'failed',
      problem: { code: 'hyper-failed', message: 'report: no', asset: 'report' },
    })
    expect(readFileSync(file(), 'utf8')).toBe('old')
  })

  it('loses rows: the step fails', async () => {
    const lossy = writer(async (_, path) => {
      writeFileSync(path, 'new')
      return ok({ version: 'c:hyper/1:x', rows: 2 })
    })
    expect(await last(lossy)).toMatchObject({
      step: 'failed',
      problem: { code: 'hyper-failed', message: expect.stringContaining('2 of 3 rows') },
    })
  })

  it('has no build for this machine: the definition says so, at the key', async () => {
    const nowhere = writer(
      async () => fail(),
      () => ({ code: 'hyper-unavailable', message: 'not here' }),
    )
    const { problems } = await kind.define([asset], nowhere)
    expect(problems).toEqual([
      {
        code: 'hyper-unavailable',
        message: 'not here',
        at: { file: asset.file, path: ['assets', 'report', 'to'] },
        asset: 'report',
      },
    ])
    const csv = assetOf('extract', 'report', { to: 'a.csv' }, { deps: ['sales'] })
    expect((await kind.define([csv], nowhere)).problems).toEqual([])
  })
})

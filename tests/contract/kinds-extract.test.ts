import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKind } from '../../framework/kinds/extract/index.ts'
import { sha256 } from '../../framework/lib/hash.ts'
import type { Asset } from '../../framework/model/asset.ts'
import { ok } from '../../framework/model/problem.ts'
import type { Rebuilt } from '../../framework/model/rebuilt.ts'
import type { Materialization } from '../../framework/model/record.ts'
import type { Product, StepReport } from '../../framework/ports/batch.ts'
import type { Site } from '../../framework/ports/site.ts'
import type { ExportRequest } from '../../framework/ports/warehouse.ts'
import { borrowing, duckdbIn } from './suites/duckdb.ts'
import { assetOf, buildWith, definedBy, siteOf } from './suites/site.ts'
import { must } from './suites/warehouse.ts'

const kind = createKind()
let root: string
let site: Site

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'assets-extract-'))
  const warehouse = duckdbIn(root)
  site = siteOf({ root, warehouse: () => warehouse, assets: [assetOf('dbt', 'sales', {})] })
  await borrowing(
    warehouse,
    `create schema marts; create table marts.sales as
     select * from (values (2, 'b', 1.50::decimal(5, 2)), (1, 'a', null), (3, '', 0.10)) v(id, name, amount)`,
  )
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const extract = (spec: Asset['spec'], deps: readonly string[] = ['sales']) =>
  assetOf('extract', 'report', spec, { deps })
const read = (file: string) => readFileSync(join(root, file), 'utf8')

async function build(asset: Asset, where: Site = site): Promise<readonly StepReport[]> {
  const subject = await definedBy(kind, asset, where)
  return buildWith(kind, subject, where, { relations: { sales: 'marts.sales' } })
}

async function built(asset: Asset): Promise<Product> {
  const reports = await build(asset)
  const last = reports.at(-1)
  if (last?.step !== 'built') throw new Error(JSON.stringify(reports))
  return last.product
}

async function failed(asset: Asset, where: Site = site): Promise<string> {
  const last = (await build(asset, where)).at(-1)
  if (last?.step !== 'failed') throw new Error(JSON.stringify(last))
  expect(last.problem.message).toContain('report')
  return last.problem.code
}

/** A site whose sessions call `then` when a file is written, before it is renamed. */
function afterExport(then: () => void): Site {
  const wrap = <T extends object>(inner: T, own: object): T =>
    Object.assign(Object.create(inner) as T, own)
  return wrap(site, {
    warehouse: async () => {
      const warehouse = must(await site.warehouse())
      const open = async (signal?: AbortSignal) => {
        const session = must(await warehouse.open(signal))
        return ok({
          export: async (request: ExportRequest) => {
            const exported = await session.export(request)
            then()
            return exported
          },
          close: () => session.close(),
        })
      }
      return ok(wrap(warehouse, { open }))
    },
  })
}

async function found(asset: Asset, product: Product | null) {
  const subject = await definedBy(kind, asset, site)
  const record =
    product && ({ dataVersion: product.version, token: product.token } as Materialization)
  const request = { ...subject, record, lastObserved: null, warehouseToken: null, sparing: false }
  return must(await kind.observe([request], site)).observations.get(asset.name)?.found
}

describe('an extract', () => {
  it('writes the relation of its only dependency, in order, and creates the folder', async () => {
    const product = await built(
      extract({ to: 'out/deep/{target}/sales.csv', order_by: ['id desc'] }),
    )
    const text = read('out/deep/local/sales.csv')
    expect(text).toBe('id,name,amount\n3,"",0.10\n2,b,1.50\n1,a,\n')
    expect(product).toMatchObject({
      version: `f:${sha256(text)}`,
      rows: 3,
      bytes: text.length,
      shape: null,
    })
  })

  it('writes selected columns, a relation by name, and the rows of a query', async () => {
    await built(extract({ to: 'a.csv', columns: ['name', 'id'], from: 'marts.sales' }, []))
    expect(read('a.csv')).toBe('name,id\n"",3\na,1\nb,2\n')
    await built(
      extract({
        to: 'b.csv',
        query: "select count(*) as n, {'x': 1}.x as s from {sales} -- all of it",
      }),
    )
    expect(read('b.csv')).toBe('n,s\n3,1\n')
  })

  it('writes Parquet by file extension or by `format:`', async () => {
    await built(extract({ to: 'a.parquet' }))
    await built(extract({ to: 'b.out', format: 'parquet' }))
    expect(readFileSync(join(root, 'a.parquet')).subarray(0, 4).toString()).toBe('PAR1')
    expect(readFileSync(join(root, 'b.out')).equals(readFileSync(join(root, 'a.parquet')))).toBe(
      true,
    )
  })

  it('does not replace a file with equal bytes', async () => {
    const asset = extract({ to: 'a.csv' })
    const first = await built(asset)
    const file = join(root, 'a.csv')
    utimesSync(file, 1_000, 1_000)
    const { ino } = statSync(file)
    const again = await built(asset)
    expect(again.version).toBe(first.version)
    expect(statSync(file)).toMatchObject({ mtimeMs: 1_000_000, ino })
    expect(readdirSync(root).filter((name) => name.includes('assets-tmp'))).toEqual([])
  })

  it('replaces a file that was changed, and the temporary file of a killed run', async () => {
    const asset = extract({ to: 'a.csv' })
    const { version } = await built(asset)
    writeFileSync(join(root, 'a.csv'), 'edited')
    writeFileSync(join(root, 'a.csv.assets-tmp'), 'half of a')
    expect((await built(asset)).version).toBe(version)
    expect(existsSync(join(root, 'a.csv.assets-tmp'))).toBe(false)
  })

  it('keeps the old file if the query fails or the folder is not writable', async () => {
    await built(extract({ to: 'a.csv' }))
    const before = read('a.csv')
    expect(await failed(extract({ to: 'a.csv', query: 'select nonsense from {sales}' }))).toBe(
      'export-failed',
    )
    expect(await failed(extract({ to: 'a.csv', order_by: ['nothing'] }))).toBe('unknown-column')
    expect(read('a.csv')).toBe(before)
    expect(await failed(extract({ to: 'a.csv/b.csv' }))).toBe('extract-unwritable')
    mkdirSync(join(root, 'folder.csv'))
    expect(await failed(extract({ to: 'folder.csv' }))).toBe('extract-unwritable')
    expect(readdirSync(root).filter((name) => name.includes('assets-tmp'))).toEqual([])
  })

  it('fails if its input is not a relation, or if there is no warehouse', async () => {
    const subject = await definedBy(kind, extract({ to: 'a.csv' }), site)
    const reports = await buildWith(kind, subject, site)
    expect(reports.at(-1)).toMatchObject({ step: 'failed', problem: { code: 'extract-origin' } })
    expect(await failed(extract({ to: 'a.csv' }), siteOf({ root }))).toBe('none')
  })

  it('is cancelled by an abort', async () => {
    const abort = new AbortController()
    abort.abort()
    const warehouse = duckdbIn(root)
    const where = siteOf({ root, signal: abort.signal, warehouse: () => warehouse })
    expect(await build(extract({ to: 'a.csv' }), where)).toEqual([
      { step: 'cancelled', name: 'report' },
    ])
  })

  it('is observed as recorded, present, changed or absent', async () => {
    const asset = extract({ to: 'a.csv' })
    expect(await found(asset, null)).toEqual({ state: 'absent' })
    const product = await built(asset)
    expect(await found(asset, product)).toEqual({ state: 'recorded' })
    expect(await found(asset, null)).toMatchObject({ state: 'present', version: product.version })
    utimesSync(join(root, 'a.csv'), 5, 5)
    expect(await found(asset, product)).toMatchObject({
      state: 'present',
      version: product.version,
    })
    writeFileSync(join(root, 'a.csv'), 'edited')
    expect(await found(asset, product)).toMatchObject({ version: `f:${sha256('edited')}` })
    rmSync(join(root, 'a.csv'))
    expect(await found(asset, product)).toEqual({ state: 'absent' })
    mkdirSync(join(root, 'a.csv'))
    expect(await found(asset, product)).toMatchObject({ state: 'unreadable' })
  })

  it('is rebuilt and compared with its file, and can not be without one', async () => {
    const asset = extract({ to: 'a.csv', order_by: ['id'] })
    const product = await built(asset)
    const subject = await definedBy(kind, asset, site)
    const record = { dataVersion: product.version, rows: product.rows } as Materialization
    const columns = 'id integer, name varchar, amount decimal(5,2)'
    const inputs = new Map([['sales', { relation: 'marts.sales', columns }]])
    const rebuilt = async () => {
      if ('unverifiable' in kind.rebuilder) throw new Error(kind.rebuilder.unverifiable)
      const results: Rebuilt[] = []
      const step = { ...subject, record, inputs }
      await kind.rebuilder.rebuild([step], (_, result) => results.push(result), site)
      return results
    }
    const { version } = product
    expect(await rebuilt()).toMatchObject([{ versions: [version, version, version] }])
    writeFileSync(join(root, 'a.csv'), 'something else')
    const [edited] = await rebuilt()
    if (edited?.is !== 'compared') throw new Error(JSON.stringify(edited))
    expect(edited.versions).toEqual([expect.not.stringContaining(version!), version, version])
    rmSync(join(root, 'a.csv'))
    expect(await rebuilt()).toMatchObject([{ is: 'failed', problem: { code: 'output-missing' } }])
  })

  it('measures an existing file', async () => {
    const asset = extract({ to: 'a.csv' })
    const subject = await definedBy(kind, asset, site)
    expect(await kind.measure(subject, site)).toMatchObject({
      ok: false,
      problems: [{ code: 'output-missing', asset: 'report' }],
    })
    const product = await built(asset)
    expect(must(await kind.measure(subject, site)).version).toBe(product.version)
  })
})

describe('the code of an extract', () => {
  const codeOf = async (spec: Asset['spec']) =>
    (await definedBy(kind, extract(spec), site)).definition.codeVersion

  it('covers its query, columns, order, format and path', async () => {
    const specs: Asset['spec'][] = [
      { to: 'a.csv' },
      { to: 'b.csv' },
      { to: 'a.csv', format: 'parquet' },
      { to: 'a.csv', order_by: ['id'] },
      { to: 'a.csv', columns: ['id'] },
      { to: 'a.csv', columns: ['id', 'name'] },
      { to: 'a.csv', query: 'select 1' },
      { to: 'a.csv', query: 'select 2' },
      { to: 'a.csv', from: 'marts.sales' },
    ]
    expect(new Set(await Promise.all(specs.map(codeOf))).size).toBe(specs.length)
    expect(await codeOf({ to: './x/../a.csv', format: 'csv' })).toBe(await codeOf({ to: 'a.csv' }))
  })

  it('does not cover how its rows are drawn', async () => {
    const chart = { type: 'bar', x: 'name', y: 'amount' }
    expect(await codeOf({ to: 'a.csv', chart })).toBe(await codeOf({ to: 'a.csv' }))
    expect(await codeOf({ to: 'a.csv', chart: { ...chart, top: 5 } })).toBe(
      await codeOf({ to: 'a.csv' }),
    )
  })

  it.each([
    ['a name without a format', { to: 'a.txt' }, ['sales'], ['to']],
    ['a query and a table', { to: 'a.csv', query: 'select 1', from: 'sales' }, ['sales'], ['from']],
    ['a table that is not a dependency', { to: 'a.csv', from: 'other' }, ['sales'], ['from']],
    ['no dependency', { to: 'a.csv' }, [], []],
    ['two dependencies', { to: 'a.csv' }, ['sales', 'more'], []],
    [
      'an asset in a query that is not a dependency',
      { to: 'a.csv', query: 'from {sales}' },
      [],
      ['query'],
    ],
  ] as const)('refuses %s, with a location', async (_name, spec, deps, key) => {
    const { problems } = await kind.define([extract(spec, deps)], site)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({
      asset: 'report',
      at: { file: 'assets.yaml', path: ['assets', 'report', ...key] },
    })
  })

  it('returns all problems at once', async () => {
    const { problems } = await kind.define(
      [extract({ to: 'a', from: 'b' }), extract({ to: 'c' })],
      site,
    )
    expect(problems).toHaveLength(3)
  })
})

it('a link that appears while the query runs is followed before the file is replaced', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'assets-outside-'))
  const linking = afterExport(() => {
    renameSync(join(root, 'out'), join(outside, 'out'))
    symlinkSync(join(outside, 'out'), join(root, 'out'))
  })
  expect(await failed(extract({ to: 'out/report.csv' }), linking)).toBe('invalid-path')
  expect(readdirSync(join(outside, 'out'))).toEqual([])
  rmSync(outside, { recursive: true, force: true })
})

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createKind } from '../../framework/kinds/external/index.ts'
import { sha256 } from '../../framework/lib/hash.ts'
import type { Asset } from '../../framework/model/asset.ts'
import type { RecordedObservation } from '../../framework/model/record.ts'
import type { Site } from '../../framework/ports/site.ts'
import { borrowing, duckdbIn } from './suites/duckdb.ts'
import { assetOf, definedBy, siteOf } from './suites/site.ts'
import { must } from './suites/warehouse.ts'

const kind = createKind()
let root: string
let site: Site

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-external-'))
  const warehouse = duckdbIn(root)
  site = siteOf({ root, warehouse: () => warehouse })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const external = (spec: Asset['spec'], name = 'given') => assetOf('external', name, spec)

async function look(assets: readonly Asset[], seen: RecordedObservation | null, where = site) {
  const requests = await Promise.all(
    assets.map(async (asset) => ({
      ...(await definedBy(kind, asset, where)),
      record: null,
      lastObserved: seen,
      warehouseToken: null,
      sparing: false,
    })),
  )
  return must(await kind.observe(requests, where))
}
const foundOf = async (asset: Asset, seen: RecordedObservation | null = null) =>
  (await look([asset], seen)).observations.get(asset.name)?.found

describe('an external file', () => {
  const prices = external({ path: 'data/prices.csv' })

  it('is absent, present with its bytes as version, or unreadable', async () => {
    expect(await foundOf(prices)).toEqual({ state: 'absent' })
    mkdirSync(join(root, 'data'))
    writeFileSync(join(root, 'data/prices.csv'), 'a,b\n')
    expect(await foundOf(prices)).toMatchObject({
      state: 'present',
      version: `f:${sha256('a,b\n')}`,
      shape: null,
    })
    rmSync(join(root, 'data/prices.csv'))
    mkdirSync(join(root, 'data/prices.csv'))
    expect(await foundOf(prices)).toMatchObject({ state: 'unreadable' })
  })

  it('can be a pattern: all files that match it, with their names', async () => {
    const parts = external({ path: 'data/*/p_?.csv' })
    expect(await foundOf(parts)).toEqual({ state: 'absent' })
    const versionWith = async (file: string, text: string | null) => {
      mkdirSync(join(root, file, '..'), { recursive: true })
      if (text === null) rmSync(join(root, file))
      else writeFileSync(join(root, file), text)
      const found = await foundOf(parts)
      return found?.state === 'present' ? found.version : found?.state
    }
    const one = await versionWith('data/a/p_1.csv', 'x')
    expect(one).toMatch(/^f:/)
    expect(await versionWith('data/a/other.csv', 'x')).toBe(one)
    expect(await versionWith('data/a/b/p_1.csv', 'x')).toBe(one)
    expect(await versionWith('data/b/p_1.csv', 'y')).not.toBe(one)
    expect(await versionWith('data/b/p_1.csv', null)).toBe(one)
    await versionWith('data/a/p_2.csv', 'x')
    expect(await versionWith('data/a/p_1.csv', null)).not.toBe(one)
  })

  it('is a file of that very name, if there is one', async () => {
    mkdirSync(join(root, 'data'))
    writeFileSync(join(root, 'data/p[1].csv'), 'x')
    writeFileSync(join(root, 'data/p1.csv'), 'y')
    expect(await foundOf(external({ path: 'data/p[1].csv' }))).toMatchObject({
      version: `f:${sha256('x')}`,
    })
  })

  it('at a URL is unknown: nothing proves that it did not change', async () => {
    expect(await foundOf(external({ path: 's3://bucket/a.parquet' }))).toEqual({
      state: 'unreadable',
      message: 'it is not a file of this machine, so nothing proves that it did not change',
    })
  })

  it('is not read again while its token is unchanged', async () => {
    mkdirSync(join(root, 'data'))
    writeFileSync(join(root, 'data/prices.csv'), 'one')
    const found = await foundOf(prices)
    if (found?.state !== 'present') throw new Error('not present')
    const { version, shape, token } = found
    const seen = { at: 1, version, shape, token, present: true }
    expect(await foundOf(prices, seen)).toEqual({ state: 'recorded' })
    expect(await foundOf(prices, { ...seen, version: null })).toMatchObject({ state: 'present' })
    writeFileSync(join(root, 'data/prices.csv'), 'two')
    expect(await foundOf(prices, seen)).toMatchObject({ version: `f:${sha256('two')}` })
  })

  it('may be outside the project, and may have {target} in its path', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'assets-outside-'))
    writeFileSync(join(outside, 'local.csv'), 'x')
    expect(await foundOf(external({ path: join(outside, '{target}.csv') }))).toMatchObject({
      state: 'present',
    })
    rmSync(outside, { recursive: true })
  })
})

describe('an external relation', () => {
  const rates = external({ relation: 'ref.rates' })

  it('is absent, or present with its content as version', async () => {
    expect(await foundOf(rates)).toEqual({ state: 'absent' })
    await borrowing(duckdbIn(root), 'create schema ref; create table ref.rates as select 1 as rate')
    const first = await foundOf(rates)
    expect(first).toMatchObject({ state: 'present', rows: 1, shape: { relation: 'ref.rates' } })
    await borrowing(duckdbIn(root), 'update ref.rates set rate = 2')
    const second = await foundOf(rates)
    if (first?.state !== 'present' || second?.state !== 'present') throw new Error('not present')
    expect(first.version).toMatch(/^c:/)
    expect(second.version).not.toBe(first.version)
    const subject = await definedBy(kind, rates, site)
    expect(must(await kind.measure(subject, site)).version).toBe(second.version)
  })

  it('that is unreadable does not affect files', async () => {
    writeFileSync(join(root, 'file.csv'), 'x')
    const files = external({ path: 'file.csv' }, 'file')
    const { observations, problems } = await look([rates, files], null, siteOf({ root }))
    expect(problems.map(({ code }) => code)).toEqual(['none'])
    expect(observations.get('given')?.found.state).toBe('unreadable')
    expect(observations.get('file')?.found.state).toBe('present')
  })
})

it('an external needs exactly one of path and relation', async () => {
  for (const spec of [{}, { path: 'a', relation: 'b.c' }]) {
    const { problems } = await kind.define([external(spec)], site)
    expect(problems).toMatchObject([{ code: 'external-place', asset: 'given' }])
  }
})

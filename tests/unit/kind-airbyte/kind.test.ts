import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createKind } from '../../../framework/kinds/airbyte/index.ts'
import type { Asset } from '../../../framework/model/asset.ts'
import type { Definition } from '../../../framework/model/definition.ts'
import { fail, ok, type Problem } from '../../../framework/model/problem.ts'
import type { StreamProblem } from '../../../framework/model/stream-problem.ts'
import type { StepReport } from '../../../framework/ports/batch.ts'
import {
  type FakeSite,
  fakeConnection,
  fakeSite,
  fakeSyncer,
  observing,
  rawAsset,
  recordWith,
  stepFor,
} from './world.ts'

const kind = createKind()

async function defined(asset: Asset, site = fakeSite()): Promise<Definition> {
  const { definitions, problems } = await kind.define([asset], site)
  if (problems.length > 0) throw new Error(problems[0]!.message)
  return definitions.get(asset.name)!
}

describe('a raw table is defined', () => {
  test('with its stream, in the schema of its connection', async () => {
    const asset = rawAsset('raw_payment')
    expect(await defined(asset)).toMatchObject({
      form: 'stored',
      accumulates: 'no',
      relation: 'raw.payment',
      unit: null,
      dataVersion: 'content',
      onDrift: 'rebuild',
    })
    const elsewhere = fakeSite({ target_schema: 'landing', url: 'postgres://secret' })
    expect((await defined(asset, elsewhere)).relation).toBe('landing.payment')
  })

  test('with a code version that depends on its own keys and on no setting of the target', async () => {
    const plain = await defined(rawAsset('raw_payment'))
    const elsewhere = await defined(rawAsset('raw_payment'), fakeSite({ url: 'postgres://other' }))
    expect(elsewhere.codeVersion).toBe(plain.codeVersion)
    const keys = { namespace: 'x', sync: 'incremental_append', primary_key: ['a'], cursor: 'c' }
    const more = { stream: 'other', columns: ['a'], exclude: ['b'] }
    for (const [key, value] of Object.entries({ ...keys, ...more })) {
      const changed = await defined(rawAsset('raw_payment', { [key]: value }))
      expect([key, changed.codeVersion === plain.codeVersion]).toEqual([key, false])
      const labels = changed.parts
        .filter(
          ({ label, version }) =>
            plain.parts.find((one) => one.label === label)?.version !== version,
        )
        .map(({ label }) => label)
      expect(labels).toEqual([key])
    }
    const swapped = [{ exclude: ['a', 'b'] }, { exclude: ['b', 'a'] }].map((spec) =>
      defined(rawAsset('r', spec)),
    )
    expect((await swapped[0])!.codeVersion).toBe((await swapped[1])!.codeVersion)
  })

  test('as incremental only if its sync is', async () => {
    const accumulates = async (spec: Parameters<typeof rawAsset>[1], together = false) => {
      const site = fakeSite()
      site.fakes.connections.set('shop', ok(together ? fakeSyncer() : fakeConnection()))
      return (await defined(rawAsset('raw_t', spec), site)).accumulates
    }
    const dedup = { sync: 'incremental_dedup', primary_key: ['id'] }
    expect(await accumulates({ cursor: 'at' })).toBe('no')
    expect(await accumulates(dedup)).toBe('no')
    expect(await accumulates({ ...dedup, cursor: 'at' })).toBe('incremental')
    expect(await accumulates({ sync: 'incremental_append', cursor: 'at' })).toBe('incremental')
    expect(await accumulates(dedup, true)).toBe('incremental')
  })

  test('with the cursor that a probe goes by, if the loader reads it', async () => {
    const cursor = async (spec: Parameters<typeof rawAsset>[1], together = false) => {
      const site = fakeSite()
      site.fakes.connections.set('shop', ok(together ? fakeSyncer() : fakeConnection()))
      return (await defined(rawAsset('raw_t', spec), site)).cursor
    }
    const append = { sync: 'incremental_append', cursor: 'at' }
    expect(await cursor(append)).toBe('at')
    expect(await cursor({ cursor: 'at' })).toBe(undefined)
    expect(await cursor(append, true)).toBe(undefined)
  })

  test('as part of a unit with freshness, if one call loads all streams', async () => {
    const site = fakeSite()
    site.fakes.connections.set('shop', ok(fakeSyncer()))
    expect(await defined(rawAsset('raw_t'), site)).toMatchObject({
      unit: 'connection shop',
      onDrift: 'rebuild',
      freshness: { maxAge: 3_600_000 },
    })
  })

  test('unless its key or its connection is missing, each reported once', async () => {
    const site = fakeSite()
    const keyless = rawAsset('raw_a', { sync: 'incremental_dedup' })
    const lost = ['raw_b', 'raw_c'].map((name) => rawAsset(name, { connection: 'gone' }))
    const { definitions, problems } = await kind.define([keyless, ...lost], site)
    expect(problems.map(({ code, at }) => [code, at])).toEqual([
      ['missing-primary-key', { file: 'assets/raw.yaml', path: ['assets', 'raw_a', 'sync'] }],
      ['none', undefined],
    ])
    expect([...definitions.keys()]).toEqual(['raw_a'])
  })
})

describe('observing raw tables', () => {
  async function observe(site: FakeSite, names: readonly string[], recorded = true) {
    const requests = await Promise.all(
      names.map(async (name) => {
        const asset = rawAsset(name)
        const record = recorded ? recordWith(`c:fake:${name}`) : null
        return observing(asset, await defined(asset, site), record)
      }),
    )
    const observed = await kind.observe(requests, site)
    if (!observed.ok) throw new Error(observed.problems[0]!.message)
    return observed.value
  }

  test('probes the source and inspects the warehouse', async () => {
    const site = fakeSite()
    site.fakes.shop.says.set('raw_b', 'moved')
    site.fakes.warehouse.tables.set('raw.a', 'raw_a')
    const { observations, positions, problems } = await observe(site, ['raw_a', 'raw_b'])
    expect(problems).toEqual([])
    expect(observations.get('raw_a')).toMatchObject({
      at: 1_000,
      found: { state: 'present', version: 'c:fake:raw_a' },
      probe: { answer: 'unchanged' },
    })
    expect(observations.get('raw_b')).toMatchObject({
      found: { state: 'absent' },
      probe: { answer: 'moved' },
    })
    expect([...positions]).toEqual([['raw_a', { now: 2 }]])
  })

  test('returns no position without a record', async () => {
    expect((await observe(fakeSite(), ['raw_a'], false)).positions.size).toBe(0)
  })

  test('reports a stream that the source refuses, and probes the others again', async () => {
    const site = fakeSite()
    const { shop } = site.fakes
    const refusal: Problem = {
      code: 'unknown-stream',
      message: 'raw_b: no such table',
      asset: 'raw_b',
    }
    shop.says.set('raw_b', { ...refusal, streamKey: 'stream' } as StreamProblem)
    const { observations, problems } = await observe(site, ['raw_a', 'raw_b'])
    expect(shop.probed).toEqual([['raw_a', 'raw_b'], ['raw_a']])
    expect(problems).toEqual([
      {
        ...refusal,
        mistake: true,
        at: { file: 'assets/raw.yaml', path: ['assets', 'raw_b', 'stream'] },
      },
    ])
    expect(observations.get('raw_a')!.probe).toEqual({ answer: 'unchanged' })
    expect(observations.get('raw_b')!.probe).toEqual({
      answer: 'unknown',
      message: 'raw_b: no such table',
    })
  })

  test('answers unknown for the streams of a source that does not answer', async () => {
    const site = fakeSite()
    const down: Problem = { code: 'source-unreachable', message: 'it is down', transient: true }
    site.fakes.connections.set('shop', ok({ ...fakeConnection(), probe: async () => fail(down) }))
    const { observations, problems } = await observe(site, ['raw_a', 'raw_b'])
    expect(problems).toEqual([down])
    expect([...observations.values()].map(({ probe }) => probe)).toEqual([
      { answer: 'unknown', message: 'it is down' },
      { answer: 'unknown', message: 'it is down' },
    ])
  })
})

describe('loading a batch', () => {
  async function run(site: FakeSite, names: readonly string[], more: readonly Asset[] = []) {
    const reports: StepReport[] = []
    const steps = [...names.map((name) => rawAsset(name)), ...more].map(stepFor)
    const batch = {
      run: 4,
      number: 1,
      steps,
      signal: site.signal,
      onSideWrite: () => {},
      onWait: () => {},
    }
    await kind.run(batch, async (report) => void reports.push(report), site)
    return reports
  }

  test('calls each connection once, in one session, with a folder that is removed afterwards', async () => {
    const site = fakeSite()
    const other = fakeConnection()
    site.fakes.connections.set('other', ok(other))
    const { shop } = site.fakes
    const folders: string[] = []
    for (const connection of [shop, other]) {
      connection.onLoad = async ({ scratch, run: number, streams, report }) => {
        expect([number, existsSync(scratch), readdirSync(scratch)]).toEqual([4, true, []])
        folders.push(scratch)
        writeFileSync(join(scratch, 'spool'), 'x')
        for (const { step } of streams) await report({ step: 'cancelled', name: step.name })
      }
    }
    const reports = await run(
      site,
      ['raw_a', 'raw_b'],
      [rawAsset('raw_c', { connection: 'other' })],
    )
    expect(reports.map(({ name }) => name)).toEqual(['raw_a', 'raw_b', 'raw_c'])
    expect(shop.loads[0]!.streams.map(({ stream }) => stream.relation)).toEqual(['raw.a', 'raw.b'])
    expect(folders.map((folder) => existsSync(folder))).toEqual([false, false])
    expect([site.fakes.warehouse.opened, site.fakes.warehouse.open_]).toEqual([1, 0])
  })

  test('removes the files of a killed process', async () => {
    const site = fakeSite()
    const dead = join(site.home, 'scratch', '999999999-unfinished')
    const alive = join(site.home, 'scratch', `${process.pid}-mine`)
    for (const folder of [dead, alive]) mkdirSync(folder, { recursive: true })
    await run(site, ['raw_a'])
    expect([existsSync(dead), existsSync(alive)]).toEqual([false, true])
  })

  test('locates a problem at the key of the asset', async () => {
    const site = fakeSite()
    const { shop } = site.fakes
    shop.onLoad = async ({ report }) => {
      const problem = {
        code: 'missing-key-column' as const,
        message: 'no such column',
        asset: 'raw_a',
        streamKey: 'primary_key' as const,
      }
      await report({ step: 'failed', name: 'raw_a', problem })
    }
    const [report] = await run(site, ['raw_a'])
    expect(report?.step === 'failed' && report.problem.at).toEqual({
      file: 'assets/raw.yaml',
      path: ['assets', 'raw_a', 'primary_key'],
    })
  })

  test('fails every step if the warehouse or a connection cannot be opened', async () => {
    const site = fakeSite()
    const lost = rawAsset('raw_c', { connection: 'gone' })
    const reports = await run(site, ['raw_a'], [lost])
    expect(reports.map(({ step, name }) => [step, name])).toEqual([
      ['failed', 'raw_c'],
      ['cancelled', 'raw_a'],
    ])
    site.fakes.warehouse.refuses = { code: 'warehouse-locked', message: 'held', transient: true }
    const refused = await run(site, ['raw_a', 'raw_b'])
    expect(
      refused.map((one) => one.step === 'failed' && [one.problem.asset, one.problem.code]),
    ).toEqual([
      ['raw_a', 'warehouse-locked'],
      ['raw_b', 'warehouse-locked'],
    ])
  })
})

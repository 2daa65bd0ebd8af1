import { beforeEach, describe, expect, test } from 'vitest'
import { measureRelation, observeRelations } from '../../../framework/kinds/observe-relations.ts'
import type { Definition } from '../../../framework/model/definition.ts'
import { ProblemError } from '../../../framework/model/problem.ts'
import {
  type FakeWarehouse,
  fakeWarehouse,
  observing,
  rawAsset,
  recordWith,
} from '../kind-airbyte/world.ts'

const define = (name: string, more: Partial<Definition> = {}): Definition =>
  ({
    asset: name,
    form: 'stored',
    accumulates: 'no',
    dataVersion: 'content',
    relation: `raw.${name}`,
    ...more,
  }) as Definition

const ask = (
  name: string,
  record = recordWith('c:fake:x') as ReturnType<typeof recordWith> | null,
  more = {},
) => observing(rawAsset(name), define(name, more), record, 'quiet')

let warehouse: FakeWarehouse

beforeEach(() => {
  warehouse = fakeWarehouse()
})

async function found(requests: readonly ReturnType<typeof ask>[]) {
  const result = await observeRelations(requests, warehouse)
  if (!result.ok) throw new Error(result.problems[0]!.message)
  return result.value
}

describe('observing relations', () => {
  test('finds `recorded` without a session if the change token is equal', async () => {
    warehouse.token = 'quiet'
    expect([...(await found([ask('a'), ask('b')])).values()]).toEqual([
      { state: 'recorded' },
      { state: 'recorded' },
    ])
    expect(warehouse.opened).toBe(0)
  })

  test('finds nothing out about a relation that sessions can not see, whatever the change token says', async () => {
    warehouse.token = 'quiet'
    warehouse.whyUnseen = (relation) => (relation === 'raw.a' ? 'it is in a cloud' : null)
    expect([...(await found([ask('a'), ask('b')])).values()]).toEqual([
      { state: 'unreadable', message: 'it is in a cloud' },
      { state: 'recorded' },
    ])
    expect(warehouse.opened).toBe(0)
  })

  test('does not take a relation for absent if the look tells that it can not be seen', async () => {
    warehouse.whyUnseen = () => (warehouse.opened === 0 ? null : 'no grant')
    expect([...(await found([ask('a')])).values()]).toEqual([
      { state: 'unreadable', message: 'no grant' },
    ])
  })

  test('observes an asset without a record only if it accumulates', async () => {
    warehouse.token = 'quiet'
    warehouse.tables.set('raw.b', 'x')
    const incremental = { accumulates: 'incremental' } as const
    const seen = await found([
      ask('a', null),
      ask('b', null, incremental),
      ask('c', null, incremental),
    ])
    expect([...seen].map(([name, { state }]) => [name, state])).toEqual([
      ['b', 'present'],
      ['c', 'absent'],
    ])
    expect(warehouse.fingerprinted).toEqual([])
  })

  test('finds `recorded` for an external that was observed before', async () => {
    warehouse.token = 'quiet'
    const shape = { relation: 'raw.a', columns: 'columns' }
    const seen = { at: 1, version: 'c:fake:x', shape, token: null, present: true }
    const external = { ...ask('a', null, { form: 'external' }), lastObserved: seen }
    expect([...(await found([external])).values()]).toEqual([{ state: 'recorded' }])
    // It says where it was observed, even if nothing was there.
    const absent = { ...seen, version: null, shape: null, present: false, codeVersion: 'at raw.a' }
    const again = { ...ask('a', null, { form: 'external', codeVersion: 'at raw.a' }) }
    const found_ = await found([{ ...again, lastObserved: absent }])
    expect([...found_.values()]).toEqual([{ state: 'recorded' }])
    expect(warehouse.opened).toBe(0)
  })

  test('looks at an external whose last look failed, although the change token is equal', async () => {
    warehouse.token = 'quiet'
    warehouse.tables.set('raw.a', 'x')
    const failed = { at: 1, version: null, shape: null, token: null, present: true }
    const codeVersion = 'at raw.a'
    const external = {
      ...ask('a', null, { form: 'external', codeVersion }),
      lastObserved: { ...failed, codeVersion },
    }
    expect((await found([external])).get('a')).toMatchObject({ state: 'present' })
  })

  test('looks at a relation that is not the recorded one, although the change token is equal', async () => {
    warehouse.token = 'quiet'
    warehouse.tables.set('new.b', 'x')
    const shape = { relation: 'old.a', columns: 'columns' }
    const built = { ...recordWith('c:fake:x'), shape }
    const seen = { at: 1, version: 'c:fake:x', shape, token: null, present: true }
    const external = (codeVersion: string | undefined, relation: string) => ({
      ...ask('x', null, { form: 'external', codeVersion: 'here', relation }),
      lastObserved: { ...seen, ...(codeVersion === undefined ? {} : { codeVersion }) },
    })
    const states = async (requests: readonly ReturnType<typeof ask>[]) =>
      [...(await found(requests)).values()].map(({ state }) => state)
    expect(await states([ask('a', built, { relation: 'new.a' })])).toEqual(['absent'])
    expect(await states([ask('b', built, { relation: 'new.b' })])).toEqual(['present'])
    expect(await states([ask('a', built, { relation: 'OLD.A' })])).toEqual(['recorded'])
    expect(await states([external('elsewhere', 'new.a')])).toEqual(['absent'])
    expect(await states([external(undefined, 'new.a')])).toEqual(['absent'])
    expect(await states([external('here', 'new.a')])).toEqual(['recorded'])
  })

  test('opens a session if the change token differs or there is none', async () => {
    warehouse.tables.set('raw.a', 'x')
    for (const token of ['moved', null]) {
      warehouse.token = token
      expect((await found([ask('a')])).get('a')).toMatchObject({
        state: 'present',
        version: 'c:fake:x',
      })
    }
    expect([warehouse.opened, warehouse.open_]).toEqual([2, 0])
  })

  test('fingerprints only if the record has something to compare', async () => {
    warehouse.tables.set('raw.a', 'x').set('raw.v', null)
    const version = async (request: ReturnType<typeof ask>) => {
      const there = (await found([request])).get(request.asset.name)!
      return there.state === 'present' && there.version
    }
    expect(await version(ask('a'))).toBe('c:fake:x')
    expect(await version(ask('a', null))).toBe(null)
    expect(await version(ask('a', recordWith(null)))).toBe(null)
    // A key can't be compared with content, but the token of the table can.
    expect(await version(ask('a', recordWith('k:key')))).toBe(null)
    expect(await version(ask('a', recordWith('k:key', null, 'written x')))).toBe('c:fake:x')
    expect(await version(ask('a', null, { form: 'external' }))).toBe('c:fake:x')
    expect(await version(ask('v', recordWith('k:key'), { form: 'view' }))).toBe(null)
  })

  test('reads the token of the table if the recorded version is not its content', async () => {
    warehouse.tables.set('raw.a', 'x')
    const token = async (record: ReturnType<typeof recordWith>) => {
      const there = (await found([ask('a', record)])).get('a')!
      return there.state === 'present' && there.token
    }
    expect(await token(recordWith('t:token'))).toBe('written x')
    expect(await token(recordWith('n:1', null, 'written x'))).toBe('written x')
    expect(await token(recordWith('c:fake:x'))).toBe(null)
    // A content hash that left out other columns can't be compared, so the token decides.
    expect(await token(recordWith('c:fake:x', null, 'written x'))).toBe('written x')
  })

  test('a view in place of a table has its definition, so that it differs from the table', async () => {
    warehouse.tables.set('raw.v', null)
    expect((await found([ask('v')])).get('v')).toEqual({
      state: 'present',
      version: null,
      shape: { relation: 'raw.v', columns: 'columns' },
      installed: 'definition',
      token: null,
      rows: null,
    })
  })

  test('fingerprints a relation once, and a failure affects no other relation', async () => {
    warehouse.tables.set('raw.a', 'x').set('raw.b', 'y')
    warehouse.broken.add('raw.b')
    const seen = await found([ask('a'), ask('b'), ask('again', undefined, { relation: 'raw.a' })])
    expect([...seen.values()].map(({ state }) => state)).toEqual([
      'present',
      'unreadable',
      'present',
    ])
    expect(warehouse.fingerprinted).toEqual(['raw.a', 'raw.b'])
  })

  test('leaves out an asset without a relation', async () => {
    expect((await found([ask('e', null, { form: 'ephemeral', relation: null })])).size).toBe(0)
    expect(warehouse.opened).toBe(0)
  })

  test("returns the problem if the warehouse can't be opened or the connection is lost", async () => {
    warehouse.refuses = { code: 'warehouse-locked', message: 'held by process 7' }
    expect(await observeRelations([ask('a')], warehouse)).toEqual({
      ok: false,
      problems: [warehouse.refuses],
    })
    warehouse.refuses = null
    const open = warehouse.open
    const lost = { code: 'x' as const, message: 'gone' }
    const breaking = {
      ...warehouse,
      async open() {
        const session = await open()
        if (!session.ok) return session
        const inspect = () => Promise.reject(new ProblemError(lost))
        return { ok: true as const, value: { ...session.value, inspect } }
      },
    }
    expect(await observeRelations([ask('a')], breaking)).toEqual({ ok: false, problems: [lost] })
    expect(warehouse.open_).toBe(0)
  })
})

describe('measuring a relation', () => {
  const measure = (name: string, more: Partial<Definition> = {}) =>
    measureRelation({ asset: rawAsset(name), definition: define(name, more) }, warehouse)

  test('returns its content', async () => {
    warehouse.tables.set('raw.a', 'x')
    expect(await measure('a')).toEqual({
      ok: true,
      value: {
        version: 'c:fake:x',
        shape: { relation: 'raw.a', columns: 'columns' },
        installed: null,
        rows: 3,
        bytes: 1,
        token: null,
        source: null,
        reference: null,
      },
    })
  })

  test('that does not exist is a problem with a hint', async () => {
    for (const [more, message] of [
      [{}, 'a: raw.a does not exist'],
      [{ relation: null }, 'a has no table or view'],
    ] as const) {
      const missing = await measure('a', more)
      expect(missing.ok ? null : missing.problems).toEqual([
        { code: 'relation-missing', message, asset: 'a', hint: 'assets materialize a' },
      ])
    }
  })
})

import { expect, test } from 'vitest'
import { measureRelations } from '../../../framework/kinds/measure-relations.ts'
import type { Definition } from '../../../framework/model/definition.ts'
import { ok } from '../../../framework/model/problem.ts'
import type { Inspected, Session, Warehouse } from '../../../framework/ports/warehouse.ts'
import { plainAsset } from '../../rig/asset.ts'

const TABLE: Inspected = {
  kind: 'table',
  columns: [],
  shape: { relation: 'main.t', columns: 'one' },
  installed: null,
  token: '1',
}

const DEFINITION: Definition = {
  asset: 't',
  kind: 'dbt',
  form: 'stored',
  codeVersion: 'code',
  parts: [],
  accumulates: 'no',
  relation: 'main.t',
  outputs: [],
  unit: null,
  dataVersion: 'content',
  onDrift: 'rebuild',
  clock: false,
  build: null,
}

/** Measures `main.t`, which is `before` at the first look and `after` at the second one. */
async function measured(
  before: Inspected,
  after: Inspected | null,
  resource: string | null = null,
) {
  const looks = [before, after]
  const session = {
    inspect: async () => {
      const found = looks.shift()
      return new Map(found ? [['main.t', found]] : [])
    },
    fingerprint: async () =>
      ok({
        version: 'c:x',
        shape: before.shape,
        rows: 1,
        bytes: null,
        token: before.token ?? null,
      }),
    close: async () => {},
  } as unknown as Session
  const warehouse = { resource, open: async () => ok(session) } as unknown as Warehouse
  const form = before.kind === 'view' ? 'view' : 'stored'
  const definition = { ...DEFINITION, form } as const
  const result = await measureRelations([{ asset: plainAsset('t'), definition }], warehouse)
  return result.ok ? [...result.value.values()].map(({ version }) => version) : null
}

test('what stays as it is has a content', async () => {
  expect(await measured(TABLE, TABLE)).toEqual(['c:x'])
})

test.each<[string, Inspected | null]>([
  ['written to', { ...TABLE, token: '2' }],
  ['given other columns', { ...TABLE, shape: { relation: 'main.t', columns: 'two' } }],
  ['replaced by a view', { ...TABLE, kind: 'view', installed: 'x' }],
  ['dropped', null],
])('what is %s between the two looks is left out', async (_, after) => {
  expect(await measured(TABLE, after)).toEqual([])
})

test('a view that is defined again between the two looks is left out', async () => {
  const { token: _, ...view } = { ...TABLE, kind: 'view' as const, installed: 'one' }
  expect(await measured(view, view)).toEqual(['c:x'])
  expect(await measured(view, { ...view, installed: 'two' })).toEqual([])
})

test('a table without a change token is left out if others can write to the warehouse', async () => {
  const { token: _, ...plain } = TABLE
  expect(await measured(plain, plain)).toEqual([])
  expect(await measured(plain, plain, 'duckdb:file')).toEqual(['c:x'])
})

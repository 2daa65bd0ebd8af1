import { expect, test } from 'vitest'
import type { Policy } from '../../../framework/model/asset.ts'
import type { Definition, Form } from '../../../framework/model/definition.ts'
import { AssetTable } from '../../../framework/model/tables/asset-table.ts'
import { clocksIn, clocksWithoutPolicy } from '../../../framework/staleness/clock-policy.ts'
import { POLICY, plainAsset } from '../../rig/asset.ts'

interface Sketch {
  readonly deps?: readonly string[]
  readonly form?: Form
  readonly clock?: boolean
  readonly policy?: Partial<Policy>
  readonly freshness?: Definition['freshness']
}

/** The assets that are warned of, as `asset: the one whose code names the clock`. */
function warned(sketches: Readonly<Record<string, Sketch>>): readonly string[] {
  const entries = Object.entries(sketches)
  const assets = AssetTable.of(
    entries.map(([name, { deps = [], policy = {} }]) =>
      plainAsset(name, { deps, policy: { ...POLICY, ...policy } }),
    ),
  )
  const definitions = new Map(
    entries.map(([asset, { form = 'stored', clock = false, freshness }]) => [
      asset,
      { asset, form, clock, ...(freshness && { freshness }) } as unknown as Definition,
    ]),
  )
  const clocks = clocksIn(definitions.values())
  return clocksWithoutPolicy(assets, definitions, clocks).map(
    ({ asset, names }) => `${asset.name}: ${names.asset}`,
  )
}

test('a table or view that names the clock and declares no policy for it', () => {
  expect(
    warned({ table: { clock: true }, view: { form: 'view', clock: true }, other: {} }),
  ).toEqual(['table: table', 'view: view'])
})

test.each<[string, Sketch]>([
  ['an age', { policy: { freshness: { maxAge: 1 } } }],
  ['a schedule', { policy: { freshness: { cron: '0 2 * * *', timezone: 'UTC' } } }],
  ["the kind's own age", { freshness: { maxAge: 1 } }],
  ['volatile columns', { policy: { volatileColumns: ['loaded_at'] } }],
  ['a view that is new in each run', { form: 'view', policy: { dataVersion: 'always_new' } }],
])('is not warned of with %s', (_, sketch) => {
  expect(warned({ a: { ...sketch, clock: true } })).toEqual([])
})

test('a table that is new with each build is warned of: nothing builds it', () => {
  expect(warned({ a: { clock: true, policy: { dataVersion: 'always_new' } } })).toEqual(['a: a'])
})

test('an ephemeral is named by each table and view that it is inlined in', () => {
  expect(
    warned({
      e1: { form: 'ephemeral', clock: true },
      e2: { form: 'ephemeral', deps: ['e1'] },
      table: { deps: ['e2'] },
      view: { form: 'view', deps: ['e1'] },
      aged: { deps: ['e1'], policy: { freshness: { maxAge: 1 } } },
      below: { deps: ['table', 'view'] },
      both: { deps: ['e1'], clock: true },
    }),
  ).toEqual(['both: both', 'table: e1', 'view: e1'])
})

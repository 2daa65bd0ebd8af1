import { describe, expect, test } from 'vitest'
import type { Asset, Policy } from '../../../framework/model/asset.ts'
import type { Definition } from '../../../framework/model/definition.ts'
import { policyProblems } from '../../../framework/staleness/policy-problems.ts'
import { POLICY } from '../../rig/asset.ts'

const TABLE: Partial<Definition> = { form: 'stored', kind: 'dbt', relation: 'marts.a' }
const VIEW: Partial<Definition> = { ...TABLE, form: 'view' }
const FILE: Partial<Definition> = { form: 'stored', kind: 'extract', outputs: ['a.csv'] }

function problemsOf(definition: Partial<Definition>, policy: Partial<Policy>): readonly string[] {
  const asset = { name: 'a', file: 'a.yaml', policy: { ...POLICY, ...policy } } as Asset
  const whole = { relation: null, outputs: [], accumulates: 'no', clock: false, ...definition }
  return policyProblems(asset, whole as Definition).map(({ code, message, at, hint, mistake }) => {
    expect(at).toMatchObject({ file: 'a.yaml', path: ['assets', 'a', expect.any(String)] })
    expect([hint, mistake]).toEqual([expect.any(String), true])
    return `${code}: ${message}`
  })
}

describe('a mode of data version', () => {
  const MODES = ['content', 'derived', 'change_token', 'always_new'] as const
  const cases: readonly [string, Partial<Definition>, readonly Policy['dataVersion'][]][] = [
    ['a table', TABLE, MODES],
    ['a view', VIEW, ['content', 'derived', 'always_new']],
    ['a function', { ...VIEW, relation: 'main.f()' }, ['derived', 'always_new']],
    [
      'a view over its files',
      { ...TABLE, outputs: ['a.parquet'] },
      ['content', 'derived', 'always_new'],
    ],
    ['an ephemeral', { ...VIEW, form: 'ephemeral', relation: null }, ['derived']],
    ['a file', FILE, ['content', 'derived', 'always_new']],
    ['a command without a file', { form: 'stored', kind: 'command' }, MODES.slice(1)],
    ['a raw table', { ...TABLE, readsSource: true }, ['content', 'change_token', 'always_new']],
    [
      'an incremental',
      { ...TABLE, accumulates: 'incremental' },
      ['content', 'change_token', 'always_new'],
    ],
    [
      'a model that depends on the clock',
      { ...TABLE, clock: true },
      ['content', 'change_token', 'always_new'],
    ],
    ['an external file', { form: 'external', kind: 'external' }, ['content', 'always_new']],
    [
      'an external table',
      { form: 'external', kind: 'external', relation: 'x.y' },
      ['content', 'change_token', 'always_new'],
    ],
  ]

  test.each(cases)('of %s', (_what, definition, fitting) => {
    const found = MODES.filter(
      (dataVersion) => problemsOf(definition, { dataVersion }).length === 0,
    )
    expect(found).toEqual(fitting)
    expect(problemsOf(definition, { dataVersion: 'default' })).toEqual([])
  })

  test('that is unfit is a problem with the reason', () => {
    expect(problemsOf(FILE, { dataVersion: 'change_token' })).toEqual([
      'data-version-unfit: a: data_version: change_token needs a table: the time of a file can change without its content, and the content without the time',
    ])
  })
})

test('volatile columns without effect are a problem', () => {
  const volatileColumns = ['at']
  expect(problemsOf(TABLE, { volatileColumns })).toEqual([])
  expect(problemsOf(VIEW, { volatileColumns })).toEqual([])
  expect(problemsOf(FILE, { volatileColumns })).toEqual([
    'volatile-unfit: a: volatile_columns has no effect: a file is hashed as a whole',
  ])
  expect(problemsOf(TABLE, { volatileColumns, dataVersion: 'derived' })).toEqual([
    'volatile-unfit: a: volatile_columns has no effect: data_version: derived hashes no columns',
  ])
})

test('on_drift: adopt contradicts data_version: derived', () => {
  expect(problemsOf(TABLE, { onDrift: 'adopt', dataVersion: 'derived' })).toEqual([
    'adopt-unfit: a: on_drift: adopt contradicts data_version: derived, which never detects drift',
  ])
  expect(problemsOf(TABLE, { onDrift: 'adopt', dataVersion: 'always_new' })).toEqual([])
})

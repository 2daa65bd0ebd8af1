import { describe, expect, it } from 'vitest'
import { leftBehind } from '../../../framework/model/leftover.ts'
import { moveOf } from '../../../framework/model/place.ts'
import { record } from '../../contract/suites/state.ts'

const stored = { form: 'stored', outputs: [] } as const
const at = (relation: string | null) => ({ ...stored, relation })
const writes = (...outputs: string[]) => ({ ...stored, outputs, relation: null })
const builtAt = (relation: string) => record('a', { shape: { relation, columns: 'c' } })
const wrote = (...outputs: string[]) => record('a', { outputs })

describe('an asset moved', () => {
  it.each([
    [builtAt('main.a'), at('analytics.a'), 'main.a → analytics.a'],
    [builtAt('main.a'), writes('a.csv'), 'main.a → a.csv'],
    [builtAt('main.a'), writes(), 'main.a → no file'],
    [wrote('a.csv'), at('main.a'), 'a.csv → main.a'],
    [wrote('a.csv'), writes('b.csv'), 'a.csv → b.csv'],
    [wrote('a.csv', 'b.csv'), writes('b.csv', 'a.csv'), 'a.csv, b.csv → b.csv, a.csv'],
    [wrote('a.csv'), writes('A.csv'), 'a.csv → A.csv'],
    [wrote(), writes('a.csv'), 'no file → a.csv'],
  ])('%#: if its record names another place', (built, definition, move) => {
    const found = moveOf(built, definition)
    expect(`${found?.from} → ${found?.to}`).toBe(move)
  })

  it.each([
    ['the same relation in another case', builtAt('MAIN.A'), at('main.a')],
    ['the same files', wrote('a.csv', 'b.csv'), writes('a.csv', 'b.csv')],
    ['no files', wrote(), writes()],
    ['an older record of files, which names none', record('a'), writes('a.csv')],
    ['an ephemeral, which has no place', builtAt('main.a'), { ...at(null), form: 'ephemeral' }],
    ['an external, which is not built', builtAt('main.a'), { ...at('x.a'), form: 'external' }],
  ] as const)('not: %s', (_, built, definition) => {
    expect(moveOf(built, definition)).toBeNull()
  })
})

describe('a commit at another place leaves', () => {
  const now = (change: Parameters<typeof record>[1]) => record('a', { run: 7, ...change })
  const places = (...args: Parameters<typeof leftBehind>) =>
    leftBehind(...args).map(({ is, place, run }) => `${is} ${place} by ${run}`)

  it('the old relation, and the files that are not written any more', () => {
    const shape = { relation: 'analytics.a', columns: 'c' }
    expect(places(builtAt('main.a'), now({ shape }))).toEqual(['relation main.a by 7'])
    expect(places(builtAt('ANALYTICS.A'), now({ shape }))).toEqual([])
    expect(places(wrote('a', 'b'), now({ outputs: ['b', 'c'] }))).toEqual(['file a by 7'])
    expect(places(builtAt('main.a'), now({ outputs: ['a'] }))).toEqual(['relation main.a by 7'])
    expect(places(record('a'), now({ shape }))).toEqual([])
  })

  it('something of which it knows how it was built, unless the record is older and the code changed', () => {
    const shape = { relation: 'analytics.a', columns: 'c' }
    const next = now({ shape, accumulates: 'no' })
    const left = (before: Parameters<typeof record>[1]) =>
      leftBehind({ ...builtAt('main.a'), ...before }, next)[0]!.accumulates
    expect(left({ accumulates: 'snapshot' })).toBe('snapshot')
    expect(left({})).toBe('no')
    expect(left({ codeVersion: 'other' })).toBeNull()
  })
})

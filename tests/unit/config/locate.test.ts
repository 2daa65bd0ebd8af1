import { describe, expect, it } from 'vitest'
import { locate, locateAll } from '../../../framework/config/index.ts'
import type { Pointer } from '../../../framework/model/location.ts'
import { projectFolder } from '../../rig/config.ts'

const TEXT = `version: 1
defaults: &d {kind: dbt, group: marts}
assets:
  a:
    deps: [b, c]
    freshness: {max_age: 1h}
  b: {<<: *d, deps: *later}
  "c": {deps: []}
`

/** The line and the text that a pointer points at, or line and column if it spans several lines. */
async function textAt(path: Pointer['path'], key?: true, text = TEXT): Promise<string> {
  const root = projectFolder({ 'assets.yaml': text })
  const at: Pointer = { file: 'assets.yaml', path, ...(key ? { key } : {}) }
  const located = await locate({ code: 'x', message: 'x', at }, root)
  const location = located.at
  if (location === undefined || !('line' in location)) throw new Error('not located')
  const line = text.split(/\r?\n/)[location.line - 1] ?? ''
  if (location.endLine !== location.line) return `${location.line}:${location.column}`
  return `${location.line}: ${line.slice(location.column - 1, (location.endColumn ?? 1) - 1)}`
}

describe('locate', () => {
  it.each<[string, Pointer['path'], true | undefined, string]>([
    ['a value', ['version'], undefined, '1: 1'],
    ['a key', ['version'], true, '1: version'],
    ['an item of a list', ['assets', 'a', 'deps', 1], undefined, '5: c'],
    ['a nested value', ['assets', 'a', 'freshness', 'max_age'], undefined, '6: 1h'],
    ['a quoted key', ['assets', 'c'], true, '8: "c"'],
    ['a block', ['assets', 'a'], undefined, '5:5'],
    ['an inherited value, in defaults', ['assets', 'a', 'group'], undefined, '2: marts'],
    ['a merged value, at the alias', ['assets', 'b', 'kind'], undefined, '7: *d'],
    ['a value behind an alias, at the alias', ['assets', 'b', 'deps', 0], undefined, '7: *later'],
    ['a missing key, at its asset', ['assets', 'a', 'owners'], undefined, '4: a'],
    ['a missing item, at its list', ['assets', 'a', 'deps', 7], undefined, '5: deps'],
    ['a missing asset, at assets', ['assets', 'z', 'deps'], undefined, '3: assets'],
  ])('%s', async (_title, path, key, expected) => {
    expect(await textAt(path, key)).toBe(expected)
  })

  it('counts columns after a byte order mark and over carriage returns', async () => {
    const text = `\ufeff${TEXT.replaceAll('\n', '\r\n')}`
    expect(await textAt(['assets', 'a', 'deps', 1], undefined, text)).toBe('5: c')
  })

  it('points at the key of an empty value', async () => {
    expect(await textAt(['assets', 'a'], undefined, 'assets:\n  a:\n  b: {}\n')).toBe('2: a')
  })

  it('locates related pointers and keeps locations', async () => {
    const root = projectFolder({ 'assets.yaml': TEXT })
    const pointer = { file: 'assets.yaml', path: ['version'] }
    const known = { file: 'x.sql', line: 3, column: 4 }
    const [first, second, third] = await locateAll(
      [
        { code: 'x', message: 'x', at: known, related: [{ message: 'y', at: pointer }] },
        { code: 'x', message: 'no location' },
        { code: 'x', message: 'gone', at: { file: 'gone.yaml', path: ['a'] } },
      ],
      root,
    )
    const span = { file: 'assets.yaml', line: 1, column: 10, endLine: 1, endColumn: 11 }
    expect(first).toMatchObject({ at: known, related: [{ at: span }] })
    expect(second).toEqual({ code: 'x', message: 'no location' })
    expect(third?.at).toEqual({ file: 'gone.yaml', line: 1, column: 1 })
  })
})

import { expect, test } from 'vitest'
import { isGlob, nameGlob, pathGlob } from '../../../framework/lib/glob.ts'

test.each([
  ['fact_*', 'fact_payment', true],
  ['fact_*', 'dim_fact_x', false],
  ['*', 'anything.at/all', true],
  ['s?g', 'stg', true],
  ['s?g', 'sg', false],
  ['[a-c]x', 'bx', true],
  ['[!a-c]x', 'bx', false],
  ['[!a-c]x', 'zx', true],
  ['[^a]x', '^x', true],
  ['[z-a]x', 'zx', false],
  ['[!z-a]x', 'zx', true],
  ['[]a]x', ']x', true],
  ['[!]a]x', 'ax', false],
  ['[!]x', '[!]x', true],
  ['[a-]x', '-x', true],
  ['[-a]x', 'bx', false],
  ['[a\\b]x', '\\x', true],
  ['a.b', 'a.b', true],
  ['a.*', 'axb', false],
  ['a+(b)', 'a+(b)', true],
  ['a[', 'a[', true],
  ['a\\d*', 'a5', false],
  ['**/x', 'y/x', true],
  ['Fact*', 'fact_x', false],
  ['', '', true],
])('name %s against %s: %s', (pattern, name, expected) => {
  expect(nameGlob(pattern)(name)).toBe(expected)
})

test.each([
  ['assets/*.yaml', 'assets/raw.yaml', true],
  ['assets/*.yaml', 'assets/deep/raw.yaml', false],
  ['assets/**/*.yaml', 'assets/raw.yaml', true],
  ['assets/**/*.yaml', 'assets/a/b/raw.yaml', true],
  ['assets/**', 'assets/a/b', true],
  ['assets/?.yaml', 'assets//.yaml', false],
  ['**/raw.yaml', 'raw.yaml', true],
  ['**/raw.yaml', 'xraw.yaml', false],
])('path %s against %s: %s', (pattern, path, expected) => {
  expect(pathGlob(pattern)(path)).toBe(expected)
})

test('what counts as a wildcard', () => {
  expect(['a*', 'a?', '[ab]', 'a', 'a[', 'a]', '[]'].map(isGlob)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ])
})

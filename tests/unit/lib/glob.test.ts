import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
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
  ['[z-a]', 'a', false],
  ['[z-a]', '', false],
  ['[z-ab]', 'b', true],
  ['?', '😀', true],
  ['*??', '😀', false],
  ['[😀-😂]x', '😁x', true],
  ['[cab-d]', 'b', true],
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
  ['**/**/raw.yaml', 'raw.yaml', true],
  ['a/**/*_?.sql', 'a/b/c/x_1.sql', true],
  ['a/**/*_?.sql', 'a/b/c_1.sql/x', false],
  ['a/**x/*b', 'a/1/2x/b', true],
  ['a/**x/*b', 'a/1/2x/3/b', false],
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

const PIECES = [
  'a',
  'b',
  'c',
  '-',
  '*',
  '**',
  '?',
  '[',
  ']',
  '!',
  '[a-b]',
  '[!a]',
  '[b-a]',
  '/',
  '**/',
  '.',
]
const patterns = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 8 })
  .map((pieces) => pieces.join(''))
const texts = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', '-', '/', '!', '[', ']'),
  maxLength: 8,
})

test("a name matches exactly when Python's fnmatch says so", () => {
  // Python takes a `!` for the sign of negation when the range in front of it is empty: `[b-a!c]`.
  const pairs = fc
    .sample(fc.tuple(patterns, texts), { numRuns: 20_000, seed: 14 })
    .filter(([pattern]) => !/-.!/.test(pattern))
  const program =
    'import fnmatch,json,sys;print(json.dumps([fnmatch.fnmatchcase(t,p) for p,t in json.load(sys.stdin)]))'
  const answer = execFileSync('python3', ['-c', program], {
    input: JSON.stringify(pairs),
    maxBuffer: 1e8,
  })
  const wanted: readonly boolean[] = JSON.parse(String(answer))
  const differs = pairs.filter(([pattern, text], k) => nameGlob(pattern)(text) !== wanted[k])
  expect(differs).toEqual([])
  expect(wanted.filter(Boolean).length).toBeGreaterThan(500)
})

/** What a path pattern matches, by trying every split. `nameGlob` is compared with Python above. */
function tryAll(pattern: string, path: string): boolean {
  if (pattern === '') return path === ''
  const [stars = ''] = /^\*+/.exec(pattern) ?? []
  const cuts = Array.from({ length: path.length + 1 }, (_, at) => at)
  if (stars === '**' && pattern[2] === '/') {
    const rest = pattern.slice(3)
    return (
      tryAll(rest, path) || cuts.some((at) => path[at] === '/' && tryAll(rest, path.slice(at + 1)))
    )
  }
  if (stars !== '') {
    const rest = pattern.slice(stars.length)
    const reach = stars === '*' && path.includes('/') ? path.indexOf('/') : path.length
    return cuts.slice(0, reach + 1).some((at) => tryAll(rest, path.slice(at)))
  }
  if (path === '') return false
  const [one = pattern[0]!] = /^\[!?.[^\]]*\]/.exec(pattern) ?? []
  const isOne = one === '?' ? path[0] !== '/' : nameGlob(one)(path[0]!)
  return isOne && tryAll(pattern.slice(one.length), path.slice(1))
}

test('a path matches exactly when some split of it does', () => {
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => {
      expect(pathGlob(pattern)(text)).toBe(tryAll(pattern, text))
    }),
    { numRuns: 20_000, seed: 14 },
  )
})

test('no pattern makes a match take more steps than pattern × text', () => {
  // A matcher that backtracks takes longer than any run of tests for each of these.
  const long = 'a'.repeat(2_000)
  for (const glob of [nameGlob, pathGlob]) {
    expect(glob('*?'.repeat(1_500))(long)).toBe(true)
    expect(glob(`${'*?'.repeat(1_500)}b`)(long)).toBe(false)
    expect(glob(`${'*a'.repeat(1_500)}b*c`)(`${long}c`)).toBe(false)
    expect(glob(`${'**/a'.repeat(500)}b*c`)('a/'.repeat(1_000))).toBe(false)
    expect(glob('[ab]*'.repeat(1_500))(`${long}c`)).toBe(true)
  }
})

test('what a pattern costs is bounded by the text that it is compared with', () => {
  // Each is long, has no plain end, and would be followed token by token if repeated wildcards counted.
  const names = Array.from({ length: 10_000 }, (_, k) => `model_${k}`)
  for (const pattern of ['*', '**/', '*?', '?*', '[a]*'].map((piece) => piece.repeat(500_000))) {
    expect(names.filter(pathGlob(`${pattern}*`)).length).toBe(/[?[]/.test(pattern) ? 0 : 10_000)
  }
  expect(names.filter(nameGlob(`[${'xyz'.repeat(20_000)}]*`))).toEqual([])
  expect(isGlob('['.repeat(1_000_000))).toBe(false)
  expect(nameGlob('[a'.repeat(500_000))('[a')).toBe(false)
})

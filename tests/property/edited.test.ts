import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compiler } from '../../framework/config/compile/compile-file.ts'
import { sha256 } from '../../framework/lib/hash.ts'
import { declarations } from '../rig/config.ts'
import { YAML_PIECES } from '../rig/yaml-pieces.ts'

// An edited file compiles to the same, whether all of it is compiled or only what was edited. So: after
// every edit, compiled knowing what it was before and knowing nothing, it is the same.

const ENTRIES = [
  '  a: {kind: command, run: [make, "a"], freshness: {max_age: 1h}}\n',
  '  b:\n    deps: [a]\n    description: |\n      Several\n      lines.\n\n  # of c\n',
  '  c.d:\n    deps: [a,\n      b]\n    tags: {x: "y"}\n    pool: narrow\n',
  '  e: {deps: [b], description: "two\n      lines"}\n',
  '  f:\n',
  '  k: &k {kind: dbt, group: g}\n',
  '  l: {<<: *k, deps: []}\n',
  '  m: {kind: airbyte, connection: shop, stream: m}\n',
  "  g: {kind: external, path: 'x: y'} # the last\n",
  '  h:\n    description: >-\n        folded\n\n        text\n    retries: 2\n',
]
const LINES = [
  ...['    run: other', '    x', '    group: g', '    deps: []', '    # remark', '', '# far left'],
  ...['  "j": {kind: dbt}', '  ? j', '  j: {kind: dbt}', '  a: {kind: dbt}', 'more: {}'],
]
const HEADS = [
  'assets:\n',
  'defaults: {kind: dbt, owners: [finance]}\nassets:\n',
  'defaults: {kind: dbt, connection: shop}\nassets:\n',
  '# of it\ndefaults:\n  kind: dbt\n  pool: wide\n\nassets:\n',
]
const TAILS = ['', '', '', 'defaults: {kind: dbt}\n', '# the end\n', '...\n']

const PIECES = [
  ...YAML_PIECES,
  ...['\n    ', '*a', '&a ', '...\n', '\u2028', '\n  i: {kind: dbt}'],
  ...[
    '\n  b:',
    '\n"b":',
    '\n  "j": {}',
    '\nassets:',
    '\n  ? k',
    'kind: command',
    'deps: [f]',
    'group: g',
  ],
]

const text = fc
  .tuple(
    fc.constantFrom(...HEADS),
    fc.shuffledSubarray(ENTRIES, { minLength: 1 }),
    fc.constantFrom(...TAILS),
  )
  .map(([head, entries, tail]) => head + entries.join('') + tail)

const splice = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.constantFrom(0, 0, 1, 2, 8, 40),
  pieces: fc.array(fc.constantFrom(...PIECES, ...ENTRIES), { maxLength: 2 }),
})

const spliced = (
  before: string,
  { at, drop, pieces }: { at: number; drop: number; pieces: string[] },
) => {
  const from = Math.floor(at * before.length)
  return before.slice(0, from) + pieces.join('') + before.slice(from + drop)
}

/** Edits that leave most of a file right, which splices seldom do. */
const edit = fc.oneof(
  fc
    .array(splice, { minLength: 1, maxLength: 2 })
    .map((splices) => (before: string) => splices.reduce(spliced, before)),
  fc.tuple(fc.nat(9), fc.constantFrom(...LINES)).map(([line, added]) => (before: string) => {
    const lines = before.split('\n')
    const at = line % lines.length
    return [...lines.slice(0, at), added, ...lines.slice(at)].join('\n')
  }),
  fc.tuple(fc.constantFrom(...ENTRIES), fc.constantFrom(...ENTRIES)).map(
    ([from, to]) =>
      (before: string) =>
        before.includes(to) ? before.replace(from, '') : before.replace(from, to),
  ),
  fc
    .constantFrom(
      ['Several', 'Some'],
      ['group: g}', 'group: h}'],
      ['  b:', '  a:'],
      ['  e:', '  b:'],
      ['1h', '2h'],
      ['narrow', 'wide'],
      ['"y"', "'y'"],
      ['y}', 'y}\n  z: {kind: dbt}'],
    )
    .map(
      ([from, to]) =>
        (before: string) =>
          before.replace(from!, to!),
    ),
)

it('compiles to the same as though nothing were known of it', async () => {
  const compile = compiler(declarations)
  const source = (content: string) => {
    const bytes = Buffer.from(content)
    return { file: 'assets/a.yaml', bytes, hash: sha256(bytes) }
  }
  await fc.assert(
    fc.asyncProperty(text, fc.array(edit, { minLength: 1, maxLength: 4 }), async (first, edits) => {
      let content = first
      let known = await compile(source(content), 'assets', null)
      for (const change of edits) {
        content = change(content)
        const before = known.state === 'valid' ? known.fragment : null
        const anew = await compile(source(content), 'assets', null)
        expect(await compile(source(content), 'assets', before)).toEqual(anew)
        if (anew.state === 'valid') known = anew
      }
    }),
    { numRuns: 300, seed: 11 },
  )
})

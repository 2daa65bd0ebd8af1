import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fileCompiler } from '../../framework/config/compile/compile-file.ts'
import { sha256 } from '../../framework/lib/hash.ts'
import { declarations } from '../rig/config.ts'
import { YAML_SNIPPETS } from '../rig/yaml-snippets.ts'

// Compiling only the changed assets of an edited file gives the same result as compiling the whole file.
// After every edit the file is compiled both ways, and the results are compared.

const ASSETS = [
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
const PREAMBLES = [
  'assets:\n',
  'defaults: {kind: dbt, owners: [finance]}\nassets:\n',
  'defaults: {kind: dbt, connection: shop}\nassets:\n',
  '# of it\ndefaults:\n  kind: dbt\n  pool: wide\n\nassets:\n',
]
const TAILS = ['', '', '', 'defaults: {kind: dbt}\n', '# the end\n', '...\n']

const SNIPPETS = [
  ...YAML_SNIPPETS,
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
    fc.constantFrom(...PREAMBLES),
    fc.shuffledSubarray(ASSETS, { minLength: 1 }),
    fc.constantFrom(...TAILS),
  )
  .map(([preamble, assets, tail]) => preamble + assets.join('') + tail)

const splice = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  drop: fc.constantFrom(0, 0, 1, 2, 8, 40),
  snippets: fc.array(fc.constantFrom(...SNIPPETS, ...ASSETS), { maxLength: 2 }),
})

const spliced = (
  before: string,
  { at, drop, snippets }: { at: number; drop: number; snippets: string[] },
) => {
  const from = Math.floor(at * before.length)
  return before.slice(0, from) + snippets.join('') + before.slice(from + drop)
}

/** Edits that usually leave a file valid, unlike splices. */
const edit = fc.oneof(
  fc
    .array(splice, { minLength: 1, maxLength: 2 })
    .map((splices) => (before: string) => splices.reduce(spliced, before)),
  fc.tuple(fc.nat(9), fc.constantFrom(...LINES)).map(([line, added]) => (before: string) => {
    const lines = before.split('\n')
    const at = line % lines.length
    return [...lines.slice(0, at), added, ...lines.slice(at)].join('\n')
  }),
  fc.tuple(fc.constantFrom(...ASSETS), fc.constantFrom(...ASSETS)).map(
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

it('compiling the changed assets equals compiling the whole file', async () => {
  const compile = fileCompiler(declarations)
  const source = (content: string) => {
    const bytes = Buffer.from(content)
    return { file: 'assets/a.yaml', bytes, hash: sha256(bytes) }
  }
  await fc.assert(
    fc.asyncProperty(text, fc.array(edit, { minLength: 1, maxLength: 4 }), async (first, edits) => {
      let content = first
      let known = await compile(source(content), { unnamed: null }, null)
      for (const change of edits) {
        content = change(content)
        const before = known.state === 'valid' ? known.compiled : null
        const whole = await compile(source(content), { unnamed: null }, null)
        expect(await compile(source(content), { unnamed: null }, before)).toEqual(whole)
        if (whole.state === 'valid') known = whole
      }
    }),
    { numRuns: 300, seed: 11 },
  )
})

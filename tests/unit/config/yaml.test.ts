import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { parseYaml } from '../../../framework/config/yaml/document.ts'
import { readValue } from '../../../framework/config/yaml/value.ts'

function read(text: string): unknown {
  const document = parseYaml('a.yaml', text)
  if (!document.ok) throw new Error(document.problems[0]?.message)
  const { value, problems } = readValue(document.value)
  if (problems.length > 0) throw new Error(problems[0]?.message)
  return value
}

describe('the data of a YAML text', () => {
  it.each([
    '',
    '# nothing\n',
    'a: 1\nb: [x, 2.5, true, null, ~, "1", 0x1f, 1e3]\n',
    'a:\n- b: |\n    two\n    lines\n- c: >-\n    folded\n    text\n',
    '{"json": [1, {"a": null}], "b": "\\u00e9"}',
    'a: "with # sign" # comment\nb: its\n',
    '1: one\ntrue: yes\n',
    '---\na: 2001-12-14\n...\n',
  ])('of %j is what the library returns', (text) => {
    expect(read(text)).toEqual(parseDocument(text).toJS())
  })

  it('expands aliases to the last anchor of that name', () => {
    expect(read('a: &x [1]\nb: *x\nc: &x 2\nd: *x\n')).toEqual({ a: [1], b: [1], c: 2, d: 2 })
  })

  it.each([
    ['own keys win, before or after', 'x: &x {a: 1, b: 1}\ny: {a: 2, <<: *x}\n', { a: 2, b: 1 }],
    [
      'the first of several wins',
      'x: [&p {a: 1}, &q {a: 2, b: 2}]\ny: {<<: [*p, *q]}\n',
      { a: 1, b: 2 },
    ],
    ['a quoted << is a key', 'y: {"<<": 1}\n', { '<<': 1 }],
  ])('merges: %s', (_title, text, expected) => {
    expect((read(text) as { y: unknown }).y).toEqual(expected)
  })

  it('may use an anchor 10,000 times', () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => `k${i}: *x\n`)
    const value = read(`x: &x [a]\n${lines.join('')}`) as Record<string, unknown>
    expect(value.k9999).toEqual(['a'])
  })

  it('keeps keys that are names of object properties', () => {
    expect(Object.keys(read('toString: {a: 1}\nconstructor: 2\n') as object)).toEqual([
      'toString',
      'constructor',
    ])
    expect(() => read('__proto__: {a: 1}\n')).toThrow('__proto__ is a reserved name')
  })
})

describe('what a file may hold', () => {
  const refusal = (text: string) => {
    const document = parseYaml('a.yaml', text)
    const problems = document.ok ? readValue(document.value).problems : document.problems
    return problems.map(({ code, at }) => ({ code, line: at && 'line' in at ? at.line : 0 }))
  }

  it.each([
    ['words and marks', `a: [\n${'1,'.repeat(500_000)}]\n`, 'file-too-large', 2],
    ['blank lines', `a: 1\n${'\n'.repeat(1_000_000)}`, 'file-too-large', 399_994],
    ['a text of some MB', `a: 1\nb: "${'x'.repeat(1_100_000)}"\n`, 'file-too-large', 2],
    ['a plain text of some MB', `a: 1\nb: ${'x '.repeat(1_100_000)}\n`, 'file-too-large', 2],
    ['brackets in brackets', `a: 1\nb: ${'['.repeat(100_000)}`, 'yaml-syntax', 2],
    ['a long key', `a: 1\n? ${'x'.repeat(20_000)}\n: 2\n`, 'yaml-key', 2],
  ])('refuses too much of it, with its line: %s', (_title, text, code, line) => {
    expect(refusal(text)).toEqual([{ code, line }])
  })

  it('takes ten thousand assets, and comments of some MB', () => {
    const asset = (k: number) => `  a${k}: {kind: command, run: "x", outputs: [o${k}]}\n`
    const assets = Array.from({ length: 10_000 }, (_, k) => asset(k)).join('')
    expect(
      refusal(`${'# a comment\n'.repeat(1_000)}#${'x'.repeat(5_000_000)}\nassets:\n${assets}`),
    ).toEqual([])
  })

  it('reports the first of many equal errors', () => {
    expect(refusal(`a: "${'\\z'.repeat(300_000)}"`).length).toBe(1_000)
  })
})

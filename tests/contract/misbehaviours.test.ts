import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { REPOSITORY } from '../rig/cli.ts'

// The tables of faults name a test in each row. This checks that every named test exists.

const CONTRACT = join(REPOSITORY, 'tests/contract')

/** The tests that a document's tables name: the files that may contain each, and a part of its title. */
function named(document: string): readonly (readonly [files: string, title: string])[] {
  let own = ''
  return readFileSync(join(REPOSITORY, document), 'utf8')
    .split('\n')
    .flatMap((line) => {
      own = /^Tests are in (.+?) unless/.exec(line)?.[1] ?? own
      const cells = /^\| (?!what happens)[^|]+ \| [^|]+ \| ([^|]+) \|$/.exec(line)
      return (cells?.[1]?.split('; ') ?? []).map((one) => {
        const [, file, title = one] = /^(`[^`]+`): (.+)$/.exec(one) ?? []
        return [file ?? own, title] as const
      })
    })
}

/** Reads the files named in backticks. `e2e/` and `unit/` are below `tests`, others below `tests/contract`. */
function sourceOf(files: string): string {
  return [...files.matchAll(/`([^`]+)`/g)]
    .map(([, file = '']) => join(/^(e2e|unit)\//.test(file) ? dirname(CONTRACT) : CONTRACT, file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
}

/** A title with `…` for its placeholders. */
const general = (title: string) => title.replaceAll(/%[sij]/g, '…').replaceAll("\\'", "'")

describe.each([
  'framework/connections/airbyte/README.md',
  'framework/connections/tableau/README.md',
  'tests/contract/README.md',
])('%s', (document) => {
  const tests = named(document)

  test('names tests in its tables', () => {
    expect(tests.length).toBeGreaterThan(20)
  })

  test.each(tests)('%s: %s', (files, title) => {
    expect(general(sourceOf(files))).toContain(general(title))
  })
})

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { REPOSITORY } from '../rig/cli.ts'

// Tables of what services do wrong name the test of each. A test that was renamed would leave a table wrong.

const CONTRACT = join(REPOSITORY, 'tests/contract')

/** The tests that a document's tables name: the files in which each may be, and a part of its title. */
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

/** Files stand in backticks, below `tests/contract` or, where that says so, elsewhere below `tests`. */
function sourceOf(files: string): string {
  return [...files.matchAll(/`([^`]+)`/g)]
    .map(([, file = '']) => join(/^(e2e|unit)\//.test(file) ? dirname(CONTRACT) : CONTRACT, file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
}

/** A title with `…` where it differs from case to case. */
const general = (title: string) => title.replaceAll(/%[sij]/g, '…').replaceAll("\\'", "'")

describe.each(['framework/connections/airbyte/README.md', 'tests/contract/README.md'])(
  '%s',
  (document) => {
    const tests = named(document)

    test('names tests', () => {
      expect(tests.length).toBeGreaterThan(20)
    })

    test.each(tests)('%s: %s', (files, title) => {
      expect(general(sourceOf(files))).toContain(general(title))
    })
  },
)

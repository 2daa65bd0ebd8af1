import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { REPOSITORY } from '../rig/cli.ts'

/** The texts below a folder, of files that end so. */
function textsIn(folder: string, ending: string): readonly string[] {
  const root = join(REPOSITORY, folder)
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(join(root, file), 'utf8'))
}

/** How sources write a code: a field, or the first argument of what makes a problem. */
const WRITTEN = [
  /\bcode: '([a-z0-9-]+)'/g,
  /\bselectionProblem\(\s*'([a-z-]+)'/g,
  /\brequire\('([a-z-]+)'/g,
  /return '((?:invalid|wrong)-[a-z]+)'/g,
  /\? '((?:invalid|wrong)-[a-z]+)' : '((?:invalid|wrong)-[a-z]+)'/g,
]
/** zod's own word for an issue; and what `unknown-type` comes before, as long as no code is wrong. */
const NEVER_SHOWN = new Set(['custom', 'no-state'])

/** What only a service, or a bug, can bring about: held by the contract suites of their adapters. */
const ELSEWHERE = new Set([
  'load-unsupported',
  'state-copy-differs',
  'state-run-numbers',
  'table-missing',
  'warehouse-timeout',
])

/** How goldens show one: in brackets behind a title, before a colon, in JSON. */
const SHOWN = /\[([a-z0-9, -]+)\]|^([a-z-]+): |"code": ?"([a-z0-9-]+)"/gm

test('every problem that there is stands in a golden', () => {
  const codes = textsIn('framework', '.ts').flatMap((text) =>
    WRITTEN.flatMap((pattern) => [...text.matchAll(pattern)].flatMap(([, ...found]) => found)),
  )
  const goldens = textsIn('tests/golden', '.txt').flatMap((text) =>
    [...text.matchAll(SHOWN)].flatMap(([, ...found]) =>
      found.flatMap((some) => some?.split(', ') ?? []),
    ),
  )
  const known = new Set(codes.filter((code) => code !== undefined && !NEVER_SHOWN.has(code)))
  expect(known.size).toBeGreaterThan(100)
  const shown = new Set(goldens)
  const missing = [...known].filter((code) => !shown.has(code) && !ELSEWHERE.has(code))
  expect(missing.sort(), 'add what provokes them to tests/golden/problems*.test.ts').toEqual([])
  expect([...ELSEWHERE].filter((code) => shown.has(code) || !known.has(code))).toEqual([])
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allProblemCodes, PROBLEM_DOCS, problemDocs } from '../../framework/problem-docs.ts'
import { REPOSITORY } from '../rig/cli.ts'

/** Codes that only a service or a bug causes, or a verb without --json. The contract suites cover them. */
const ELSEWHERE = new Set([
  'load-unsupported',
  'no-state',
  'port-unusable',
  'state-copy-differs',
  'state-run-numbers',
  'table-missing',
  'warehouse-timeout',
])

/** A code in a golden: in brackets after a title, before a colon, or in JSON. */
const SHOWN = /\[([a-z0-9, -]+)\]|^([a-z-]+): |"code": ?"([a-z0-9-]+)"/gm

const rooms = await allProblemCodes()

test('a golden shows every problem', () => {
  const folder = join(REPOSITORY, 'tests/golden')
  const goldens = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.txt'))
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(SHOWN)])
    .flatMap(([, ...found]) => found.flatMap((some) => some?.split(', ') ?? []))
  const known = new Set(rooms.flatMap(({ codes }) => Object.keys(codes)))
  expect(known.size).toBeGreaterThan(100)
  const shown = new Set(goldens)
  const missing = [...known].filter((code) => !shown.has(code) && !ELSEWHERE.has(code))
  expect(missing.sort(), 'add a case to tests/golden/problems*.test.ts').toEqual([])
  expect([...ELSEWHERE].filter((code) => shown.has(code) || !known.has(code))).toEqual([])
})

test('every code has a meaning', () => {
  const undocumented = rooms.flatMap(({ room, codes }) =>
    Object.entries(codes).flatMap(([code, meaning]) =>
      meaning.endsWith('.') ? [] : [`${room}: ${code}`],
    ),
  )
  expect(undocumented).toEqual([])
})

test('PROBLEMS.md is up to date', () => {
  expect(readFileSync(PROBLEM_DOCS, 'utf8'), 'npm run problem-docs').toBe(problemDocs(rooms))
})

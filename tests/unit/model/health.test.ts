import { describe, expect, test } from 'vitest'
import { nodeFact } from '../../../framework/cli/verbs/doctor/tool-health.ts'
import { formatBytes, parseBytes } from '../../../framework/lib/bytes.ts'
import { clockFact, diskFact, factOf } from '../../../framework/model/health-fact.ts'

const GB = 1024 ** 3
const NOW = Date.UTC(2026, 2, 2, 2)

describe('the clock of a server', () => {
  const asked = NOW
  const answered = NOW + 200
  test.each([
    ['within the time that it took to answer', NOW + 100, 'ok', 'same as ours'],
    ['half a minute ahead', answered + 30_000, 'ok', '30s from ours'],
    ['more than that ahead', answered + 31_000, 'warning', /31s ahead of ours/],
    ['behind', asked - 3_600_001, 'warning', /1h behind ours/],
  ])('%s', (_, theirs, state, message) => {
    const fact = clockFact(theirs, { asked, answered })
    expect(fact.state).toBe(state)
    expect(fact.message).toMatch(message)
  })

  test('that tells whole seconds is no second behind', () => {
    expect(clockFact(NOW - 999, { asked, answered }, 1_000).message).toBe('same as ours')
  })
})

test.each([
  [6 * GB, 'ok'],
  [4 * GB, 'warning'],
  [0.4 * GB, 'bad'],
])('%d bytes free on a disk', (free, state) => {
  expect(diskFact('.assets', free)).toMatchObject({ state, subject: 'disk' })
})

test.each([
  ['v18.20.4', 'bad'],
  ['v20.18.9', 'bad'],
  ['v20.19.0', 'ok'],
  ['v22.1.0', 'ok'],
])('Node %s', (node, state) => {
  expect(nodeFact(node).state).toBe(state)
})

test('a problem keeps its hint and what an outside program said, on one line', () => {
  const problem = { code: 'x' as const, message: 'it failed', detail: 'one\ntwo', hint: 'mend it' }
  expect(factOf('access', problem)).toEqual({
    subject: 'access',
    state: 'bad',
    message: 'it failed: one; two',
    hint: 'mend it',
  })
})

test.each([
  ['20GB', 20 * GB, '20 GB'],
  ['1.5 MiB', 1.5 * 1024 ** 2, '1.5 MB'],
  ['512', 512, '512 B'],
  ['0', 0, '0 B'],
  ['3T', 3 * 1024 * GB, '3.0 TB'],
])('%s is a size', (text, bytes, shown) => {
  expect(parseBytes(text)).toBe(bytes)
  expect(formatBytes(bytes)).toBe(shown)
})

import { expect, test } from 'vitest'
import { isOlder, newSince, newVersion } from '../../../framework/model/version.ts'

test('a new version is the start of its run', () => {
  expect(newSince(1_000, [])).toBe(1_000)
  expect(newSince(1_000, [newVersion(999), 'c:scheme:1234', null, undefined])).toBe(1_000)
})

test('a new version is later than every earlier one, also if the clock was set back or stood still', () => {
  const before = [newVersion(5_000), newVersion(7_000)]
  const next = newSince(1_000, before)
  expect(next).toBe(7_001)
  expect(newSince(7_000, before)).toBe(7_001)
  for (const one of before) expect(isOlder(one, newVersion(next))).toBe(true)
})

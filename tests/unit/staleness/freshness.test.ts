import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Freshness } from '../../../framework/model/asset.ts'
import { expiry, freshSince } from '../../../framework/staleness/freshness.ts'

const NIGHTLY: Freshness = { cron: '0 2 * * *', timezone: 'UTC' }
const POLICIES: readonly Freshness[] = [
  NIGHTLY,
  { cron: '*/15 * * * *', timezone: 'Europe/Berlin' },
  { cron: '30 4 * * 1', timezone: 'America/New_York' },
  { maxAge: 3_600_000 },
  { maxAge: 1_000 },
]

test('a load from the last tick on is fresh, and one before it is not', () => {
  const tick = Date.UTC(2026, 2, 2, 2)
  for (const now of [tick, tick + 1, tick + 999, tick + 3_600_000]) {
    expect(freshSince(NIGHTLY, now)).toBe(tick)
  }
  expect(freshSince(NIGHTLY, tick - 1)).toBe(tick - 86_400_000)
})

test('`freshSince` is the earliest start for which `expiry` is null', () => {
  const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) })
  fc.assert(
    fc.property(fc.constantFrom(...POLICIES), moment, (policy, now) => {
      const since = Math.ceil(freshSince(policy, now))
      expect(expiry(policy, since, now)).toBeNull()
      expect(expiry(policy, since - 1, now)).not.toBeNull()
      expect(expiry(policy, now, now)).toBeNull()
    }),
    { numRuns: 300 },
  )
})

test('a load from the future is not fresh under any policy: its age is not known', () => {
  const now = Date.UTC(2026, 2, 2, 2)
  const ahead = fc.integer({ min: 1, max: 400 * 86_400_000 })
  fc.assert(
    fc.property(fc.constantFrom(...POLICIES), ahead, (policy, milliseconds) => {
      expect(expiry(policy, now + milliseconds, now)).toMatch(/ which is in the future$/)
    }),
    { numRuns: 300 },
  )
  expect(expiry(NIGHTLY, now + 3_600_000, now)).toBe(
    'its last load is dated 2026-03-02T03:00:00Z, which is in the future',
  )
})

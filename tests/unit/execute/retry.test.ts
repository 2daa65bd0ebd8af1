import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { delayBefore } from '../../../framework/execute/backoff.ts'

const POLICY = { retries: 3, baseMs: 1_000, capMs: 60_000, withinMs: 600_000 }
const failures = (count: number, elapsed = 0) => ({ count, elapsed })
const never = () => {
  throw new Error('a random number was used although the wait does not need one')
}

describe('the wait before a step is tried again', () => {
  test('is null when no attempt is left', () => {
    expect(delayBefore(failures(4), POLICY, never)).toBeNull()
    expect(delayBefore(failures(1), { ...POLICY, retries: 0 }, never)).toBeNull()
  })

  test('doubles each time, and jitter shortens it by up to half', () => {
    const longest = [1, 2, 3].map((attempt) =>
      delayBefore(failures(attempt), POLICY, () => 1 - Number.EPSILON),
    )
    const shortest = [1, 2, 3].map((attempt) => delayBefore(failures(attempt), POLICY, () => 0))
    expect(longest).toEqual([1_000, 2_000, 4_000])
    expect(shortest).toEqual([500, 1_000, 2_000])
  })

  test('is null when it would end after the deadline', () => {
    expect(delayBefore(failures(1, 599_000), POLICY, () => 0.9)).toBe(950)
    expect(delayBefore(failures(1, 599_100), POLICY, () => 0.9)).toBeNull()
  })

  test('is between half of the wait and all of it, and never above the cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, baseMs, capMs, chance) => {
          const policy = { retries: attempt, baseMs, capMs, withinMs: Number.MAX_SAFE_INTEGER }
          const delay = delayBefore(failures(attempt), policy, () => chance)!
          const whole = Math.min(capMs, baseMs * 2 ** (attempt - 1))
          expect(Number.isInteger(delay)).toBe(true)
          expect(delay).toBeGreaterThanOrEqual(Math.floor(whole / 2))
          expect(delay).toBeLessThanOrEqual(whole)
        },
      ),
    )
  })
})

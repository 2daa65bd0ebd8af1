import { afterAll, beforeAll, expect, test } from 'vitest'
import { DamagedBits } from './damaged-bits.ts'

// `npm run soak:state -- --flips N` flips more.
const FLIPS = 400
const SEED = 49

const bits = new DamagedBits()
beforeAll(() => bits.build())
afterAll(() => bits.remove())

test('without damage something of every kind is stale', () => {
  for (const stale of ['edited', 'forced', 'failing', 'aged'])
    expect(bits.fresh).not.toContain(stale)
  expect(bits.fresh).toContain('b')
})

test('a flipped bit never makes an asset fresh, and is never a bug', async () => {
  const { wrong, answered, refused } = await bits.flip(FLIPS, SEED)
  expect(wrong).toEqual([])
  expect(answered + refused).toBe(FLIPS)
  expect(refused).toBeGreaterThan(FLIPS / 20)
})

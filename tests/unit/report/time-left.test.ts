import { expect, test } from 'vitest'
import { leftText } from '../../../framework/report/time-left.ts'

test.each([
  [0, 0, 0, null],
  [2, 2, 0, 'about 5 s left'],
  [21, 38, 0, 'about 20–40 s left'],
  [58, 61, 0, 'about 1 min left'],
  [50, 130, 0, 'about 50 s–2 min left'],
  [118, 190, 0, 'about 2–3 min left'],
  [0, 190, 0, 'up to 3 min left'],
  [3590, 3590, 0, 'about 1 h left'],
  [4_700, 8_000, 0, 'about 1 h 20 min–2 h 10 min left'],
  [7_200, 10_800, 0, 'about 2–3 h left'],
  [120, 190, 4, 'at least 2 min left'],
  [0, 190, 4, null],
])('%s to %s s, %s untimed: %s', (low, high, untimed, text) => {
  expect(leftText({ low, high }, untimed)).toBe(text)
})

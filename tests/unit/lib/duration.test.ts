import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../../framework/lib/duration.ts'

describe('parseDuration', () => {
  it.each([
    ['30s', 30_000],
    ['90m', 5_400_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['1d2h3m4s', 93_784_000],
    ['0s', 0],
  ])('%s is %i ms', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds))

  it.each(['', '1', 'h', '1 h', '30m1h', '-1h', '1.5h', '1H', '1w', '1h ', '1h1h', '9999999s'])(
    '%j is not a duration',
    (text) => expect(parseDuration(text)).toBeNull(),
  )
})

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [999, '0s'],
    [-5, '0s'],
    [30_000, '30s'],
    [5_400_000, '1h30m'],
    [3_600_000 + 5_000, '1h'],
    [86_400_000, '1d'],
    [86_400_000 * 12 + 3_600_000 * 5 + 60_000, '12d5h'],
    [303_999, '5m3s'],
  ])('%i ms is %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text))

  it('parses back to the same duration if two units are enough', () => {
    for (const text of ['30s', '1h30m', '1d', '2d3h', '59m59s'])
      expect(formatDuration(parseDuration(text)!)).toBe(text)
  })
})

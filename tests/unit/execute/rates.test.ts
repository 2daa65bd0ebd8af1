import { expect, test } from 'vitest'
import { Rates } from '../../../framework/execute/rates.ts'
import type { Measured } from '../../../framework/model/event.ts'

const rows = (done: number, of: number | null = null, isEstimate = false): Measured => ({
  ...{ done, of, isEstimate, unit: 'rows' },
})

function stage() {
  let now = 0
  const rates = new Rates(() => now)
  const at = (seconds: number) => {
    now = seconds * 1000
  }
  return { rates, at }
}

test('a rate is known after a second, and follows the last ten', () => {
  const { rates, at } = stage()
  expect(rates.take(1, 'reading', rows(0)).perSecond).toBeNull()
  at(0.5)
  expect(rates.take(1, 'reading', rows(100)).perSecond).toBeNull()
  at(1)
  expect(rates.take(1, 'reading', rows(200)).perSecond).toBe(200)
  for (let second = 2; second <= 30; second++) {
    at(second)
    rates.take(1, 'reading', rows(200 + (second - 1) * 1_000))
  }
  expect(rates.take(1, 'reading', rows(29_200)).perSecond).toBe(1_000)
})

test('another phase, and a phase that begins again, has a rate of its own', () => {
  const { rates, at } = stage()
  rates.take(1, 'reading', rows(0))
  at(2)
  expect(rates.take(1, 'reading', rows(500)).perSecond).toBe(250)
  expect(rates.take(1, 'writing', rows(10)).perSecond).toBeNull()
  at(4)
  expect(rates.take(1, 'writing', rows(50)).perSecond).toBe(20)
  expect(rates.take(1, 'writing', rows(3)).perSecond).toBeNull()
  rates.forget(1)
  at(6)
  expect(rates.take(1, 'writing', rows(80)).perSecond).toBeNull()
})

test('steps do not mix, and an estimate that was too small is no total', () => {
  const { rates, at } = stage()
  rates.take(1, 'reading', rows(0))
  rates.take(2, 'reading', rows(1_000))
  at(1)
  expect(rates.take(1, 'reading', rows(10, 40, true))).toEqual({
    ...rows(10, 40, true),
    perSecond: 10,
  })
  expect(rates.take(2, 'reading', rows(1_100, 1_050, true))).toEqual({
    ...rows(1_100),
    perSecond: 100,
  })
})

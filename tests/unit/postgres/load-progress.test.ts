import { expect, test } from 'vitest'
import { progressOf } from '../../../framework/connections/postgres/load/load-progress.ts'
import type { LoadStage } from '../../../framework/ports/warehouse.ts'

const read = (stage: LoadStage | null) =>
  progressOf({ read: 4_900_000, expected: 5_000_000, isRead: true, stage })

test('a load reads until all rows are read, also if some are written already', () => {
  const moment = { read: 1_250_316, expected: 4_900_000, isRead: false }
  const reading = {
    phase: 'reading',
    message: '1,250,316 of about 4,900,000 rows read',
    amount: { done: 1_250_316, of: 4_900_000, isEstimate: true, unit: 'rows' },
  }
  expect(progressOf({ ...moment, stage: null })).toEqual(reading)
  expect(progressOf({ ...moment, stage: { is: 'inserting', rows: 9 } })).toEqual(reading)
})

test.each([null, 4_900_000])('an estimate of %s rows is not shown beside more rows', (expected) => {
  const { message } = progressOf({ read: 4_900_001, expected, isRead: false, stage: null })
  expect(message).toBe('4,900,001 rows read')
})

test('what is left to write is of a known number of rows', () => {
  expect(read(null)).toMatchObject({ phase: 'writing', message: '0 of 4,900,000 rows written' })
  expect(read({ is: 'inserting', rows: 1_000_000 })).toEqual({
    phase: 'writing',
    message: '1,000,000 of 4,900,000 rows written',
    amount: { done: 1_000_000, of: 4_900_000, isEstimate: false, unit: 'rows' },
  })
})

test('a merge is told in percent, a checkpoint without, and a hash in rows', () => {
  expect(read({ is: 'merging', rows: 7, share: 0.256 })).toEqual({
    phase: 'writing',
    message: 'merging 7 rows into the table',
    amount: { done: 26, of: 100, isEstimate: false, unit: 'percent' },
  })
  expect(read({ is: 'storing', rows: 1 })).toEqual({
    phase: 'writing',
    message: 'storing 1 row',
  })
  expect(read({ is: 'hashing', rows: 4_900_000, share: 0.5 })).toEqual({
    phase: 'hashing',
    message: 'hashing 4,900,000 rows',
    amount: { done: 2_450_000, of: 4_900_000, isEstimate: false, unit: 'rows' },
  })
  expect(read({ is: 'hashing', rows: null, share: null })).toEqual({
    phase: 'hashing',
    message: 'hashing the rows of the table',
  })
})

import { expect, test } from 'vitest'
import { driftReason } from '../../../framework/staleness/drift.ts'
import { record } from '../../contract/suites/state.ts'

const LOOK = { at: 0, version: null, shape: null, token: null, present: true } as const

test('the last look says what the source told it', () => {
  const because = 'payment changed in the source since the last load'
  expect(driftReason(record('raw_payment'), null, { ...LOOK, because })).toEqual({
    reason: 'unknown',
    message: because,
  })
})

test('a look that could not tell says that', () => {
  const reason = driftReason(record('raw_payment'), null, LOOK)
  expect(reason?.message).toBe('it may have changed: the last observation could not tell')
})

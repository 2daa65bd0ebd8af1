import { describe, expect, test } from 'vitest'
import {
  type SlotLimits,
  type SlotReading,
  slotFacts,
} from '../../../framework/connections/postgres/health/replication-slot.ts'

const GB = 1024 ** 3
const MB = 1024 ** 2
const NOW = Date.UTC(2026, 2, 2, 2)
const HOUR = 3_600_000

const reading = (more: Partial<SlotReading> = {}): SlotReading => ({
  name: 'airbyte_slot',
  plugin: 'pgoutput',
  active: false,
  walStatus: 'reserved',
  walKept: 100 * MB,
  walLeft: null,
  inactiveSince: null,
  at: NOW,
  ...more,
})

const BOUNDS: SlotLimits = { keep: 10 * GB, disk: 20 * GB }

const judged = (
  second: Partial<SlotReading>,
  first: Partial<SlotReading> = {},
  bounds: SlotLimits = BOUNDS,
) =>
  slotFacts(reading({ ...second, ...first, at: NOW - 2_000 }), reading(second), bounds).map(
    ({ state, message }) => `${state}: ${message}`,
  )

describe('the WAL that a slot keeps', () => {
  test('is small and not growing', () => {
    expect(judged({ walLeft: 9.9 * GB })).toEqual([
      'ok: pgoutput, inactive, reserved',
      'ok: 100 MB kept on a disk of 20 GB, not growing',
      'ok: a slot may keep 10 GB, 9.9 GB left',
    ])
  })

  test('grows', () => {
    expect(judged({ walKept: 101 * MB }, { walKept: 100 * MB })[1]).toBe(
      'ok: 101 MB kept on a disk of 20 GB, growing by 1.8 GB an hour',
    )
  })

  test('grows so fast that the disk will soon be full', () => {
    expect(judged({ walKept: 110 * MB }, { walKept: 100 * MB })[1]).toBe(
      'warning: 110 MB kept on a disk of 20 GB, growing by 18 GB an hour, full in 1h7m at this rate',
    )
  })

  test('of an active slot: no prediction, as it shrinks in jumps', () => {
    expect(judged({ walKept: 110 * MB, active: true }, { walKept: 100 * MB })[1]).toBe(
      'ok: 110 MB kept on a disk of 20 GB, growing by 18 GB an hour',
    )
  })

  test.each([
    [3 * GB, 'ok'],
    [5 * GB, 'warning'],
    [11 * GB, 'bad'],
  ])('%d bytes of a disk of 20 GB', (kept, state) => {
    expect(judged({ walKept: kept })[1]).toMatch(new RegExp(`^${state}:`))
  })

  test.each([
    [4 * GB, 'ok'],
    [6 * GB, 'warning'],
  ])('%d bytes of a disk of unknown size', (kept, state) => {
    expect(judged({ walKept: kept }, {}, { keep: 10 * GB, disk: null })[1]).toMatch(
      new RegExp(`^${state}:`),
    )
  })

  test('is none', () => {
    expect(judged({ walKept: null })[1]).toBe('ok: none kept')
  })
})

describe('the limit of the WAL that slots keep', () => {
  test('is not set: the hint names a size for the disk', () => {
    const [, , limit] = slotFacts(reading(), reading(), { keep: 'none', disk: 20 * GB })
    expect(limit).toMatchObject({
      state: 'warning',
      hint: expect.stringContaining("max_slot_wal_keep_size = '10240MB'"),
    })
  })

  test('is larger than the disk', () => {
    expect(judged({}, {}, { keep: 30 * GB, disk: 20 * GB })[2]).toBe(
      'warning: a slot may keep 30 GB, but the disk has only 20 GB',
    )
  })

  test('is almost reached', () => {
    expect(judged({ walLeft: 1 * GB })[2]).toBe(
      'warning: a slot may keep 10 GB, 1.0 GB left before it is lost',
    )
  })

  test('does not exist in an old server', () => {
    expect(judged({ walStatus: null }, {}, { keep: null, disk: null })).toHaveLength(2)
  })
})

describe('an inactive slot', () => {
  test('for a day is fine: the next nightly run reads it', () => {
    expect(judged({ inactiveSince: NOW - 24 * HOUR })[0]).toBe(
      'ok: pgoutput, inactive for 1d, reserved',
    )
  })

  test('for days is a warning', () => {
    expect(judged({ inactiveSince: NOW - 73 * HOUR })[0]).toBe(
      'warning: pgoutput, inactive for 3d1h, reserved',
    )
  })

  test('that is lost, or will be', () => {
    expect(judged({ walStatus: 'unreserved' })).toEqual([
      'bad: it keeps more WAL than allowed and is lost at the next checkpoint (wal_status unreserved)',
    ])
    expect(judged({ walStatus: 'lost', walKept: null })).toEqual([
      'bad: its unread WAL was removed, so changes are lost (wal_status lost)',
    ])
  })
})

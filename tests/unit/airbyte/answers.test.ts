import { describe, expect, test } from 'vitest'
import { compareSetup } from '../../../framework/connections/airbyte/compare-setup.ts'
import {
  type ConnectionSetup,
  parseSetup,
  type StreamSetup,
} from '../../../framework/connections/airbyte/connection-setup.ts'
import { type AirbyteJob, parseJob } from '../../../framework/connections/airbyte/job.ts'
import { parseResults } from '../../../framework/connections/airbyte/job-results.ts'
import { timestampOf } from '../../../framework/connections/airbyte/json-fields.ts'
import { probeOf } from '../../../framework/connections/airbyte/probe-streams.ts'
import type { Stream } from '../../../framework/model/stream.ts'
import { stream } from '../../rig/load.ts'

test.each([
  ['2023-03-25T01:30:50Z', '2023-03-25T01:30:50.000Z'],
  ['2023-03-25T01:30Z', '2023-03-25T01:30:00.000Z'],
  ['2023-03-25 01:30:50+00:00', '2023-03-25T01:30:50.000Z'],
  ['2023-03-25T01:30:50.123456Z', '2023-03-25T01:30:50.123Z'],
  ['2023-03-25T03:30:50+0200', '2023-03-25T01:30:50.000Z'],
  ['2023-03-25T01:30', '2023-03-25T01:30:00.000Z'],
])('the timestamp %s', (text, moment) => {
  expect(new Date(timestampOf(text)!).toISOString()).toBe(moment)
})

test.each([[null], [''], ['yesterday'], ['2023-13-45T01:30Z']])('%j is not a timestamp', (text) => {
  expect(timestampOf(text)).toBeNull()
})

describe('the setup of a stream in Airbyte', () => {
  const there = (more: Partial<StreamSetup> = {}): ConnectionSetup => ({
    ...parseSetup(null),
    streams: [
      {
        name: 'payment',
        namespace: 'public',
        mode: 'incremental_deduped_history',
        cursor: null,
        primaryKey: ['payment_id'],
        columns: null,
        ...more,
      },
    ],
  })
  const payment = (more: Partial<Stream> = {}) =>
    stream('payment', { sync: 'incremental_dedup', primaryKey: ['payment_id'], ...more })
  const settings = { name: 'shop', schema: null, prefix: '' }
  const said = (one: Stream, setup: ConnectionSetup, more: Partial<typeof settings> = {}) => {
    const { problems, warnings } = compareSetup([one], setup, { ...settings, ...more })
    return [...problems.map(({ code }) => code), ...warnings]
  }

  test('matches the YAML', () => {
    expect(said(payment(), there())).toEqual([])
    expect(said(payment(), there({ primaryKey: [] }))).toEqual([])
    expect(said(payment(), there({ mode: null }))).toEqual([])
    expect(said(payment({ cursor: 'at' }), there({ cursor: 'at' }))).toEqual([])
    expect(said(payment({ namespace: 'public' }), there())).toEqual([])
    const columns = ['amount']
    expect(said(payment({ columns }), there({ columns: ['payment_id', 'amount'] }))).toEqual([])
  })

  test.each<[string, Partial<Stream>, Partial<StreamSetup>]>([
    ['stream-not-selected', { stream: 'rental' }, {}],
    ['stream-not-selected', { namespace: 'other' }, {}],
    ['sync-differs', { sync: 'full_refresh' }, {}],
    ['sync-differs', {}, { mode: 'incremental_append' }],
    ['primary-key-differs', { primaryKey: ['id'] }, {}],
    ['cursor-differs', { cursor: 'at' }, { cursor: 'updated_at' }],
  ])('%s', (code, declared, setup) => {
    expect(said(payment(declared), there(setup))).toEqual([code])
  })

  test('is a warning if columns differ', () => {
    const loads = there({ columns: ['payment_id', 'amount', 'note'] })
    expect(said(payment({ exclude: ['note'] }), loads)).toEqual([
      'raw_payment: `exclude` names note, but Airbyte loads it',
    ])
    expect(said(payment({ columns: ['amount', 'at'] }), loads)).toEqual([
      'raw_payment: `columns` names at, but Airbyte does not load it',
      'raw_payment: `columns` omits note, but Airbyte loads it',
    ])
    expect(said(payment({ exclude: ['note'] }), there())).toEqual([
      'raw_payment: `exclude` omits columns, but Airbyte loads all of them',
    ])
    expect(said(payment(), { ...there(), prefix: 'x_' })[0]).toContain('prefix "x_" in Airbyte')
  })
})

describe('a probe of the jobs since the recorded one', () => {
  const NOW = Date.UTC(2026, 2, 2, 2)
  const job = (id: number, status: string, type = 'sync'): AirbyteJob =>
    parseJob({ jobId: id, status, jobType: type, startTime: '2026-03-02T01:30Z' })!
  const probe = (jobs: readonly AirbyteJob[], adopt = true) =>
    probeOf(jobs, { job: 5 }, adopt, NOW).answer

  test('is moved by a running or succeeded job', () => {
    expect(probe([job(6, 'running'), job(5, 'succeeded')])).toBe('moved')
    expect(probe([job(6, 'succeeded'), job(5, 'succeeded')])).toBe('moved')
    expect(probeOf([job(6, 'running')], { job: 5 }, true, NOW)).toEqual({
      answer: 'moved',
      message: 'Airbyte job 6 is loading it, started 30m ago',
    })
  })

  test('is not answered otherwise', () => {
    expect(probe([])).toBe('not_asked')
    expect(probe([job(5, 'succeeded'), job(4, 'running')])).toBe('not_asked')
    expect(probe([job(6, 'failed'), job(5, 'succeeded')])).toBe('not_asked')
    expect(probe([job(6, 'succeeded', 'clear')])).toBe('not_asked')
    expect(probe([job(6, 'succeeded')], false)).toBe('not_asked')
    expect(probe([job(6, 'running')], false)).toBe('moved')
    expect(probeOf([job(6, 'succeeded')], null, true, NOW).answer).toBe('not_asked')
  })
})

describe('results of a job', () => {
  const status = (runState: string, attemptNumber: number) => ({
    streamName: 'payment',
    streamNamespace: 'public',
    runState,
    attemptNumber,
    transitionedAt: 1,
  })

  test('use the last status of a stream, in any order', () => {
    const told = parseResults({}, [status('COMPLETE', 1), status('INCOMPLETE', 0)])
    expect(told.streams).toMatchObject([{ name: 'payment', state: 'COMPLETE', records: null }])
  })

  test('sum the records of attempts if the job reports none', () => {
    const attempt = (recordsCommitted: number, recordsEmitted = recordsCommitted) => ({
      attempt: {
        streamStats: [{ streamName: 'payment', stats: { recordsCommitted, recordsEmitted } }],
      },
    })
    const records = (...attempts: readonly ReturnType<typeof attempt>[]) =>
      parseResults({ attempts }, []).streams[0]?.records
    expect(records(attempt(2), attempt(3))).toBe(5)
    expect(records(attempt(0), attempt(0))).toBe(0)
    // Records that were read but not committed may have reached the table.
    expect(records(attempt(0, 4))).toBe(4)
  })

  test('are empty for an invalid response', () => {
    expect(parseResults(null, [null, {}])).toEqual({
      attempts: 0,
      streams: [],
      failure: null,
      isPermanent: false,
    })
  })
})

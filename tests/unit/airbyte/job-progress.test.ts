import { expect, test } from 'vitest'
import {
  jobText,
  parseProgress,
  streamProgress,
} from '../../../framework/connections/airbyte/job-progress.ts'
import { stream } from '../../rig/load.ts'

const status = (streamName: string, runState: string, attemptNumber = 0) => ({
  ...{ streamName, streamNamespace: 'public', runState, attemptNumber },
})
const stats = (streamName: string, recordsEmitted?: number) => ({
  ...{ streamName, streamNamespace: 'public' },
  stats: recordsEmitted === undefined ? {} : { recordsEmitted },
})
const job = { id: 9123, type: 'sync', status: 'running', startedAt: 0, rows: null, bytes: null }
const streams = ['payment', 'film', 'city'].map((name) => stream(name))

test('the newest attempt counts, whatever the order of its statuses', () => {
  const info = {
    job: {},
    attempts: [
      { attempt: { streamStats: [stats('payment', 500), stats('film', 7)] } },
      { attempt: { streamStats: [stats('payment', 40), stats('city')] } },
    ],
  }
  const progress = parseProgress(info, [
    status('payment', 'RUNNING', 1),
    status('film', 'COMPLETE'),
    status('payment', 'INCOMPLETE'),
  ])
  expect(progress).toEqual({
    attempts: 2,
    streams: [
      { name: 'film', namespace: 'public', state: 'COMPLETE', records: null },
      { name: 'payment', namespace: 'public', state: 'RUNNING', records: 40 },
    ],
  })
  expect(jobText(job, progress, streams, null)).toBe(
    'Airbyte job 9123: 1 of 3 streams, 40 records, attempt 2',
  )
  expect(streamProgress(9123, progress, streams[2]!, null)).toBeNull()
})

test('without the internal API, the status of the job is what is known', () => {
  expect(jobText({ ...job, rows: 1, bytes: 3_100_000 }, null, streams, null)).toBe(
    'Airbyte job 9123: running, 1 record, 3.1 MB',
  )
})

test('a stream whose turn has not come waits', () => {
  const progress = parseProgress({ attempts: [] }, [status('film', 'PENDING')])
  expect(streamProgress(9123, progress, streams[1]!, null)).toEqual({
    phase: 'waiting',
    message: 'Airbyte job 9123: waits for its turn',
  })
})

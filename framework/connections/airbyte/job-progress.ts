import type { Json } from '../../lib/json.ts'
import type { Stream } from '../../model/stream.ts'
import type { Progress } from '../../ports/batch.ts'
import type { InternalApi } from './api.ts'
import { findStream } from './compare-setup.ts'
import type { AirbyteJob } from './job.ts'
import { readInfo } from './job-results.ts'
import { field, listOf, numberOf, textOf } from './json-fields.ts'

/** How far a job has got, from the internal API. */
export interface JobProgress {
  readonly attempts: number
  readonly streams: readonly StreamProgress[]
}

interface StreamProgress {
  readonly name: string
  readonly namespace: string | null
  /** `PENDING`, `RUNNING`, `COMPLETE` or another state; null if Airbyte reports only counts. */
  readonly state: string | null
  /** Records that left the source; null if Airbyte does not count them. */
  readonly records: number | null
}

/** How far a job has got; null if the internal API does not answer. */
export async function readProgress(
  ask: InternalApi,
  job: number,
  connectionId: string,
  workspaceId: string | null,
): Promise<JobProgress | null> {
  const read = await readInfo(ask, job, connectionId, workspaceId)
  return read === null ? null : parseProgress(read.info, read.statuses)
}

/** Takes the newest attempt: an attempt begins again with the streams that the last one did not finish. Pure. */
export function parseProgress(info: Json, statuses: readonly Json[]): JobProgress {
  const attempts = listOf(info, 'attempts').map((one) => field(one, 'attempt'))
  const streams = new Map<string, StreamProgress>()
  const put = (named: Json, more: Partial<StreamProgress>) => {
    const [name, namespace] = [textOf(named, 'streamName'), textOf(named, 'streamNamespace')]
    if (name === null) return
    const key = JSON.stringify([name, namespace])
    const before = streams.get(key) ?? { name, namespace, state: null, records: null }
    streams.set(key, { ...before, ...more })
  }
  const inOrder = [...statuses].sort(
    (a, b) => (numberOf(a, 'attemptNumber') ?? 0) - (numberOf(b, 'attemptNumber') ?? 0),
  )
  for (const status of inOrder) put(status, { state: textOf(status, 'runState') })
  for (const one of listOf(field(info, 'job'), 'streamAggregatedStats')) {
    put(one, { records: numberOf(one, 'recordsEmitted') })
  }
  for (const one of listOf(attempts.at(-1) ?? null, 'streamStats')) {
    const records = numberOf(field(one, 'stats'), 'recordsEmitted')
    if (records !== null) put(one, { records })
  }
  return { attempts: attempts.length, streams: [...streams.values()] }
}

/** `Airbyte job 9123: 2 of 15 streams, 41,000 records`. Pure. */
export function jobText(
  job: AirbyteJob,
  progress: JobProgress | null,
  streams: readonly Stream[],
  schema: string | null,
): string {
  const own = streams.flatMap((stream) => findStream(stream, progress?.streams ?? [], schema) ?? [])
  const done = own.filter(({ state }) => state === 'COMPLETE').length
  const counted = own.flatMap(({ records }) => records ?? [])
  const records =
    counted.length === 0 ? (job.rows ?? 0) : counted.reduce((sum, one) => sum + one, 0)
  const attempts = progress?.attempts ?? 0
  const parts = [
    own.some(({ state }) => state !== null) ? `${done} of ${streams.length} streams` : job.status,
    records === 0 ? '' : recordsText(records),
    job.bytes === null || job.bytes === 0 ? '' : `${(job.bytes / 1e6).toFixed(1)} MB`,
    attempts < 2 ? '' : `attempt ${attempts}`,
  ]
  return `Airbyte job ${job.id}: ${parts.filter((part) => part !== '').join(', ')}`
}

/** What one stream of a job does; null if Airbyte does not say it. Pure. */
export function streamProgress(
  job: number,
  progress: JobProgress,
  stream: Stream,
  schema: string | null,
): Progress | null {
  const found = findStream(stream, progress.streams, schema)
  if (found === null) return null
  const { state, records } = found
  const doing =
    state === 'COMPLETE' ? 'loaded' : state === 'PENDING' ? 'waits for its turn' : 'running'
  const count = records === null || records === 0 ? '' : `, ${recordsText(records)}`
  const amount = { done: records ?? 0, of: null, isEstimate: false, unit: 'rows' } as const
  return {
    phase: doing === 'running' ? 'running' : 'waiting',
    message: `Airbyte job ${job}: ${doing}${count}`,
    ...(records === null ? {} : { amount }),
  }
}

const recordsText = (records: number): string =>
  `${records.toLocaleString('en-US')} record${records === 1 ? '' : 's'}`

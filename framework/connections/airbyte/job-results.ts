import type { Json } from '../../lib/json.ts'
import type { Stream } from '../../model/stream.ts'
import type { InternalApi } from './api.ts'
import { findStream } from './compare-setup.ts'
import type { RecordedJob } from './job.ts'
import { field, listOf, numberOf, textOf } from './json-fields.ts'

/** The result of one stream of a job, from the internal API. */
export interface StreamResult {
  readonly name: string
  readonly namespace: string | null
  /** `COMPLETE`, `INCOMPLETE` or another state; null if Airbyte reports only counts. */
  readonly state: string | null
  readonly records: number | null
  readonly failure: string | null
}

/** The results of a job, from the internal API. */
export interface JobResults {
  readonly attempts: number
  readonly streams: readonly StreamResult[]
  /** All failure messages, including those that name no stream. */
  readonly failure: string | null
  /** Whether a failure is a configuration error, which a retry does not fix. */
  readonly isPermanent: boolean
}

const PAGE_SIZE = 200

/** The results of a job by stream; null if the internal API does not answer. */
export async function readResults(
  ask: InternalApi,
  job: number,
  connectionId: string,
  workspaceId: string | null,
): Promise<JobResults | null> {
  const read = await readInfo(ask, job, connectionId, workspaceId)
  return read === null ? null : parseResults(read.info, read.statuses)
}

/** What the internal API says of a job and of its streams; null if it does not answer. */
export async function readInfo(
  ask: InternalApi,
  job: number,
  connectionId: string,
  workspaceId: string | null,
): Promise<{ readonly info: Json; readonly statuses: readonly Json[] } | null> {
  const info = await ask('/jobs/get_without_logs', { id: job })
  if (info === null) return null
  const statuses: Json[] = []
  for (let rowOffset = 0; workspaceId !== null; rowOffset += PAGE_SIZE) {
    const pagination = { pageSize: PAGE_SIZE, rowOffset }
    const body = { workspaceId, connectionId, jobId: job, pagination }
    const page = await ask('/stream_statuses/list', body)
    if (page === null) break
    const list = listOf(page, 'streamStatuses')
    statuses.push(...list)
    if (list.length < PAGE_SIZE) break
  }
  return { info, statuses }
}

/** Merges a job and its stream statuses. The last status of a stream counts. Pure. */
export function parseResults(info: Json, statuses: readonly Json[]): JobResults {
  const attempts = listOf(info, 'attempts').map((one) => field(one, 'attempt'))
  const failures = attempts.flatMap((one) => listOf(field(one, 'failureSummary'), 'failures'))
  const streams = new Map<string, StreamResult>()
  const put = (named: Json, more: Partial<StreamResult>) => {
    const [name, namespace] = [textOf(named, 'streamName'), textOf(named, 'streamNamespace')]
    if (name === null) return
    const key = JSON.stringify([name, namespace])
    const before = streams.get(key) ?? {
      name,
      namespace,
      state: null,
      records: null,
      failure: null,
    }
    streams.set(key, { ...before, ...more })
  }
  for (const status of [...statuses].sort(byAttempt))
    put(status, { state: textOf(status, 'runState') })
  for (const [named, records] of recordsOf(info, attempts)) put(named, { records })
  for (const one of failures) {
    const stream = field(one, 'streamDescriptor')
    const [name, namespace] = [textOf(stream, 'name'), textOf(stream, 'namespace')]
    const failure = messageOf(one)
    if (name !== null) put({ streamName: name, streamNamespace: namespace }, { failure })
  }
  const messages = [...new Set(failures.map(messageOf).filter((message) => message !== null))]
  return {
    attempts: attempts.length,
    streams: [...streams.values()],
    failure: messages.length === 0 ? null : messages.join('\n'),
    isPermanent: failures.some((one) => textOf(one, 'failureType') === 'config_error'),
  }
}

/** Committed records by stream: of the whole job if Airbyte reports them, else summed over attempts. */
function recordsOf(info: Json, attempts: readonly Json[]): readonly (readonly [Json, number])[] {
  const whole = listOf(field(info, 'job'), 'streamAggregatedStats')
  if (whole.length > 0) {
    return whole.flatMap((one) => {
      const records = recordCount(
        numberOf(one, 'recordsCommitted'),
        numberOf(one, 'recordsEmitted'),
      )
      return records === null ? [] : [[one, records] as const]
    })
  }
  const sums = new Map<string, readonly [Json, number]>()
  for (const one of attempts.flatMap((attempt) => listOf(attempt, 'streamStats'))) {
    const stats = field(one, 'stats')
    const records = recordCount(
      numberOf(stats, 'recordsCommitted'),
      numberOf(stats, 'recordsEmitted'),
    )
    if (records === null) continue
    const key = JSON.stringify([textOf(one, 'streamName'), textOf(one, 'streamNamespace')])
    sums.set(key, [one, (sums.get(key)?.[1] ?? 0) + records])
  }
  return [...sums.values()]
}

/** Emitted records may reach the table without being committed, so zero means that both are zero. */
function recordCount(committed: number | null, emitted: number | null): number | null {
  if (committed === null) return null
  return committed > 0 ? committed : (emitted ?? 0)
}

function byAttempt(a: Json, b: Json): number {
  return (
    (numberOf(a, 'attemptNumber') ?? 0) - (numberOf(b, 'attemptNumber') ?? 0) ||
    (numberOf(a, 'transitionedAt') ?? 0) - (numberOf(b, 'transitionedAt') ?? 0)
  )
}

function messageOf(failure: Json): string | null {
  return textOf(failure, 'externalMessage') ?? textOf(failure, 'internalMessage')
}

/** The result of one stream; null if the job reports none. */
export function resultOfStream(
  stream: Stream,
  { streams }: JobResults,
  schema: string | null,
): StreamResult | null {
  return findStream(stream, streams, schema)
}

/** The connectors of a job with their versions; null if the internal API does not report them. */
export async function readConnectors(
  ask: InternalApi,
  job: number,
): Promise<Pick<RecordedJob, 'source' | 'destination'>> {
  const info = field(await ask('/jobs/get_debug_info', { id: job }), 'job')
  const version = (name: string) => {
    const definition = field(info, name)
    const image = textOf(definition, 'dockerRepository')?.split('/').at(-1)
    const tag = textOf(definition, 'dockerImageTag')
    return image === undefined || tag === null ? null : `${image} ${tag}`
  }
  return { source: version('sourceDefinition'), destination: version('destinationDefinition') }
}

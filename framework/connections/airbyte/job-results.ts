import type { Json } from '../../lib/json.ts'
import type { Stream } from '../../model/stream.ts'
import { findStream } from './compare-setup.ts'
import type { AskInternally } from './api.ts'
import type { Origin } from './job.ts'
import { field, listOf, numberOf, textOf } from './json-fields.ts'

/** What the internal API tells of one stream of a job. */
export interface StreamResult {
  readonly name: string
  readonly namespace: string | null
  /** `COMPLETE`, `INCOMPLETE` and others; null when there are only its numbers. */
  readonly state: string | null
  readonly records: number | null
  readonly failure: string | null
}

/** What the internal API tells of a job. */
export interface Results {
  readonly attempts: number
  readonly streams: readonly StreamResult[]
  /** What it says went wrong, of no stream in particular too. */
  readonly failure: string | null
  /** When it says that trying again is of no use. */
  readonly isPermanent: boolean
}

const PAGE = 200

/** The results of a job, stream by stream; null when the internal API does not answer. */
export async function readResults(
  ask: AskInternally,
  job: number,
  connectionId: string,
  workspaceId: string | null,
): Promise<Results | null> {
  const info = await ask('/jobs/get_without_logs', { id: job })
  if (info === null) return null
  const statuses: Json[] = []
  for (let rowOffset = 0; workspaceId !== null; rowOffset += PAGE) {
    const pagination = { pageSize: PAGE, rowOffset }
    const body = { workspaceId, connectionId, jobId: job, pagination }
    const page = await ask('/stream_statuses/list', body)
    if (page === null) break
    const list = listOf(page, 'streamStatuses')
    statuses.push(...list)
    if (list.length < PAGE) break
  }
  return resultsOf(info, statuses)
}

/** How many attempts there were up to now; null when the internal API does not answer. */
export async function readAttempts(ask: AskInternally, job: number): Promise<number | null> {
  const info = await ask('/jobs/get_without_logs', { id: job })
  return info === null ? null : listOf(info, 'attempts').length
}

/** Puts together what a job and its stream statuses say. The last status of a stream counts. Pure. */
export function resultsOf(info: Json, statuses: readonly Json[]): Results {
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
  const told = [...new Set(failures.map(messageOf).filter((message) => message !== null))]
  return {
    attempts: attempts.length,
    streams: [...streams.values()],
    failure: told.length === 0 ? null : told.join('\n'),
    isPermanent: failures.some((one) => textOf(one, 'failureType') === 'config_error'),
  }
}

/** Records that were committed, for the job where it is told, else over its attempts. */
function recordsOf(info: Json, attempts: readonly Json[]): readonly (readonly [Json, number])[] {
  const whole = listOf(field(info, 'job'), 'streamAggregatedStats')
  if (whole.length > 0) {
    return whole.flatMap((one) => {
      const records = mostOf(numberOf(one, 'recordsCommitted'), numberOf(one, 'recordsEmitted'))
      return records === null ? [] : [[one, records] as const]
    })
  }
  const sums = new Map<string, readonly [Json, number]>()
  for (const one of attempts.flatMap((attempt) => listOf(attempt, 'streamStats'))) {
    const stats = field(one, 'stats')
    const records = mostOf(numberOf(stats, 'recordsCommitted'), numberOf(stats, 'recordsEmitted'))
    if (records === null) continue
    const key = JSON.stringify([textOf(one, 'streamName'), textOf(one, 'streamNamespace')])
    sums.set(key, [one, (sums.get(key)?.[1] ?? 0) + records])
  }
  return [...sums.values()]
}

/** Emitted and not committed may yet have reached the table: zero means zero of both. */
function mostOf(committed: number | null, emitted: number | null): number | null {
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

/** The result of one stream; null when the job tells nothing of it. */
export function resultFor(
  stream: Stream,
  { streams }: Results,
  schema: string | null,
): StreamResult | null {
  return findStream(stream, streams, schema)
}

/** The connectors of a job with their versions; null where the internal API doesn't tell. */
export async function readConnectors(
  ask: AskInternally,
  job: number,
): Promise<Pick<Origin, 'source' | 'destination'>> {
  const info = field(await ask('/jobs/get_debug_info', { id: job }), 'job')
  const version = (name: string) => {
    const definition = field(info, name)
    const image = textOf(definition, 'dockerRepository')?.split('/').at(-1)
    const tag = textOf(definition, 'dockerImageTag')
    return image === undefined || tag === null ? null : `${image} ${tag}`
  }
  return { source: version('sourceDefinition'), destination: version('destinationDefinition') }
}

import { randomUUID } from 'node:crypto'
import type { Json } from '../../../framework/lib/json.ts'

export const CONNECTION_ID = 'e735894a-e773-4938-969f-45f53957b75b'
export const WORKSPACE_ID = '871d9b60-11d1-44cb-8c92-c246d53bf87e'
export const NAMESPACE = 'public'

/** The result of one stream of a job. */
export interface StreamEnd {
  readonly state: 'COMPLETE' | 'INCOMPLETE'
  readonly records: number
  readonly failure?: string
}

/** What a stream of a running job has done. */
export interface StreamNow {
  readonly state: 'PENDING' | 'RUNNING' | 'COMPLETE'
  readonly records: number
}

/** The plan of a job: the statuses that polls see one after another, then its end. */
export interface JobPlan {
  readonly type?: 'sync' | 'refresh' | 'clear'
  readonly statuses?: readonly string[]
  readonly ends?: 'succeeded' | 'failed' | 'cancelled'
  /** What the internal API says of streams as long as the job runs. */
  readonly running?: Readonly<Record<string, StreamNow>>
  /** Results of streams, instead of those of `onSync`. null leaves a stream out. */
  readonly streams?: Readonly<Record<string, StreamEnd | null>>
  /** The job succeeds without running a stream. */
  readonly runsNothing?: true
  readonly attempts?: number
  readonly failure?: { readonly message: string; readonly type: string }
}

export interface FakeJob {
  readonly id: number
  readonly plan: JobPlan
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  status: string
  left: string[]
  readonly ends: Map<string, StreamEnd>
}

export const isOver = ({ status }: FakeJob) => ['succeeded', 'failed', 'cancelled'].includes(status)

/** A job as the public API reports it. Seconds that are 0 are left out, as Java does. */
export function publicJob(job: FakeJob): Json {
  const rows = [...job.ends.values()].reduce((sum, { records }) => sum + records, 0)
  return {
    jobId: job.id,
    status: job.status,
    jobType: job.plan.type ?? 'sync',
    startTime: new Date(job.createdAt).toISOString().replace(/(:00)?\.000Z$/, 'Z'),
    connectionId: CONNECTION_ID,
    ...(isOver(job) ? { duration: 'PT1M', bytesSynced: rows * 100, rowsSynced: rows } : {}),
  }
}

/** A job as the internal API reports it. */
export function internalJob(job: FakeJob): Json {
  const at = Math.floor(job.createdAt / 1000)
  const { failure } = job.plan
  const failed = [...job.ends].filter(([, end]) => end.failure !== undefined)
  const failures = [
    ...(failure === undefined || !isOver(job)
      ? []
      : [{ timestamp: at, externalMessage: failure.message, failureType: failure.type }]),
    ...failed.map(([name, end]) => ({
      timestamp: at,
      externalMessage: end.failure!,
      streamDescriptor: { name, namespace: NAMESPACE },
    })),
  ]
  const attempts = job.plan.runsNothing ? 0 : (job.plan.attempts ?? 1)
  return {
    job: {
      id: job.id,
      configType: 'sync',
      configId: CONNECTION_ID,
      createdAt: at,
      updatedAt: at,
      status: job.status,
      streamAggregatedStats: [...job.ends].map(([streamName, { records }]) => ({
        streamName,
        streamNamespace: NAMESPACE,
        recordsEmitted: records,
        bytesEmitted: records * 100,
        recordsCommitted: records,
        bytesCommitted: records * 100,
        recordsRejected: 0,
      })),
    },
    attempts: Array.from({ length: attempts }, (_, id) => ({
      attempt: {
        id,
        status: id < attempts - 1 || job.status === 'failed' ? 'failed' : 'running',
        createdAt: at,
        updatedAt: at,
        ...(failures.length === 0 ? {} : { failureSummary: { failures } }),
        ...(isOver(job) ? {} : { streamStats: runningStats(job) }),
      },
    })),
  }
}

/** Only counts of what left the source: nothing is committed yet. */
const runningStats = ({ plan }: FakeJob): readonly Json[] =>
  Object.entries(plan.running ?? {}).map(([streamName, { records }]) => ({
    streamName,
    streamNamespace: NAMESPACE,
    stats: { recordsEmitted: records, bytesEmitted: records * 100 },
  }))

export function streamStatuses(job: FakeJob): readonly Json[] {
  const states = isOver(job) ? job.ends : new Map(Object.entries(job.plan.running ?? {}))
  return [...states].map(([streamName, { state }]) => ({
    attemptNumber: (job.plan.attempts ?? 1) - 1,
    connectionId: CONNECTION_ID,
    id: randomUUID(),
    jobId: job.id,
    jobType: 'SYNC',
    runState: state,
    ...(state === 'INCOMPLETE' ? { incompleteRunCause: 'FAILED' } : {}),
    streamName,
    streamNamespace: NAMESPACE,
    transitionedAt: Math.floor(job.createdAt),
    workspaceId: WORKSPACE_ID,
  }))
}

export function debugInfo(job: FakeJob, versions: { source: string; destination: string }): Json {
  return {
    job: {
      id: job.id,
      configType: 'sync',
      configId: CONNECTION_ID,
      status: job.status,
      airbyteVersion: '2.0.0',
      sourceDefinition: {
        sourceDefinitionId: 'decd338e-5647-4c0b-adf4-da0e75f5a750',
        name: 'Postgres',
        dockerRepository: 'airbyte/source-postgres',
        dockerImageTag: versions.source,
      },
      destinationDefinition: {
        destinationDefinitionId: '424892c4-daac-4491-b35d-c6688ba547ba',
        name: 'Snowflake',
        dockerRepository: 'airbyte/destination-snowflake',
        dockerImageTag: versions.destination,
        documentationUrl: 'https://docs.airbyte.com/integrations/destinations/snowflake',
      },
    },
    attempts: [],
  }
}

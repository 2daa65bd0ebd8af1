import type { Json } from '../../lib/json.ts'
import { numberOf, textOf, timestampOf } from './json-fields.ts'

/** A job, as Airbyte's public API reports it. */
export interface AirbyteJob {
  readonly id: number
  /** `sync`, `refresh`, `reset`, `clear`, or another type. */
  readonly type: string
  /** Airbyte's own name of the state. */
  readonly status: string
  /** When the job was requested, in milliseconds since the epoch. */
  readonly startedAt: number | null
  readonly rows: number | null
  readonly bytes: number | null
}

/** `active` includes the time between two attempts, when Airbyte's status is `incomplete`. */
export type JobState = 'active' | 'succeeded' | 'failed' | 'cancelled' | 'unknown'

const STATE_BY_STATUS: Readonly<Record<string, JobState>> = {
  pending: 'active',
  queued: 'active',
  running: 'active',
  incomplete: 'active',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
}

export function jobState({ status }: AirbyteJob): JobState {
  return STATE_BY_STATUS[status] ?? 'unknown'
}

/** Whether the job may still run. A job of unknown status may. */
export function mayRun(job: AirbyteJob): boolean {
  const standing = jobState(job)
  return standing === 'active' || standing === 'unknown'
}

/** Whether the job loads records from the source. */
export const loadsRecords = ({ type }: AirbyteJob): boolean => type === 'sync' || type === 'refresh'

/** Whether the job discards the loaded rows, so that the next load is a full one. */
export const resetsData = ({ type }: AirbyteJob): boolean =>
  type === 'refresh' || type === 'reset' || type === 'clear'

/** Parses a `JobResponse` of the public API; null if it is not one. */
export function parseJob(value: Json): AirbyteJob | null {
  const [id, status] = [numberOf(value, 'jobId'), textOf(value, 'status')]
  if (id === null || status === null) return null
  return {
    id,
    status,
    type: textOf(value, 'jobType') ?? 'sync',
    startedAt: timestampOf(textOf(value, 'startTime')),
    rows: numberOf(value, 'rowsSynced'),
    bytes: numberOf(value, 'bytesSynced'),
  }
}

/** The job that a step waits for, as the journal keeps it. */
export interface JobReference {
  readonly job: number
  /** Whether assets started the job, and so may cancel it. */
  readonly ours: boolean
  /** Whether the job was started by `--force`. */
  readonly forced: boolean
}

export function parseReference(value: Json): JobReference | null {
  const job = numberOf(value, 'job')
  if (job === null) return null
  const { ours, forced } = value as { readonly ours?: Json; readonly forced?: Json }
  return { job, ours: ours === true, forced: forced === true }
}

/** The job that loaded a table, as the asset's record keeps it. */
export interface RecordedJob {
  readonly job: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number | null
  /** Connector and version, `source-postgres 3.6.1`; null if the internal API did not answer. */
  readonly source: string | null
  readonly destination: string | null
}

export function parseRecordedJob(value: Json): RecordedJob | null {
  const job = numberOf(value, 'job')
  if (job === null) return null
  return {
    job,
    startedAt: numberOf(value, 'startedAt'),
    source: textOf(value, 'source'),
    destination: textOf(value, 'destination'),
  }
}

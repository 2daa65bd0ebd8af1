import type { Json } from '../../lib/json.ts'
import { momentOf, numberOf, textOf } from './json-fields.ts'

/** A job of Airbyte's, as its public API shows it. */
export interface Job {
  readonly id: number
  /** `sync`, `refresh`, `reset`, `clear`, and whatever else may come. */
  readonly type: string
  /** As Airbyte calls it. */
  readonly status: string
  /** When it was asked for, milliseconds since the epoch. */
  readonly startedAt: number | null
  readonly rows: number | null
  readonly bytes: number | null
}

/** `active` also between two attempts, which Airbyte calls incomplete. */
export type Standing = 'active' | 'succeeded' | 'failed' | 'cancelled' | 'unknown'

const STANDINGS: Readonly<Record<string, Standing>> = {
  pending: 'active',
  queued: 'active',
  running: 'active',
  incomplete: 'active',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
}

export function standingOf({ status }: Job): Standing {
  return STANDINGS[status] ?? 'unknown'
}

/** Whether it may still be at work: a status that nobody knows may be the name of any state. */
export function mayRun(job: Job): boolean {
  const standing = standingOf(job)
  return standing === 'active' || standing === 'unknown'
}

/** Whether it brings records from the source. */
export const brings = ({ type }: Job): boolean => type === 'sync' || type === 'refresh'

/** Whether it throws away what was loaded, so that what is loaded next is loaded in full. */
export const startsOver = ({ type }: Job): boolean =>
  type === 'refresh' || type === 'reset' || type === 'clear'

/** Reads a job out of an answer; null when it is none. */
export function jobOf(value: Json): Job | null {
  const [id, status] = [numberOf(value, 'jobId'), textOf(value, 'status')]
  if (id === null || status === null) return null
  return {
    id,
    status,
    type: textOf(value, 'jobType') ?? 'sync',
    startedAt: momentOf(textOf(value, 'startTime')),
    rows: numberOf(value, 'rowsSynced'),
    bytes: numberOf(value, 'bytesSynced'),
  }
}

/** What the journal keeps of the job that a step waits for. */
export interface Reference {
  readonly job: number
  /** Started by us, so it may be cancelled by us. */
  readonly ours: boolean
  /** Started because somebody wanted a new one, whatever there was. */
  readonly forced: boolean
}

export function referenceOf(value: Json): Reference | null {
  const job = numberOf(value, 'job')
  if (job === null) return null
  const { ours, forced } = value as { readonly ours?: Json; readonly forced?: Json }
  return { job, ours: ours === true, forced: forced === true }
}

/** What a record keeps of the job that loaded its table. */
export interface Origin {
  readonly job: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number | null
  /** Connectors with their versions, `source-postgres 3.6.1`; null where Airbyte didn't tell. */
  readonly source: string | null
  readonly destination: string | null
}

export function originOf(value: Json): Origin | null {
  const job = numberOf(value, 'job')
  if (job === null) return null
  return {
    job,
    startedAt: numberOf(value, 'startedAt'),
    source: textOf(value, 'source'),
    destination: textOf(value, 'destination'),
  }
}

import { formatDuration } from '../../lib/duration.ts'
import type { Problem } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import type { Timers } from '../timers.ts'
import type { AirbyteApi } from './api.ts'
import { type AirbyteJob, jobState } from './job.ts'
import { jobTimedOut } from './problems.ts'

export interface WaitOptions {
  readonly api: AirbyteApi
  readonly timers: Timers
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The timeout counts from here. Milliseconds since the epoch. */
  readonly since: number
  /** The number of attempts of a job so far; null if the internal API does not answer. */
  readonly attempts: (job: number) => Promise<number | null>
  readonly reportProgress: (message: string) => Promise<void>
  readonly notice: (message: string) => void
}

export type WaitResult =
  | { readonly is: 'ended'; readonly job: AirbyteJob }
  | { readonly is: 'interrupted' }
  /** The timeout has passed, or Airbyte denies access: the job may still run. */
  | { readonly is: 'lost'; readonly problem: Problem }

/** Each interval between polls is longer than the last by this factor, up to the maximum. */
const POLL_GROWTH = 1.5

/**
 * Polls a job until it has ended, the run is interrupted, the connection's timeout has passed, or Airbyte
 * denies access. A poll without a valid answer is repeated.
 */
export async function waitForJob(job: AirbyteJob, options: WaitOptions): Promise<WaitResult> {
  const { api, timers, clock, signal, since, reportProgress, notice } = options
  const { from, to } = api.settings.poll
  let unknownStatus: string | null = null
  let lost: string | null = null
  let last = job
  for (let interval = from; ; interval = Math.min(to, interval * POLL_GROWTH)) {
    if (signal.aborted) return { is: 'interrupted' }
    switch (jobState(last)) {
      case 'succeeded':
      case 'failed':
      case 'cancelled':
        return { is: 'ended', job: last }
      case 'unknown':
        if (unknownStatus !== last.status) {
          unknownStatus = last.status
          notice(`Airbyte job ${job.id} has the unknown status "${unknownStatus}": still waiting`)
        }
        break
      case 'active':
        break
    }
    const waited = clock() - since
    if (waited >= api.settings.timeout) {
      const problem = jobTimedOut(api.settings, job.id, formatDuration(waited), lost)
      return { is: 'lost', problem }
    }
    await timers.sleep(interval, signal)
    const reply = await api.job(job.id, signal)
    switch (reply.polled) {
      case 'job':
        lost = null
        last = reply.job
        await reportProgress(
          describeProgress(last, await attemptsOf(last, options), clock() - since),
        )
        break
      case 'lost':
        lost = reply.message
        await reportProgress(`Airbyte job ${job.id}: the last poll failed (${lost})`)
        break
      case 'denied':
        return { is: 'lost', problem: reply.problem }
    }
  }
}

function attemptsOf(job: AirbyteJob, { attempts }: WaitOptions): Promise<number | null> {
  return jobState(job) === 'active' ? attempts(job.id) : Promise.resolve(null)
}

/** `Airbyte job 9123 running: attempt 2, 3m12s, 14,597 rows, 3.1 MB`. Pure. */
function describeProgress(job: AirbyteJob, attempts: number | null, elapsed: number): string {
  const parts = [
    attempts === null || attempts === 0 ? '' : `attempt ${attempts}`,
    formatDuration(elapsed),
    job.rows === null ? '' : `${job.rows.toLocaleString('en-US')} rows`,
    job.bytes === null || job.bytes === 0 ? '' : `${(job.bytes / 1e6).toFixed(1)} MB`,
  ]
  return `Airbyte job ${job.id} ${job.status}: ${parts.filter((part) => part !== '').join(', ')}`
}

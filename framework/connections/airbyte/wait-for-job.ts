import { formatDuration } from '../../lib/duration.ts'
import type { Problem } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import type { Timers } from '../timers.ts'
import type { AirbyteApi } from './api.ts'
import { type AirbyteJob, jobState } from './job.ts'
import type { JobProgress } from './job-progress.ts'
import { jobTimedOut } from './problems.ts'

export interface WaitOptions {
  readonly api: AirbyteApi
  readonly timers: Timers
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The timeout counts from here. Milliseconds since the epoch. */
  readonly since: number
  /** How far the job has got; null if the internal API does not answer. */
  readonly progress: (job: number) => Promise<JobProgress | null>
  readonly onPoll: (job: AirbyteJob, progress: JobProgress | null) => Promise<void>
  /** A poll failed. */
  readonly onLost: (message: string) => void
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
  const { api, timers, clock, signal, since, onPoll, onLost, notice } = options
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
        await onPoll(last, await progressOf(last, options))
        break
      case 'lost':
        lost = reply.message
        onLost(lost)
        break
      case 'denied':
        return { is: 'lost', problem: reply.problem }
    }
  }
}

function progressOf(job: AirbyteJob, { progress }: WaitOptions): Promise<JobProgress | null> {
  return jobState(job) === 'active' ? progress(job.id) : Promise.resolve(null)
}

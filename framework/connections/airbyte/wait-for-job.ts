import { formatDuration } from '../../lib/duration.ts'
import type { Problem } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import type { Api } from './api.ts'
import { type Job, standingOf } from './job.ts'
import { tooSlow } from './problems.ts'
import type { Timing } from './timers.ts'

export interface Following {
  readonly api: Api
  readonly timing: Timing
  readonly clock: Clock
  readonly signal: AbortSignal
  /** When waiting began that the deadline counts from; milliseconds since the epoch. */
  readonly since: number
  /** Attempts of the job so far; null where nobody tells. */
  readonly attempts: (job: number) => Promise<number | null>
  readonly tell: (message: string) => Promise<void>
  readonly notice: (message: string) => void
}

export type Followed =
  /** In a state that it won't leave. */
  | { readonly is: 'ended'; readonly job: Job }
  | { readonly is: 'interrupted' }
  | { readonly is: 'lost'; readonly problem: Problem }

/** Each wait is longer than the one before by this, up to the longest. */
const GROWTH = 1.5

/**
 * Asks how a job is until it has ended, the run is interrupted, the deadline has passed, or we are shut
 * out. An answer that got lost, or makes no sense, is asked for again.
 */
export async function follow(job: Job, following: Following): Promise<Followed> {
  const { api, timing, clock, signal, since, tell, notice } = following
  const { from, to } = api.settings.poll
  let strange: string | null = null
  let lost: string | null = null
  let last = job
  for (let wait = from; ; wait = Math.min(to, wait * GROWTH)) {
    if (signal.aborted) return { is: 'interrupted' }
    switch (standingOf(last)) {
      case 'succeeded':
      case 'failed':
      case 'cancelled':
        return { is: 'ended', job: last }
      case 'unknown':
        if (strange !== last.status) {
          strange = last.status
          notice(`Airbyte job ${job.id} is "${strange}", which is not known here: it is waited for`)
        }
        break
      case 'active':
        break
    }
    const waited = clock() - since
    if (waited >= api.settings.deadline) {
      return { is: 'lost', problem: tooSlow(api.settings, job.id, formatDuration(waited), lost) }
    }
    await timing.sleep(wait, signal)
    const polled = await api.job(job.id, signal)
    switch (polled.polled) {
      case 'job':
        lost = null
        last = polled.job
        await tell(progressOf(last, await attemptsOf(last, following), clock() - since))
        break
      case 'lost':
        lost = polled.message
        await tell(`Airbyte job ${job.id}: no word of it (${lost})`)
        break
      case 'denied':
        return { is: 'lost', problem: polled.problem }
    }
  }
}

function attemptsOf(job: Job, { attempts }: Following): Promise<number | null> {
  return standingOf(job) === 'active' ? attempts(job.id) : Promise.resolve(null)
}

/** `Airbyte job 9123 running: attempt 2, 3m12s, 14,597 rows, 3.1 MB`. Pure. */
function progressOf(job: Job, attempts: number | null, elapsed: number): string {
  const parts = [
    attempts === null || attempts === 0 ? '' : `attempt ${attempts}`,
    formatDuration(elapsed),
    job.rows === null ? '' : `${job.rows.toLocaleString('en-US')} rows`,
    job.bytes === null || job.bytes === 0 ? '' : `${(job.bytes / 1e6).toFixed(1)} MB`,
  ]
  return `Airbyte job ${job.id} ${job.status}: ${parts.filter((part) => part !== '').join(', ')}`
}

import { fail, ok, type Result } from '../../model/problem.ts'
import type { Api } from './api.ts'
import { type Job, mayRun } from './job.ts'
import { inactive, notStarted, startRefused } from './problems.ts'
import type { Timing } from './timers.ts'

export type Triggered =
  /** `ours`: nobody else can have started it. */
  | { readonly is: 'job'; readonly job: Job; readonly ours: boolean }
  /** Somebody's job runs, or ran meanwhile: what is to be done has to be thought over. */
  | { readonly is: 'overtaken' }

const WAITS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 60_000] as const

/**
 * Starts a sync. `after` is the newest job known before. Whenever it can't be told whether a request was
 * heard, jobs are listed rather than asked for again: one that is newer is taken for ours, since Airbyte
 * runs one at a time on a connection. Problems: inactive connection, refused, not brought to start (may
 * pass).
 */
export async function trigger(
  api: Api,
  after: number,
  timing: Timing,
  signal: AbortSignal,
): Promise<Result<Triggered>> {
  let last = ''
  for (const wait of [0, ...WAITS]) {
    if (wait > 0) await timing.sleep(wait, signal)
    if (signal.aborted) break
    const answer = await api.start(signal)
    switch (answer.started) {
      case 'job':
        // What was queued before is given for an answer, too.
        return ok({ is: 'job', job: answer.job, ours: answer.job.id > after })
      case 'inactive':
        return fail(inactive(api.settings, answer.detail))
      case 'refused':
        return fail(answer.problem ?? startRefused(api.settings, answer.detail))
      case 'busy':
        last = 'status 429, too many requests'
        break
      case 'conflict':
      case 'unclear': {
        const isConflict = answer.started === 'conflict'
        last = isConflict ? 'status 409, try again later' : answer.message
        const jobs = await api.jobs()
        if (!jobs.ok) return jobs
        const newer = jobs.value.filter((job) => job.id > after)
        const [only] = newer
        if (isConflict) {
          if (newer.length > 0 || jobs.value.some(mayRunNow)) return ok({ is: 'overtaken' })
        } else if (only !== undefined) {
          return newer.length === 1
            ? ok({ is: 'job', job: only, ours: true })
            : ok({ is: 'overtaken' })
        }
      }
    }
  }
  return fail(notStarted(api.settings, last))
}

const mayRunNow = (job: Job, at: number): boolean => at === 0 && mayRun(job)

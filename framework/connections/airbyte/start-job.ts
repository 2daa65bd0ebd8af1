import { fail, ok, type Result } from '../../model/problem.ts'
import type { Timers } from '../timers.ts'
import type { AirbyteApi } from './api.ts'
import { type AirbyteJob, mayRun } from './job.ts'
import { connectionInactive, syncNotStarted, syncRefused } from './problems.ts'

export type StartedJob =
  /** `ours`: this request started the job; no other client can have done so. */
  | { readonly is: 'job'; readonly job: AirbyteJob; readonly ours: boolean }
  /** A job of another client runs, or ran meanwhile: the caller chooses again. */
  | { readonly is: 'overtaken' }

/** Between two requests, in milliseconds. */
const RETRY_DELAYS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 60_000] as const

/**
 * Starts a sync. `after` is the id of the newest job before. If a request got no clear reply, the job may
 * have started. So it lists the jobs instead of sending the request again. A single job newer than `after`
 * is ours, because Airbyte runs one job at a time on a connection. Problems: connection inactive, request
 * refused, sync not started (transient).
 */
export async function startJob(
  api: AirbyteApi,
  after: number,
  timers: Timers,
  signal: AbortSignal,
): Promise<Result<StartedJob>> {
  let last = ''
  for (const delay of [0, ...RETRY_DELAYS]) {
    if (delay > 0) await timers.sleep(delay, signal)
    if (signal.aborted) break
    const reply = await api.start(signal)
    switch (reply.started) {
      case 'job':
        // Airbyte may answer with a job that was already queued.
        return ok({ is: 'job', job: reply.job, ours: reply.job.id > after })
      case 'inactive':
        return fail(connectionInactive(api.settings, reply.detail))
      case 'refused':
        return fail(reply.problem ?? syncRefused(api.settings, reply.detail))
      case 'busy':
        last = 'status 429, too many requests'
        break
      case 'conflict':
      case 'unclear': {
        const isConflict = reply.started === 'conflict'
        last = isConflict ? 'status 409, try again later' : reply.message
        const jobs = await api.jobs()
        if (!jobs.ok) return jobs
        const newer = jobs.value.filter((job) => job.id > after)
        const [only] = newer
        if (isConflict) {
          if (newer.length > 0 || jobs.value.some(newestMayRun)) return ok({ is: 'overtaken' })
        } else if (only !== undefined) {
          return newer.length === 1
            ? ok({ is: 'job', job: only, ours: true })
            : ok({ is: 'overtaken' })
        }
      }
    }
  }
  return fail(syncNotStarted(api.settings, last))
}

const newestMayRun = (job: AirbyteJob, at: number): boolean => at === 0 && mayRun(job)

import { formatDuration } from '../lib/duration.ts'
import type { Problem } from '../model/problem.ts'
import type { LeaseRow } from './lease-row.ts'

/** What the state says about a lease that a run has lost. Times are of the clock of the state. */
export interface LostLease {
  readonly target: string
  readonly run: number
  readonly lastHeartbeat: number
  /** The lease of the run that holds the target now. */
  readonly current: LeaseRow | null
  /** The first run on the target after this one. */
  readonly next: number | null
}

/** Problem `lease-lost`: what happened, as far as the state tells. */
export function leaseLost({ target, run, lastHeartbeat, current, next }: LostLease): Problem {
  return {
    code: 'lease-lost',
    message: `run ${run} lost the lease on target ${target}: ${whatHappened()}`,
    hint: 'its later results are not recorded; run the same command again to build the rest',
  }

  function whatHappened(): string {
    if (current === null) {
      return next === null
        ? 'the state has neither it nor a later run, so another state was put in its place'
        : `run ${next} took it over and has ended`
    }
    const taker = `run ${current.run} on ${current.owner.host} (process ${current.owner.pid}) took it over`
    const silence = current.since - lastHeartbeat
    return silence < 0 ? taker : `${taker} ${formatDuration(silence)} after its last heartbeat`
  }
}

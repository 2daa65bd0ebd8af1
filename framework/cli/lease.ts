import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Lease, LeaseRequest, State } from '../ports/state.ts'
import { type Context, EXIT } from './context.ts'
import { endPrograms } from './left-programs.ts'
import type { Output } from './output.ts'
import type { Workspace } from './workspace.ts'

/** Time between two attempts to get a lease that another run holds. Milliseconds. */
const RETRY_INTERVAL = 500

const UNSURE =
  'its last heartbeat is dated in the future, so this takes up to a minute to see whether it is alive'

export interface WaitingLeaseRequest extends Omit<LeaseRequest, 'target' | 'after'> {
  /** Wait while another run holds the target. */
  readonly wait: boolean
}

/**
 * Acquires the lease. With `wait`, waits while another run holds it. Without `wait`, shows `busy` and
 * returns null. If a killed run left programs, ends them first. Problems: `busy` when interrupted,
 * `left-running`, those of the state.
 */
export async function acquire(
  workspace: Workspace,
  state: State,
  context: Context,
  output: Output,
  { command, job, wait }: WaitingLeaseRequest,
): Promise<Result<Lease | null>> {
  const target = workspace.site.target.name
  let after: number | null = null
  for (let isWaiting = false; ; ) {
    const lease = await state.acquire({
      target,
      command,
      job,
      ...(after === null ? {} : { after }),
    })
    if (!lease.ok) return lease
    if (!lease.value.busy) return ok(lease.value)
    if (lease.value.busy === 'abandoned') {
      const ended = await endPrograms(lease.value, context, output)
      if (!ended.ok) return ended
      after = lease.value.run
      continue
    }
    const { run, host, pid, isUnsure } = lease.value
    const busy = `target ${target} is held by run ${run} (process ${pid} on ${host})`
    if (!wait && !isUnsure) {
      await output.fail([busyProblem(busy)], EXIT.busy)
      return ok(null)
    }
    if (!isWaiting) output.notice(`${busy}; ${isUnsure ? UNSURE : 'waiting for it to finish'}`)
    isWaiting = true
    await context.sleep(RETRY_INTERVAL)
    if (context.signal.aborted) return fail(busyProblem(busy))
  }
}

function busyProblem(message: string): Problem {
  return {
    code: 'busy',
    message,
    hint: 'to wait for that run, run the same command without --no-wait',
  }
}

import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Lease, LeaseRequest, State } from '../ports/state.ts'
import { type Context, EXIT } from './context.ts'
import type { Output } from './output.ts'
import type { Workspace } from './workspace.ts'

/** How often a run that waits for another looks whether it is done. Milliseconds. */
const LOOK_AGAIN = 500

export interface Asking extends Omit<LeaseRequest, 'target'> {
  /** Whether to wait for a run that has the target. */
  readonly wait: boolean
}

/** The lease, after waiting for another run if need be; null when it is busy and may not be waited for. */
export async function acquire(
  workspace: Workspace,
  state: State,
  context: Context,
  output: Output,
  { command, job, wait }: Asking,
): Promise<Result<Lease | null>> {
  const target = workspace.site.target.name
  for (let told = false; ; told = true) {
    const answer = await state.acquire({ target, command, job })
    if (!answer.ok) return answer
    if (!answer.value.busy) return ok(answer.value)
    const { run, host, pid } = answer.value
    const busy = `run ${run} is building ${target} (process ${pid} on ${host})`
    if (!wait) {
      await output.tell([busyProblem(busy)], EXIT.busy)
      return ok(null)
    }
    if (!told) output.notice(`${busy}; waiting for it to end`)
    await context.sleep(LOOK_AGAIN)
    if (context.signal.aborted) return fail(busyProblem(busy))
  }
}

function busyProblem(message: string): Problem {
  return {
    code: 'busy',
    message,
    hint: 'run the same command without --no-wait to wait for it',
  }
}

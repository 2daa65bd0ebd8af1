import { endLeft, findLeft, type LeftProcess } from '../lib/left-processes.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Abandoned } from '../ports/state.ts'
import type { Context } from './context.ts'
import type { Output } from './output.ts'

/** Milliseconds between two looks at a program that can't be ended. */
const RETRY_INTERVAL = 500

/**
 * Ends what a run that was killed left running: the programs of the steps that it had begun, and its own child
 * processes. Waits for what it is not allowed to end. Says so. Problem: `left-running` when interrupted.
 */
export async function endPrograms(
  { run, owner, programs }: Abandoned,
  { sleep, signal }: Pick<Context, 'sleep' | 'signal'>,
  output: Output,
): Promise<Result<void>> {
  const groups = [...programs].flatMap(([asset, leader]) =>
    leader === null ? [] : [[asset, leader] as const],
  )
  const concerns = (asset: string | null) => asset === null || programs.has(asset)
  const leaving = { by: owner, groups: new Map(groups), concerns }
  const kept = await endLeft(leaving, sleep, (left) =>
    output.notice(`run ${run} was killed; ending what it left running: ${namesOf(left)}`),
  )
  if (kept.length === 0) return ok(undefined)
  output.notice(`waiting for what run ${run} left running and can't be ended: ${namesOf(kept)}`)
  for (let left = kept; left.length > 0; left = findLeft(leaving)) {
    await sleep(RETRY_INTERVAL)
    if (signal.aborted) return fail(leftRunning(run, left))
  }
  return ok(undefined)
}

/** Problem `left-running`. */
export function leftRunning(run: number, left: readonly LeftProcess[]): Problem {
  return {
    code: 'left-running',
    message: `run ${run} was killed, and what it left is still running: ${namesOf(left)}`,
    hint: 'end it (kill), then run the same command again',
  }
}

/** `slow (process 4711), process 4712` */
function namesOf(left: readonly LeftProcess[]): string {
  const names = new Set<string>()
  const assets = new Set<string>()
  for (const { pid, asset } of left) {
    if (asset === null) names.add(`process ${pid}`)
    else if (!assets.has(asset)) names.add(`${asset} (process ${pid})`)
    if (asset !== null) assets.add(asset)
  }
  return [...names].join(', ')
}

import type { RunEvent } from '../model/event.ts'
import type { OnWait } from '../ports/batch.ts'
import type { Kind } from '../ports/kind.ts'
import type { RunState } from './run-state.ts'

/** The event of a call that begins. */
export function batchStarted(
  { world }: RunState,
  { name: kind }: Kind,
  batch: number,
  indices: readonly number[],
): RunEvent {
  const checks = indices
    .filter((i) => world.graph.isCheck(i))
    .flatMap((i) => {
      const { name: check, reads } = world.check(i)
      return reads[0] === undefined ? [] : [{ check, asset: reads[0] }]
    })
  return {
    event: 'batch_started',
    batch,
    kind,
    steps: indices.map((i) => world.name(i)),
    checks,
  }
}

/** Emits what a call waits for, if that is another thing than before. */
export function waitsOf(batch: number, emit: (event: RunEvent) => void): OnWait {
  let last: string | null = null
  return (message) => {
    if (message === last) return
    last = message
    emit({ event: 'batch_progress', batch, message })
  }
}

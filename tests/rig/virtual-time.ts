import { setImmediate } from 'node:timers/promises'
import type { FakeProject, Ran } from './fake-project.ts'

/** How long a run took in virtual time, and which steps ran at once. */
export interface TimedRun {
  readonly ran: Ran
  readonly seconds: number
  /** The largest number of steps at work at once, among those for which `counts` is true. */
  most(counts: (name: string) => boolean): number
  /** Names in the order in which their builds began. */
  readonly began: readonly string[]
}

/**
 * Runs `materialize` with builds that take `seconds(name)` of virtual time. Whenever the run is idle,
 * the clock jumps to the end of the next build.
 */
export async function runInVirtualTime(
  project: FakeProject,
  seconds: (name: string) => number,
): Promise<TimedRun> {
  const working = new Map<string, { readonly until: number; readonly end: () => void }>()
  const moments: (readonly string[])[] = []
  const began: string[] = []
  let now = 0
  project.work = (name) =>
    new Promise((end) => {
      began.push(name)
      working.set(name, { until: now + seconds(name), end })
      moments.push([...working.keys()])
    })
  let ran: Ran | null = null
  const running = project.materialize().then((one) => {
    ran = one
  })
  while (ran === null) {
    // After ten turns of the event loop without an end, every runnable step has begun.
    for (let turn = 0; turn < 10 && ran === null; turn++) await setImmediate()
    const [next] = [...working].toSorted(([, a], [, b]) => a.until - b.until)
    if (next === undefined) continue
    now = next[1].until
    working.delete(next[0])
    next[1].end()
  }
  await running
  const most = (counts: (name: string) => boolean) =>
    Math.max(0, ...moments.map((names) => names.filter(counts).length))
  return { ran, seconds: now, most, began }
}

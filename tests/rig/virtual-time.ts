import { setImmediate } from 'node:timers/promises'
import type { FakeProject, Ran } from './fake-project.ts'

/** What a run would have taken, and who worked beside whom. */
export interface TimedRun {
  readonly ran: Ran
  readonly seconds: number
  /** The most that were at work at once, of those that `counts` says to count. */
  most(counts: (name: string) => boolean): number
  /** Names in the order in which their work began. */
  readonly began: readonly string[]
}

/**
 * A run in which each build takes as many seconds as `seconds` says of it, without anybody waiting:
 * when nothing else can happen, the clock goes on to the end of the next one.
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

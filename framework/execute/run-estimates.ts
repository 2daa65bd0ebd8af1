import type { Graph } from '../graph/graph.ts'
import type { RunEvent } from '../model/event.ts'
import { type Left, RemainingWork, type TimeLeft } from '../plan/time-left.ts'
import type { Clock } from '../ports/site.ts'
import type { Timer } from './batch-timeouts.ts'
import type { RunState } from './run-state.ts'

/** The least time between two estimates: each one looks at all steps that are left. */
const INTERVAL_MS = 1_000
/** A smaller difference from what a reader counts down to is no news, in seconds. */
const NEWS_SECONDS = 1

export interface RunEstimatesOptions {
  readonly runState: RunState
  /** Seconds by name, from the history. */
  readonly durations: ReadonlyMap<string, number>
  readonly lanes: number
  readonly clock: Clock
  readonly timer: Timer
  readonly emit: (event: RunEvent) => void
}

/**
 * Says when the run will end, as steps begin and end and as time passes. An estimate is emitted only if it is
 * another one than the last, counted down.
 */
export class RunEstimates {
  readonly #options: RunEstimatesOptions
  #work: { readonly graph: Graph; readonly rest: RemainingWork } | null = null
  /** When each running step began. */
  readonly #begun = new Map<number, number>()
  #last: (TimeLeft & { readonly at: number }) | null = null
  #looked = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | null = null
  #isOver = false

  constructor(options: RunEstimatesOptions) {
    this.#options = options
  }

  /** Takes each event of the run after it was emitted. */
  take(event: RunEvent): void {
    if (event.event !== 'step_started' && event.event !== 'step_finished') return
    const i = this.#options.runState.world.graph.indexOf(event.asset)
    if (i !== undefined && event.event === 'step_started') this.#begun.set(i, this.#options.clock())
    else if (i !== undefined) this.#begun.delete(i)
    this.look()
  }

  /** Estimates again, unless it did so a moment ago. */
  look(): void {
    const { clock } = this.#options
    const now = clock()
    if (this.#isOver || now - this.#looked < INTERVAL_MS) return
    this.#looked = now
    this.#say(this.#estimate(now), now)
    this.#wait()
  }

  /** The run is over. */
  end(): void {
    this.#isOver = true
    this.#cancel?.()
    if (this.#last === null || !this.#last.secondsLeft?.high) return
    const { emit } = this.#options
    emit({ event: 'run_estimate', secondsLeft: { low: 0, high: 0 }, untimed: 0 })
  }

  /** Looks again while nothing happens, because running steps may take longer than they did. */
  #wait(): void {
    const { timer, clock, durations } = this.#options
    if (this.#cancel !== null || durations.size === 0) return
    const since = clock()
    this.#cancel = timer(INTERVAL_MS, () => {
      this.#cancel = null
      // Where the clock stands still, as in tests, a timer of its own would never end.
      if (clock() - since >= INTERVAL_MS) this.look()
    })
  }

  #say(found: TimeLeft, now: number): void {
    if (!isNews(found, this.#last, now)) return
    this.#last = { ...found, at: now }
    this.#options.emit({ event: 'run_estimate', ...found })
  }

  #estimate(now: number): TimeLeft {
    const { runState, durations, lanes } = this.#options
    const { graph } = runState.world
    // Definitions that arrive during the run bring another graph.
    if (this.#work?.graph !== graph) {
      const isStep = (i: number) => runState.request.inRun(i) && runState.phase[i] !== 'final'
      this.#work = { graph, rest: new RemainingWork(graph, isStep, lanes) }
    }
    return this.#work.rest.left((i): Left => {
      if (runState.phase[i] === 'final') return 'ended'
      const { state } = runState.verdict[i]!
      const isLeft = state === 'stale' || state === 'pending'
      if (!isLeft || !runState.request.inRun(i) || runState.world.isExternal(i)) return 'no step'
      const whole = durations.get(runState.name(i)) ?? null
      const since = this.#begun.get(i) ?? now
      const seconds = whole === null ? null : Math.max(0, whole - (now - since) / 1000)
      return { seconds, isCertain: state === 'stale' }
    })
  }
}

/** Whether a reader who counts down from the last estimate does not know this one. Pure. */
function isNews(
  { secondsLeft: now, untimed }: TimeLeft,
  last: (TimeLeft & { readonly at: number }) | null,
  at: number,
): boolean {
  const before = last?.secondsLeft ?? null
  if (last === null || now === null || before === null) return last === null || now !== before
  if (untimed !== last.untimed) return true
  const passed = (at - last.at) / 1000
  const differs = (one: number, other: number) =>
    Math.abs(one - Math.max(0, other - passed)) >= NEWS_SECONDS
  return differs(now.low, before.low) || differs(now.high, before.high)
}

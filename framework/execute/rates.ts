import type { Amount, Measured, Phase } from '../model/event.ts'
import type { Clock } from '../ports/site.ts'

/** A rate is that of the last milliseconds, so that it follows a change and does not jump. */
const WINDOW_MS = 10_000
/** A rate of less time than this says nothing. */
const SHORTEST_MS = 1_000

interface Sample {
  readonly at: number
  readonly done: number
}

interface Measuring {
  readonly phase: Phase
  readonly unit: Measured['unit']
  /** In the order of time; the first one is the oldest of the window. */
  readonly samples: Sample[]
}

/** How fast the phases of running steps go: a moving average of what their kinds report. */
export class Rates {
  readonly #clock: Clock
  readonly #steps = new Map<number, Measuring>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The amount of a step, with its rate. An estimate that turned out too small is no total. */
  take(i: number, phase: Phase, measured: Measured): Amount {
    const { done, of, isEstimate, unit } = measured
    const isWrong = isEstimate && of !== null && done > of
    const known = isWrong ? { done, of: null, isEstimate: false, unit } : measured
    return { ...known, perSecond: this.#rate(i, phase, measured) }
  }

  /** A step has ended. */
  forget(i: number): void {
    this.#steps.delete(i)
  }

  #rate(i: number, phase: Phase, { done, unit }: Measured): number | null {
    const at = this.#clock()
    const before = this.#steps.get(i)
    const last = before?.samples.at(-1)
    const goesOn = before?.phase === phase && before.unit === unit && last!.done <= done
    const { samples } = goesOn ? before : { samples: [] as Sample[] }
    if (!goesOn) this.#steps.set(i, { phase, unit, samples })
    samples.push({ at, done })
    while (samples.length > 2 && at - samples[1]!.at >= WINDOW_MS) samples.shift()
    const [oldest] = samples as [Sample]
    const took = at - oldest.at
    return took < SHORTEST_MS ? null : Math.round(((done - oldest.done) * 10_000) / took) / 10
  }
}

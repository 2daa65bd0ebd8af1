import type { RunSavings, RunSummary, Share } from '../model/run.ts'

/** What runs did and saved, compared with building everything that was asked for. */
export interface Savings extends RunSavings {
  /** Runs that are counted. */
  readonly runs: number
  /** Runs that built something and have no savings data: interrupted, or of an older version. */
  readonly unaccounted: number
  /** When the first of the counted runs began; milliseconds since the epoch. */
  readonly first: number | null
}

const NOTHING: Share = { steps: 0, seconds: 0, untimed: 0 }

/** Adds up the runs that began at `since` or later, in any order. Pure. */
export function savingsOf(runs: readonly RunSummary[], since: number): Savings {
  let sum: Savings = {
    runs: 0,
    unaccounted: 0,
    first: null,
    worked: NOTHING,
    fresh: NOTHING,
    unchanged: NOTHING,
    released: NOTHING,
  }
  for (const { startedAt, savings, outcome, counts } of runs) {
    if (startedAt < since) continue
    if (savings === null) {
      const built = Object.values(counts).some((count) => count > 0)
      if (built && outcome !== 'running') sum = { ...sum, unaccounted: sum.unaccounted + 1 }
      continue
    }
    sum = {
      ...sum,
      runs: sum.runs + 1,
      first: Math.min(sum.first ?? startedAt, startedAt),
      worked: plus(sum.worked, savings.worked),
      fresh: plus(sum.fresh, savings.fresh),
      unchanged: plus(sum.unchanged, savings.unchanged),
      released: plus(sum.released, savings.released),
    }
  }
  return sum
}

function plus(a: Share, b: Share): Share {
  return {
    steps: a.steps + b.steps,
    seconds: a.seconds + b.seconds,
    untimed: a.untimed + b.untimed,
  }
}

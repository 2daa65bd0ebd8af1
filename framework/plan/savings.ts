import type { Balance, RunSummary, Share } from '../model/run.ts'

/** What a number of runs did and were spared, against building all that each was asked for. */
export interface Savings extends Balance {
  /** Runs that are counted. */
  readonly runs: number
  /** Runs that built and left no account: cut off, or made by an older version. */
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
  for (const { startedAt, balance, outcome, counts } of runs) {
    if (startedAt < since) continue
    if (balance === null) {
      const built = Object.values(counts).some((count) => count > 0)
      if (built && outcome !== 'running') sum = { ...sum, unaccounted: sum.unaccounted + 1 }
      continue
    }
    sum = {
      ...sum,
      runs: sum.runs + 1,
      first: Math.min(sum.first ?? startedAt, startedAt),
      worked: plus(sum.worked, balance.worked),
      fresh: plus(sum.fresh, balance.fresh),
      unchanged: plus(sum.unchanged, balance.unchanged),
      released: plus(sum.released, balance.released),
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

/** How often a step is tried again after a failure that may pass, where nobody said how often. */
export const RETRIES = 2

export interface RetryPolicy {
  /** How many times a step may be tried again; 0 never. */
  readonly retries: number
  /** The most that the first wait may take; each further one may take twice as much. */
  readonly baseMs: number
  readonly capMs: number
  /** No try begins later than this after the first failure. */
  readonly withinMs: number
}

/** Failures of one step so far. */
export interface Failures {
  /** 1 after the first. */
  readonly count: number
  /** Milliseconds since the first. */
  readonly elapsed: number
}

/**
 * Milliseconds to wait before trying a step again, or null when it has no try left. Exponential with
 * jitter: anything between half of a step and the whole of it, so that many who failed together don't
 * return together. `random` gives [0, 1).
 */
export function delayBefore(
  { count, elapsed }: Failures,
  policy: RetryPolicy,
  random: () => number,
): number | null {
  if (count > policy.retries) return null
  const whole = Math.min(policy.capMs, policy.baseMs * 2 ** (count - 1))
  const delay = Math.round(whole / 2 + (whole / 2) * random())
  return elapsed + delay > policy.withinMs ? null : delay
}

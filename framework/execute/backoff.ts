export interface RetryPolicy {
  /** How many times a step may be tried again. */
  readonly retries: number
  /** The longest first wait; each further wait may be twice as long. */
  readonly baseMs: number
  readonly capMs: number
  /** No try starts later than this after the first failure. */
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
 * Milliseconds to wait before the next try, or null if none is left. Exponential with jitter: between
 * half of the wait and all of it, so that steps that failed together are not tried again together.
 * `random` gives [0, 1). Pure.
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

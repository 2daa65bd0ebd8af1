export interface RetryPolicy {
  /** How many times a step may be tried again; 0 never. */
  readonly retries: number
  /** The most that the first wait may take; each further one may take twice as much. */
  readonly baseMs: number
  readonly capMs: number
}

/**
 * Milliseconds to wait before trying a step again after its `attempt`-th failure (1, 2, …), or null
 * when it has no try left. Exponential with jitter: anything between half of a step and the
 * whole of it, so that many who failed together don't return together. `random` gives [0, 1).
 */
export function delayBefore(
  attempt: number,
  policy: RetryPolicy,
  random: () => number,
): number | null {
  if (attempt > policy.retries) return null
  const whole = Math.min(policy.capMs, policy.baseMs * 2 ** (attempt - 1))
  return Math.round(whole / 2 + (whole / 2) * random())
}

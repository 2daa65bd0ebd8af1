import { Cron } from 'croner'
import { formatDuration } from '../lib/duration.ts'
import type { Freshness } from '../model/asset.ts'

/**
 * A nightly job jitters: with a bare `max_age: 24h` half the nights of a simulation synced nothing.
 * So an age expires a little before it is reached.
 */
const EARLY = 0.95

/**
 * Why something last loaded at `startedAt` is too old at `now`, or null when it is not. Age counts
 * from the start of the last successful load, whoever started it. Times in milliseconds.
 */
export function expiry(freshness: Freshness, startedAt: number, now: number): string | null {
  if ('maxAge' in freshness) {
    const age = now - startedAt
    if (age < EARLY * freshness.maxAge) return null
    return `loaded ${formatDuration(age)} ago, and its max_age is ${formatDuration(freshness.maxAge)}`
  }
  const tick = new Cron(freshness.cron, { timezone: freshness.timezone }).nextRun(
    new Date(startedAt),
  )
  if (tick === null || tick.getTime() > now) return null
  return `due since ${tick.toISOString().replace('.000Z', 'Z')} (cron ${freshness.cron}, ${freshness.timezone})`
}

/**
 * The moment from which on a load began late enough not to be too old at `now`: `expiry` says so of it, and of
 * none before. Milliseconds since the epoch.
 */
export function freshSince(freshness: Freshness, now: number): number {
  if ('maxAge' in freshness) return now - EARLY * freshness.maxAge + 1
  // Ticks are whole seconds, and the one before a moment is never the moment itself.
  const next = new Date((Math.floor(now / 1_000) + 1) * 1_000)
  const cron = new Cron(freshness.cron, { timezone: freshness.timezone })
  return cron.previousRuns(1, next)[0]?.getTime() ?? 0
}

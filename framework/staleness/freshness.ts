import { Cron } from 'croner'
import { formatDuration } from '../lib/duration.ts'
import type { Freshness } from '../model/asset.ts'

/**
 * An age expires slightly before its limit. A nightly job does not start at the same second each
 * night: with an exact `max_age: 24h`, half the nights of a simulation synced nothing.
 */
const EARLY = 0.95

/**
 * Why a load that began at `startedAt` is too old at `now`; null if it is not. The age counts from the
 * start of the last successful load, also one that others started. Times in milliseconds.
 */
export function expiry(freshness: Freshness, startedAt: number, now: number): string | null {
  // Its age can't be known: a clock was set back (SEMANTICS 26).
  if (startedAt > now) return `its last load is dated ${isoTime(startedAt)}, which is in the future`
  if ('maxAge' in freshness) {
    const age = now - startedAt
    if (age < EARLY * freshness.maxAge) return null
    return `loaded ${formatDuration(age)} ago, and its max_age is ${formatDuration(freshness.maxAge)}`
  }
  const tick = new Cron(freshness.cron, { timezone: freshness.timezone }).nextRun(
    new Date(startedAt),
  )
  if (tick === null || tick.getTime() > now) return null
  return `due since ${isoTime(tick.getTime())} (cron ${freshness.cron}, ${freshness.timezone})`
}

/**
 * The earliest start of a load that is not too old at `now`: `expiry` is null for it and for every
 * later start up to `now`. Milliseconds since the epoch.
 */
export function freshSince(freshness: Freshness, now: number): number {
  if ('maxAge' in freshness) return now - EARLY * freshness.maxAge + 1
  // Ticks are whole seconds, and `previousRuns` excludes the moment that it is given.
  const next = new Date((Math.floor(now / 1_000) + 1) * 1_000)
  const cron = new Cron(freshness.cron, { timezone: freshness.timezone })
  return cron.previousRuns(1, next)[0]?.getTime() ?? 0
}

/** `2026-03-02T02:00:00Z`. */
function isoTime(at: number): string {
  return new Date(at).toISOString().replace('.000Z', 'Z')
}

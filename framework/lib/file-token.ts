import type { BigIntStats } from 'node:fs'
import { preciseFileStats } from './file-stats.ts'

/** A file that changed more recently than this may change again without a new time. */
export const STABLE_AFTER_NS = 1_000_000_000n

/**
 * A text that is another one after every write to the file; `absent` without a file. null: nothing is proved, because
 * it was written a moment ago or in the future, or can't be looked at. Without the change time (ctime): SQLite sets the owner of its
 * files whenever root opens them. `now` is in milliseconds since the epoch.
 */
export function fileToken(path: string, now: number): string | null {
  let stat: BigIntStats | undefined
  try {
    stat = preciseFileStats(path)
  } catch {
    return null
  }
  if (stat === undefined) return 'absent'
  const age = BigInt(Math.floor(now)) * 1_000_000n - stat.mtimeNs
  if (age <= STABLE_AFTER_NS) return null
  return `${stat.size} ${stat.mtimeNs} ${stat.ino}`
}

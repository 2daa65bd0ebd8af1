import type { World } from '../staleness/world.ts'

/** When the newest build or observation of a world was recorded, in milliseconds since the epoch; 0 without any. */
export function seenAt({ state: { records, observed } }: World): number {
  let latest = records.newest
  for (const { at } of observed.values()) latest = Math.max(latest, at)
  return latest
}

import type { CheckResult, Materialization } from '../model/record.ts'
import type { Reason } from '../model/verdict.ts'
import { shortVersion } from '../model/version.ts'
import { grouped } from './text.ts'

/** `3f2a91c0 → 8b17d2e4`; empty for a reason without versions. */
export function versionChange({ from, to }: Reason): string {
  if (from === undefined || to === undefined) return ''
  return `${shortVersion(from)} → ${shortVersion(to)}`
}

/** `14,596 rows → 14,597 rows`; empty when the counts of the two builds are equal or unknown. */
export function rowChange(
  before: Materialization | null,
  last: Materialization | CheckResult | null,
): string {
  if (before === null || last === null || 'check' in last) return ''
  if (before.rows === null || last.rows === null || before.rows === last.rows) return ''
  return `${grouped(before.rows)} rows → ${grouped(last.rows)} rows`
}

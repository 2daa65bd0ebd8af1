import type { AdapterSettings } from '../../model/project.ts'
import type { Site } from '../../ports/site.ts'
import { settingsOf } from './settings.ts'

/**
 * `Snowflake myorg-account / DVD_RENTAL as ASSETS_ROLE`: enough to see that it is not what was meant.
 * Null for settings that are wrong.
 */
export function placeOf(adapter: AdapterSettings, site: Pick<Site, 'root' | 'env'>): string | null {
  const read = settingsOf(adapter, site)
  if (!read.ok) return null
  const { account, accessUrl, database, role } = read.value
  const as = role === null ? '' : ` as ${role}`
  return `Snowflake ${account ?? new URL(accessUrl!).host} / ${database}${as}`
}

import type { AdapterSettings } from '../../model/project.ts'
import type { Site } from '../../ports/site.ts'
import { settingsOf } from './settings.ts'

/**
 * Describes the destination, so a user can see that it is the intended one:
 * `Snowflake myorg-account / DVD_RENTAL as ASSETS_ROLE`. Null for invalid settings.
 */
export function destinationOf(
  adapter: AdapterSettings,
  site: Pick<Site, 'root' | 'env'>,
): string | null {
  const read = settingsOf(adapter, site)
  if (!read.ok) return null
  const { account, accessUrl, database, role } = read.value
  const as = role === null ? '' : ` as ${role}`
  return `Snowflake ${account ?? new URL(accessUrl!).host} / ${database}${as}`
}

import { createRedactor } from '../lib/redact.ts'
import type { Context } from './context.ts'
import type { Workspace } from './workspace.ts'

/**
 * The destination of a target, such as its Snowflake account and database, without secrets; null when
 * its warehouse does not describe one.
 */
export async function destinationOf(
  { site, warehouseSettings }: Workspace,
  { registries }: Context,
): Promise<string | null> {
  const settings = await warehouseSettings()
  if (!settings.ok || settings.value === null) return null
  const describe = await registries.warehouses[settings.value.type]?.destination?.()
  const destination = describe?.(settings.value, site) ?? null
  return destination === null ? null : createRedactor(site.target.secrets)(destination)
}

import { createRedactor } from '../lib/redact.ts'
import type { Context } from './context.ts'
import type { Workspace } from './workspace.ts'

/**
 * The destination of a target, such as its Snowflake account and database, without secrets; null when
 * its warehouse does not describe one.
 */
export async function destinationOf(
  { site }: Workspace,
  { registries }: Context,
): Promise<string | null> {
  const { warehouse } = site.target
  if (warehouse === null) return null
  const describe = await registries.warehouses[warehouse.type]?.destination?.()
  const destination = describe?.(warehouse, site) ?? null
  return destination === null ? null : createRedactor(site.target.secrets)(destination)
}

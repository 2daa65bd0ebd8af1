import { createRedactor } from '../lib/redact.ts'
import type { Context } from './context.ts'
import type { Workspace } from './workspace.ts'

/** Where a workspace's target is, in the words of its warehouse; null where there is nothing to tell. */
export async function placeOf(
  { site }: Workspace,
  { registries }: Context,
): Promise<string | null> {
  const { warehouse } = site.target
  if (warehouse === null) return null
  const tell = await registries.warehouses[warehouse.type]?.place?.()
  const place = tell?.(warehouse, site) ?? null
  return place === null ? null : createRedactor(site.target.secrets)(place)
}

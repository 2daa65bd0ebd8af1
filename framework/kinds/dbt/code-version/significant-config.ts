import type { Json } from '../../../lib/json.ts'

/** Config that decides how a node is described, found, run or reported, but not which rows it holds. */
const IGNORED = new Set([
  'access',
  'concurrent_batches',
  'deprecation_date',
  'description',
  'docs',
  'enabled',
  'freshness',
  'full_refresh',
  'group',
  'labels',
  'meta',
  'on_configuration_change',
  'owners',
  'persist_docs',
  'query_tag',
  'snowflake_warehouse',
  'static_analysis',
  'store_failures',
  'store_failures_as',
  'tags',
])
/** dbt's default values: equal to an absent key. */
const DEFAULTS: Readonly<Record<string, Json>> = {
  on_schema_change: 'ignore',
  fail_calc: 'count(*)',
  warn_if: '!= 0',
  error_if: '!= 0',
}

/**
 * The part of a node's config that may change its rows, columns or verdict, whatever its SQL reads. A key
 * that is left out counts if a template reads it.
 */
export function significantConfig(config: Readonly<Record<string, Json>>): Record<string, Json> {
  const kept: Record<string, Json> = {}
  for (const [key, value] of Object.entries(config)) {
    if (IGNORED.has(key) || DEFAULTS[key] === value) continue
    if (key === 'contract' && !isEnforced(value)) continue
    kept[key] = key === 'severity' ? String(value).toLowerCase() : value
  }
  return kept
}

function isEnforced(value: Json): boolean {
  return (
    value !== null && typeof value === 'object' && 'enforced' in value && value.enforced === true
  )
}

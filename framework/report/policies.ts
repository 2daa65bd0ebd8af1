import { formatDuration } from '../lib/duration.ts'
import type { Json } from '../lib/json.ts'
import type { Asset, Policy } from '../model/asset.ts'
import type { Location } from '../model/location.ts'
import { locationJson } from './json.ts'

/** One key of an asset's policy, and where it is set. */
export interface PolicyKey {
  readonly key: string
  /** As it is written in YAML. */
  readonly value: Json
  /** null: in `meta.assets` of the asset's own project. */
  readonly at: Location | null
}

/** The keys of an asset's policy that are set, without their places. */
export function policyKeys({ policy, policyFrom = {} }: Asset): readonly Omit<PolicyKey, 'at'>[] {
  return Object.keys(policyFrom).map((key) => ({ key, value: yamlValue(policy, key) }))
}

function yamlValue(policy: Policy, key: string): Json {
  switch (key) {
    case 'freshness': {
      const { freshness } = policy
      if (freshness === null) return null
      return 'maxAge' in freshness ? { max_age: formatDuration(freshness.maxAge) } : freshness
    }
    case 'timeout':
      return policy.timeout === null ? null : formatDuration(policy.timeout)
    case 'data_version':
      return policy.dataVersion
    case 'volatile_columns':
      return policy.volatileColumns
    case 'on_drift':
      return policy.onDrift
    case 'on_code':
      return policy.onCode
    case 'code_version':
      return policy.codeVersion
    case 'retries':
      return policy.retries
    case 'pool':
      return policy.pool
    default:
      return policy.checks
  }
}

/** `freshness: max_age 1d   assets.yaml:12:5`. */
export function policyText({ key, value, at }: PolicyKey): readonly [text: string, place: string] {
  return [`${key}: ${flat(value)}`, at === null ? 'meta.assets in dbt' : `${at.file}:${at.line}`]
}

/** A value on one line, without quotes and brackets. */
function flat(value: Json): string {
  if (Array.isArray(value)) return value.map(flat).join(', ')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, inner]) => `${key} ${flat(inner)}`)
    .join(', ')
}

export function policyJson({ key, value, at }: PolicyKey) {
  return { key, value, at: at === null ? null : locationJson(at) }
}

import type { Json } from '../../lib/json.ts'

// Airbyte's JSON is read field by field. A field that is missing or has another type is null.

export function field(value: Json | undefined, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return (value as { readonly [key: string]: Json })[name] ?? null
}

export function textOf(value: Json, name: string): string | null {
  const found = field(value, name)
  return typeof found === 'string' ? found : null
}

export function numberOf(value: Json, name: string): number | null {
  const found = field(value, name)
  return typeof found === 'number' ? found : null
}

export function listOf(value: Json, name: string): readonly Json[] {
  const found = field(value, name)
  return Array.isArray(found) ? found : []
}

/** Joins paths of columns: `[["id"], ["address", "city"]]` to `id` and `address.city`. */
export function columnPaths(value: readonly Json[]): readonly string[] {
  return value.map((path) => (Array.isArray(path) ? path.join('.') : String(path)))
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?/

/**
 * Parses a timestamp of Airbyte to milliseconds since the epoch. Airbyte omits seconds that are 0 and may
 * write a blank instead of the T. A timestamp without a zone is in UTC. null if it is not a timestamp.
 */
export function timestampOf(text: string | null): number | null {
  const [, day, minutes, seconds = ':00', zone = 'Z'] = TIMESTAMP.exec(text ?? '') ?? []
  if (day === undefined) return null
  const at = Date.parse(`${day}T${minutes}${seconds}${zone}`)
  return Number.isNaN(at) ? null : at
}

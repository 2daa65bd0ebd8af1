import type { Json } from '../../lib/json.ts'

// Answers of a service are read field by field: what is missing or of another type is null.

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

/** Paths of columns, such as `[["id"], ["address", "city"]]`, as `id` and `address.city`. */
export function pathsOf(value: readonly Json[]): readonly string[] {
  return value.map((path) => (Array.isArray(path) ? path.join('.') : String(path)))
}

const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?/

/**
 * Milliseconds since the epoch of a moment as Airbyte writes it: seconds are left out when they are 0,
 * and a blank may stand for the T. Without a zone it is UTC. null for anything else.
 */
export function momentOf(text: string | null): number | null {
  const [, day, minutes, seconds = ':00', zone = 'Z'] = MOMENT.exec(text ?? '') ?? []
  if (day === undefined) return null
  const at = Date.parse(`${day}T${minutes}${seconds}${zone}`)
  return Number.isNaN(at) ? null : at
}

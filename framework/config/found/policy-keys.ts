import type { Policy } from '../../model/asset.ts'

/** The part of a policy that keys of YAML set: `on_drift` sets `onDrift`. */
export function onlyKeys(policy: Partial<Policy>, keys: readonly string[]): Partial<Policy> {
  const names = new Set(keys.map(fieldOf))
  return Object.fromEntries(Object.entries(policy).filter(([name]) => names.has(name)))
}

/** The field of a policy that a key of YAML sets. */
const fieldOf = (key: string): string =>
  key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

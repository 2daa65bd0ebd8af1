import { isGlob, nameGlob } from '../../lib/glob.ts'

/**
 * Whether dbt's `fqn:`, its default method, matches a node: by name, or by a prefix of its dotted path,
 * with or without the package. A versioned model also matches by its name without the version, and as
 * `name_v2`. Source: dbt-core's `is_selected_node` in `graph/selector_methods.py`.
 */
export function matchesFqn(wanted: string, fqn: readonly string[], versioned: boolean): boolean {
  return matchesFrom(wanted, fqn, versioned) || matchesFrom(wanted, fqn.slice(1), versioned)
}

function matchesFrom(wanted: string, fqn: readonly string[], versioned: boolean): boolean {
  const wantedParts = wanted.split('.')
  const name = fqn.at(versioned ? -2 : -1)
  if (name === undefined) return false
  if (name === wanted) return true
  if (versioned && fqn.slice(-2).join('_') === wantedParts.slice(-2).join('_')) return true
  const parts = fqn.flatMap((part) => part.split('.'))
  if (parts.length < wantedParts.length) return false
  const firstGlob = wantedParts.findIndex(hasWildcard)
  const plain = firstGlob === -1 ? wantedParts.length : firstGlob
  for (let k = 0; k < plain; k++) if (parts[k] !== wantedParts[k]) return false
  if (firstGlob === -1) return true
  // From the first wildcard on, the rest of the path is matched as one text, dots included.
  const rest = nameGlob(wantedParts.slice(plain).join('.'))
  if (rest(parts.slice(plain).join('.'))) return true
  return wantedParts.length === 1 && rest(name)
}

/** dbt also takes a lone bracket for a wildcard. */
function hasWildcard(part: string): boolean {
  return isGlob(part) || /[[\]]/.test(part)
}

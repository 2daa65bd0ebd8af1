import { isGlob, nameGlob } from '../../lib/glob.ts'

/**
 * A matcher of dbt's `fqn:`, its default method: it compares a node by name, or by a prefix of its dotted path,
 * with or without the package. A versioned model also matches by its name without the version, and as
 * `name_v2`. Source: dbt-core's `is_selected_node` in `graph/selector_methods.py`.
 */
export function fqnMatcher(
  wanted: string,
): (fqn: readonly string[], versioned: boolean) => boolean {
  const wantedParts = wanted.split('.')
  const firstGlob = wantedParts.findIndex(hasWildcard)
  const plain = firstGlob === -1 ? wantedParts.length : firstGlob
  // From the first wildcard on, the rest of the path is matched as one text, dots included.
  const rest = firstGlob === -1 ? null : nameGlob(wantedParts.slice(plain).join('.'))
  const pattern = { wanted, wantedParts, plain, rest }
  return (fqn, versioned) =>
    matchesFrom(pattern, fqn, versioned) || matchesFrom(pattern, fqn.slice(1), versioned)
}

interface Pattern {
  readonly wanted: string
  readonly wantedParts: readonly string[]
  /** How many parts are in front of the first wildcard. */
  readonly plain: number
  /** Compares what follows them; null without a wildcard. */
  readonly rest: ((text: string) => boolean) | null
}

function matchesFrom(
  { wanted, wantedParts, plain, rest }: Pattern,
  fqn: readonly string[],
  versioned: boolean,
): boolean {
  const name = fqn.at(versioned ? -2 : -1)
  if (name === undefined) return false
  if (name === wanted) return true
  if (versioned && fqn.slice(-2).join('_') === wantedParts.slice(-2).join('_')) return true
  const parts = fqn.flatMap((part) => part.split('.'))
  if (parts.length < wantedParts.length) return false
  for (let k = 0; k < plain; k++) if (parts[k] !== wantedParts[k]) return false
  if (rest === null) return true
  if (rest(parts.slice(plain).join('.'))) return true
  return wantedParts.length === 1 && rest(name)
}

/** dbt also takes a lone bracket for a wildcard. */
function hasWildcard(part: string): boolean {
  return isGlob(part) || /[[\]]/.test(part)
}

import type { Materialization } from '../model/record.ts'
import type { Verdict } from '../model/verdict.ts'

interface AssetVerdict {
  readonly name: string
  readonly verdict: Verdict
  readonly last: Materialization | null
}

/** More roots than this are not named. */
const MOST_ROOTS = 3

/**
 * For each pending asset, the stale assets and unsettled checks that it ultimately waits for; null when
 * there are more than three. `assets` are in topological order. A fresh view over a stale asset has
 * the roots of its inputs.
 */
export function pendingRoots(
  assets: readonly AssetVerdict[],
): ReadonlyMap<string, readonly string[] | null> {
  const roots = new Map<string, readonly string[] | null>()
  const listed = new Set(assets.map(({ name }) => name))
  for (const { name, verdict, last } of assets) {
    switch (verdict.state) {
      case 'stale':
      case 'building':
        roots.set(name, [name])
        break
      case 'fresh': {
        const above = (last?.inputs ?? []).filter((input) => roots.has(input.name))
        if (above.length > 0) roots.set(name, union(above.map((input) => roots.get(input.name)!)))
        break
      }
      case 'pending':
      case 'waiting':
        // A node that is not listed is a check or outside the selection. It counts as a root itself.
        roots.set(
          name,
          union(
            verdict.on.map((other) => roots.get(other) ?? (listed.has(other) ? null : [other])),
          ),
        )
    }
  }
  return roots
}

function union(lists: readonly (readonly string[] | null)[]): readonly string[] | null {
  const all = new Set<string>()
  for (const list of lists) {
    if (list === null) return null
    for (const name of list) all.add(name)
    if (all.size > MOST_ROOTS) return null
  }
  return [...all]
}

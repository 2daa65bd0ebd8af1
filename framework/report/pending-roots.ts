import type { Materialization } from '../model/record.ts'
import type { Verdict } from '../model/verdict.ts'

interface Judged {
  readonly name: string
  readonly verdict: Verdict
  readonly last: Materialization | null
}

/** What a pending asset waits for is told by name up to this many. */
const NAMED = 3

/**
 * For each pending asset, of some in topological order, the stale assets and unsettled checks above it
 * that it waits for in the end; null when they are more than can be named. A fresh view of something
 * stale passes the question on to what it was built from.
 */
export function rootsOf(assets: readonly Judged[]): ReadonlyMap<string, readonly string[] | null> {
  const roots = new Map<string, readonly string[] | null>()
  const told = new Set(assets.map(({ name }) => name))
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
        // What is outside the selection, and a check, is a root as far as can be told here.
        roots.set(
          name,
          union(verdict.on.map((other) => roots.get(other) ?? (told.has(other) ? null : [other]))),
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
    if (all.size > NAMED) return null
  }
  return [...all]
}

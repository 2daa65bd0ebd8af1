import { LazyMap } from '../../lib/lazy-map.ts'
import type { Definition } from '../../model/definition.ts'
import type { AssetTable } from '../../model/tables/asset-table.ts'
import type { CodeVersionTable } from '../../model/tables/code-version-table.ts'
import type { Defined } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { clocksIn } from '../clock-policy.ts'
import {
  capabilities,
  codeVersionsOf,
  type DefinedProject,
  isPinned,
  isPlainPolicy,
  type Kinds,
  wordsOf,
} from '../define.ts'
import { allPolicyProblems } from '../policy-problems.ts'

/**
 * A cache of `define`: the same result from what kinds wrote in an earlier command, without an object
 * for each asset. Null if no kind has a valid cache, or if YAML pins a code version.
 */
export async function defineFromCache(
  assets: AssetTable,
  kinds: Kinds,
  site: Site,
): Promise<DefinedProject | null> {
  if (assets.arrays.traits.some(isPinned)) return null
  const all = await Promise.all([...assets.kinds()].map((name) => kinds(name)))
  const cached = all.map((kind) => kind.cache?.read(assets, site) ?? null)
  const [first, ...more] = cached.flatMap((one) => (one === null ? [] : [one.codes]))
  if (first === undefined) return null
  const codes = first.clone()
  for (const table of more) codes.add(table)

  const parts: { readonly kind: (typeof all)[number]; readonly defined: Defined }[] = []
  const lookups: ReadonlyMap<string, Definition>[] = []
  for (const [k, kind] of all.entries()) {
    const found = cached[k]
    if (found) {
      lookups.push(found.definitions)
      continue
    }
    const own = assets.withTrait((trait) => trait.kind === kind.name)
    const defined = await kind.define(own, site)
    parts.push({ kind, defined })
    lookups.push(defined.definitions)
    const ownCodes = codeVersionsOf(own, defined.definitions)
    for (const [at, { name }] of own.entries()) {
      codes.copy(ownCodes, at, 1, assets.arrays.names.find(name))
    }
  }
  withoutSpecialPolicies(codes, assets)
  const defined = parts.map((part) => part.defined)
  const definitions = lookups.length === 1 ? lookups[0]! : union(lookups)
  return {
    definitions,
    codes,
    // A kind with a cache of definitions has no words.
    words: wordsOf(defined.map((part) => part.definitions)),
    checks: defined.flatMap((part) => part.checks),
    problems: [
      ...defined.flatMap((part) => part.problems),
      ...allPolicyProblems(assets, (name) => definitions.get(name)),
    ],
    // A kind that caches definitions has none that names the clock (`DefinitionCache`).
    clocks: defined.flatMap((part) => clocksIn(part.definitions.values())),
    later: defined.find((part) => part.later !== null)?.later ?? null,
    ...capabilities([...parts, ...cachedParts(all, cached)]),
  }
}

/** Kinds whose definitions came from their cache have nothing to warm. */
function cachedParts<K>(all: readonly K[], cached: readonly (object | null)[]) {
  const none = { definitions: new Map(), checks: [], problems: [] }
  return all.flatMap((kind, k) => (cached[k] === null ? [] : [{ kind, defined: none }]))
}

function withoutSpecialPolicies(codes: CodeVersionTable, { arrays }: AssetTable): void {
  const plain = arrays.traits.map(({ policy }) => isPlainPolicy(policy))
  if (plain.every(Boolean)) return
  for (let i = 0; i < codes.size; i++) if (!plain[arrays.trait[i]!]) codes.unset(i)
}

function union(maps: readonly ReadonlyMap<string, Definition>[]): ReadonlyMap<string, Definition> {
  const find = (name: string) => {
    for (const map of maps) {
      const found = map.get(name)
      if (found !== undefined) return found
    }
    return undefined
  }
  const size = maps.reduce((sum, map) => sum + map.size, 0)
  return new LazyMap(size, () => maps.flatMap((map) => [...map.keys()]), find)
}

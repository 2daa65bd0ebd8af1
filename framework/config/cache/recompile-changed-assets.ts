import { Columns, compileAssets } from '../compile/compile-assets.ts'
import type { Fragment } from '../compile/compiled-file.ts'
import { isMapping } from '../compile/mapping.ts'
import type { kindSchemas } from '../schema/kind-schemas.ts'
import { parseYaml } from '../yaml/document.ts'
import { readValue } from '../yaml/value.ts'
import { cutAtAssets, hashesOf, isTrue } from './split-by-asset.ts'

/**
 * What a file with another text compiles to, by compiling only those of its assets whose text is another.
 * Null wherever that might not be what compiling all of it gives, or anything is wrong: then all of it
 * has to be compiled.
 */
export async function compileEdited(
  file: string,
  text: string,
  before: Fragment,
  schemaOf: ReturnType<typeof kindSchemas>,
): Promise<Fragment | null> {
  const cut = cutAtAssets(text)
  if (cut === null || before.cut === null || before.head !== null) return null
  const hashes = hashesOf(cut)
  if (hashes.head !== before.cut.head) return null
  const known = new Map(before.cut.entries.map((entry, at) => [entry, at]))
  const places = hashes.entries.map((entry) => known.get(entry) ?? null)
  const entries = cut.entries.filter((_, k) => places[k] === null)
  if (entries.length * 2 > cut.entries.length) return null

  // What is left out stands between entries that are whole, so the rest means what it meant.
  const document = parseYaml(file, [cut.head, ...entries].join(''))
  if (!document.ok || !isTrue({ ...cut, entries }, document.value)) return null
  const { value, problems } = readValue(document.value)
  if (problems.length > 0 || !isMapping(value)) return null
  const changed = await compileAssets(file, value, schemaOf)
  if (changed.columns === null) return null

  const columns = new Columns()
  let next = 0
  for (const place of places) {
    if (place === null) columns.take(changed.columns, next++)
    else columns.take(before, place)
  }
  const { names, deps } = columns
  if (new Set(names).size < names.length) return null
  const own = new Set(changed.columns.names)
  const uses = [
    ...before.pools.filter(({ asset }) => asset === null || !own.has(asset)),
    ...changed.columns.pools.filter(({ asset }) => asset !== null),
  ]
  const useOf = new Map(uses.map((use) => [use.asset, use]))
  const pools = [null, ...names].flatMap((asset) => useOf.get(asset) ?? [])
  return { file, names, deps, pools, ...columns.compiled(), head: null, cut: hashes }
}

import type { Asset } from '../model/asset.ts'
import type { Definition } from '../model/definition.ts'
import type { AssetTable } from '../model/tables/asset-table.ts'

/** An asset that gives other rows as time passes, although nothing makes it stale. */
export interface ClockWithoutPolicy {
  readonly asset: Asset
  /** The definition whose code names the clock: the asset's own, or that of an ephemeral inlined in it. */
  readonly names: Definition
}

/** The assets whose code names the clock. A kind reads the code, so this needs the definitions. */
export function clocksIn(definitions: Iterable<Definition>): readonly string[] {
  const names: string[] = []
  for (const { clock, asset } of definitions) if (clock) names.push(asset)
  return names
}

/**
 * The tables, files and views that are built from equal inputs to other rows as time passes, and declare
 * no policy for it (SEMANTICS 18b). An ephemeral is part of its readers' code, so each of these is named
 * in its place. `clocks`: the assets whose code names the clock. Pure.
 */
export function clocksWithoutPolicy(
  assets: AssetTable,
  definitions: ReadonlyMap<string, Definition>,
  clocks: readonly string[],
): readonly ClockWithoutPolicy[] {
  const found: ClockWithoutPolicy[] = []
  const inlined = new Map<string, Definition>()
  for (const name of clocks) {
    const [asset, names] = [assets.get(name), definitions.get(name)]
    if (asset === undefined || names === undefined) continue
    if (names.form === 'ephemeral') inlined.set(name, names)
    else if (!hasClockPolicy(asset, names)) found.push({ asset, names })
  }
  if (inlined.size === 0) return found
  const named = new Set(clocks)
  for (const asset of readersInOrder(assets)) {
    const definition = definitions.get(asset.name)
    const names = asset.deps.map((dep) => inlined.get(dep)).find((one) => one !== undefined)
    if (definition === undefined || names === undefined || named.has(asset.name)) continue
    if (definition.form === 'ephemeral') inlined.set(asset.name, names)
    else if (!hasClockPolicy(asset, definition)) found.push({ asset, names })
  }
  return found
}

/**
 * Whether the YAML says what the passing time means: an age or a schedule after which it is stale, or
 * the columns whose values do not count. A view can also be new in each run.
 */
function hasClockPolicy({ policy }: Asset, { form, freshness }: Definition): boolean {
  const { volatileColumns, dataVersion } = policy
  if (policy.freshness !== null || freshness !== undefined || volatileColumns.length > 0)
    return true
  return form === 'view' && dataVersion === 'always_new'
}

/** Every asset after those that it reads. */
function* readersInOrder(assets: AssetTable): Generator<Asset> {
  for (const i of assets.arrays.order ?? []) yield assets.at(i)
}

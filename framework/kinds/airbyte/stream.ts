import type { Json } from '../../lib/json.ts'
import type { Asset } from '../../model/asset.ts'
import type { Target } from '../../model/project.ts'
import { rawRelationOf } from '../../model/raw-relation.ts'
import type { Stream } from '../../model/stream.ts'

/** The stream that an asset declares, with its relation in this target. Pure. */
export function streamOf(asset: Asset, target: Target): Stream {
  const { spec } = asset
  return {
    asset: asset.name,
    stream: String(spec.stream),
    namespace: textOf(spec.namespace),
    sync: (textOf(spec.sync) ?? 'full_refresh') as Stream['sync'],
    primaryKey: namesOf(spec.primary_key),
    cursor: textOf(spec.cursor),
    columns: spec.columns === undefined ? null : namesOf(spec.columns),
    exclude: namesOf(spec.exclude),
    relation: rawRelationOf(asset, target),
  }
}

/** The name of the asset's connection. */
export const connectionOf = ({ spec }: Asset): string => String(spec.connection)

/** Groups items by the connection of their asset. Each group keeps the order of its items. */
export function byConnection<T extends { readonly asset: Asset }>(
  items: readonly T[],
): Iterable<readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const name = connectionOf(item.asset)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [item])
    else group.push(item)
  }
  return groups.values()
}

const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string' ? value : null

const namesOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.map(String) : []

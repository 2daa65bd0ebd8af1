import type { Json } from '../../lib/json.ts'
import type { Asset } from '../../model/asset.ts'
import type { Target } from '../../model/project.ts'
import type { Stream } from '../../model/stream.ts'

const RAW_SCHEMA = 'raw'

/** The stream that a declared asset asks for, in this target. */
export function streamOf(asset: Asset, target: Target): Stream {
  const { spec } = asset
  return {
    asset: asset.name,
    stream: String(spec.stream),
    namespace: text(spec.namespace),
    sync: (text(spec.sync) ?? 'full_refresh') as Stream['sync'],
    primaryKey: names(spec.primary_key),
    cursor: text(spec.cursor),
    columns: spec.columns === undefined ? null : names(spec.columns),
    exclude: names(spec.exclude),
    relation: `${rawSchema(asset, target)}.${prefix(asset, target)}${String(spec.stream)}`,
  }
}

export const connectionOf = ({ spec }: Asset): string => String(spec.connection)

/** Items of one connection together, in their order. */
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

function rawSchema(asset: Asset, target: Target): string {
  return text(settingsOf(asset, target)?.target_schema) ?? RAW_SCHEMA
}

function prefix(asset: Asset, target: Target): string {
  return text(settingsOf(asset, target)?.prefix) ?? ''
}

function settingsOf(asset: Asset, target: Target) {
  return target.connections[connectionOf(asset)]?.settings
}

const text = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null)

const names = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.map(String) : []

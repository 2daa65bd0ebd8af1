import type { Json } from '../../lib/json.ts'
import type { FoundAsset } from '../../model/found-asset.ts'

/** What YAML says of an asset that a kind found. */
export interface ImportedAsset {
  readonly name: string
  readonly kind: string
  readonly deps: readonly string[]
  /** The other keys, in the order in which they are written. */
  readonly keys: Readonly<Record<string, unknown>>
}

/** The declaration of a found asset. Descriptions stay where they were found. */
export function importedAsset({
  name,
  kind,
  deps,
  declares,
  group,
  owners,
  tags,
  settings,
}: FoundAsset): ImportedAsset {
  const labels = Object.keys(tags)
  const keys: Readonly<Record<string, Json | unknown>> = {
    ...declares,
    ...(group === null ? {} : { group }),
    ...(owners.length === 0 ? {} : { owners }),
    ...(labels.length === 0 ? {} : { tags: labels }),
    ...settings,
  }
  return { name, kind, deps, keys }
}

import type { Asset } from '../../../model/asset.ts'
import { rawRelationOf } from '../../../model/raw-relation.ts'
import type { Site } from '../../../ports/site.ts'

/** The assets that dbt does not build, by the relation that holds their rows, in lower case. */
export function rawRelations(site: Site): ReadonlyMap<string, string> {
  const relations = new Map<string, string>()
  for (const asset of site.project.assets) {
    const relation = relationOf(asset, site)
    if (relation !== null) relations.set(relation.toLowerCase(), asset.name)
  }
  return relations
}

function relationOf(asset: Asset, { target }: Site): string | null {
  const { kind, spec } = asset
  if (kind === 'external') return typeof spec.relation === 'string' ? spec.relation : null
  if (kind !== 'airbyte' || typeof spec.stream !== 'string') return null
  return rawRelationOf(asset, target)
}

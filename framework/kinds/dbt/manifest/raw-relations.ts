import type { Asset } from '../../../model/asset.ts'
import type { Site } from '../../../ports/site.ts'

/** Where a connection puts its tables when it says nothing else. */
const RAW_SCHEMA = 'raw'

/** The assets that dbt doesn't build, by the relation that holds their rows, in lower case. */
export function rawRelations(site: Site): ReadonlyMap<string, string> {
  const relations = new Map<string, string>()
  for (const asset of site.project.assets) {
    const relation = relationOf(asset, site)
    if (relation !== null) relations.set(relation.toLowerCase(), asset.name)
  }
  return relations
}

function relationOf({ kind, spec }: Asset, site: Site): string | null {
  if (kind === 'external') return typeof spec.relation === 'string' ? spec.relation : null
  if (kind !== 'airbyte' || typeof spec.stream !== 'string') return null
  const connection = site.target.connections[String(spec.connection)]
  const schema = connection?.settings.target_schema
  return `${typeof schema === 'string' ? schema : RAW_SCHEMA}.${spec.stream}`
}

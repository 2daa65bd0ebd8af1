import { relative, resolve } from 'node:path'
import { isUrl } from '../../../lib/project-path.ts'
import type { Asset } from '../../../model/asset.ts'
import { rawRelationOf } from '../../../model/raw-relation.ts'
import type { Site } from '../../../ports/site.ts'
import { fileAddress } from './file-address.ts'

/**
 * The assets that dbt does not build, by the address of their rows: a relation in lower case, or the key
 * of a file (`fileAddress`).
 */
export function rawRelations(site: Site): ReadonlyMap<string, string> {
  const addresses = new Map<string, string>()
  for (const asset of site.project.assets) {
    const relation = relationOf(asset, site)
    if (relation !== null) addresses.set(relation.toLowerCase(), asset.name)
    for (const path of filesOf(asset, site)) addresses.set(fileAddress(path), asset.name)
  }
  return addresses
}

function relationOf(asset: Asset, { target }: Site): string | null {
  const { kind, spec } = asset
  if (kind === 'external') return typeof spec.relation === 'string' ? spec.relation : null
  if (kind !== 'airbyte' || typeof spec.stream !== 'string') return null
  return rawRelationOf(asset, target)
}

/** The files of an external, a command or an extract, relative to the project root. */
function filesOf({ kind, spec }: Asset, { root, target }: Site): readonly string[] {
  const keys: Readonly<Record<string, string>> = {
    external: 'path',
    command: 'outputs',
    extract: 'to',
  }
  const files = spec[keys[kind] ?? ''] ?? []
  return [files].flat().flatMap((file) => {
    if (typeof file !== 'string') return []
    const path = file.replaceAll('{target}', target.name)
    return [isUrl(path) ? path : relative(root, resolve(root, path))]
  })
}

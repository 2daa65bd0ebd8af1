import { locatePointers } from '../config/index.ts'
import type { Asset, PolicySource } from '../model/asset.ts'
import type { Pointer } from '../model/location.ts'
import { type PolicyKey, policyKeys } from '../report/policies.ts'
import type { Workspace } from './workspace.ts'

/** The policies of assets, each key with its place in YAML. */
export async function policiesWithPlaces(
  assets: readonly Asset[],
  { project, site }: Workspace,
): Promise<readonly (readonly PolicyKey[])[]> {
  const rules = project.policies
  const pointerOf = ({ name, file }: Asset, key: string, source: PolicySource): Pointer | null => {
    switch (source) {
      case 'asset':
        return { file, path: ['assets', name, key] }
      case 'defaults':
        return { file, path: ['defaults', key] }
      case 'found':
        return null
      default: {
        const { at } = rules[source]!
        return { ...at, path: [...at.path, key] }
      }
    }
  }
  const all = assets.map((asset) =>
    policyKeys(asset).map((one) => ({
      ...one,
      pointer: pointerOf(asset, one.key, asset.policyFrom![one.key]!),
    })),
  )
  const pointers = all.flat().flatMap(({ pointer }) => (pointer === null ? [] : [pointer]))
  const places = (await locatePointers(pointers, site.root)).values()
  return all.map((keys) =>
    keys.map(({ key, value, pointer }) => ({
      key,
      value,
      at: pointer === null ? null : places.next().value!,
    })),
  )
}

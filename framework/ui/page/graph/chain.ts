import { causesOf, type OverviewAsset } from '../../data/overview.ts'
import { assetsByName } from '../store.ts'

/** What explains the verdict of an asset, back to the roots. */
export interface Chain {
  readonly nodes: ReadonlySet<string>
  /** `cause reader`, for each step of it. */
  readonly steps: ReadonlySet<string>
}

/** The causes of an asset that is not fresh; null for a fresh one. Pure. */
export function chainOf(name: string | null, assets: readonly OverviewAsset[]): Chain | null {
  const start = name === null ? undefined : assetsByName.value.get(name)
  if (start === undefined || start.asset.verdict.state === 'fresh') return null
  const nodes = new Set<string>([start.asset.name])
  const steps = new Set<string>()
  const open = [start.asset]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const cause of causesNear(at, assets)) {
      steps.add(`${cause.name} ${at.name}`)
      if (nodes.has(cause.name)) continue
      nodes.add(cause.name)
      open.push(cause)
    }
  }
  return { nodes, steps }
}

/** The assets that a verdict names; of a virtual asset that is fresh itself, the inputs that are not. */
function causesNear(
  asset: OverviewAsset,
  assets: readonly OverviewAsset[],
): readonly OverviewAsset[] {
  const named = causesOf(asset.verdict).flatMap((name) => assetsByName.value.get(name)?.asset ?? [])
  if (named.length > 0) return named
  const isVirtual = asset.form === 'view' || asset.form === 'ephemeral'
  if (!isVirtual || asset.verdict.state !== 'fresh') return []
  return asset.inputs.flatMap((i) => {
    const input = assets[i]!
    const isOpen = input.verdict.state !== 'fresh' || causesNear(input, assets).length > 0
    return isOpen ? [input] : []
  })
}

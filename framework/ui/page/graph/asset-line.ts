import type { OverviewAsset } from '../../data/overview.ts'
import { ago, counted } from '../format.ts'
import { liveProgress, liveSteps, now } from '../store.ts'

/**
 * What is most worth knowing of an asset: what it does now, why it is not fresh, or when it was built. `fits`: whether there
 * is room for a text; what only adds to it is left out if there is not.
 */
export function assetLine(
  asset: OverviewAsset,
  fits: (text: string) => boolean = () => true,
): string {
  const { verdict, last } = asset
  const step = liveSteps.value.get(asset.name)
  if (step?.state === 'running') return liveProgress.value.get(asset.name)?.message ?? 'running'
  if (step !== undefined) return step.state
  switch (verdict.state) {
    case 'stale':
      return verdict.reasons[0].message
    case 'pending':
    case 'waiting':
      return `waits for ${verdict.on.join(', ')}`
    case 'building':
      return `run ${verdict.run} is building it`
    case 'fresh': {
      if (asset.form === 'external') return 'built by others'
      if (last === null) return asset.form === 'ephemeral' ? 'part of its readers' : 'never built'
      const age = ago(last.at, now.value)
      const whole = last.rows === null ? age : `${counted(last.rows, 'row')} · ${age}`
      return fits(whole) ? whole : age
    }
  }
}

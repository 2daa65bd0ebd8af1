import type { OverviewAsset } from '../../data/overview.ts'
import { ago, counted } from '../format.ts'
import { liveProgress, liveSteps, now } from '../store.ts'

/** What is most worth knowing of an asset: what it does now, why it is not fresh, or when it was built. */
export function assetLine(asset: OverviewAsset): string {
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
      const rows = last.rows === null ? '' : `${counted(last.rows, 'row')} · `
      return `${rows}${ago(last.at, now.value)}`
    }
  }
}

import { groupBy } from '../lib/group-by.ts'
import type { AdoptedAsset, LeftToBuild, RunEvent } from '../model/event.ts'
import type { AdoptedBecause } from '../model/record.ts'
import { reasonRows } from './reason-rows.ts'
import type { Style } from './style.ts'
import { counted, listed } from './text.ts'

const BECAUSE: Readonly<Record<AdoptedBecause, string>> = {
  definition: 'same definition',
  vouched: 'vouched for',
}

/** What `--adopt` recorded, and what it was asked for and left to be built. */
export function adoptionLines(
  { assets, left, hasCandidates }: Omit<Extract<RunEvent, { event: 'adopted' }>, 'event'>,
  style: Style,
): readonly string[] {
  const nothing = hasCandidates
    ? 'nothing to adopt: nothing that exists is proved to be current, or vouched for with --vouch'
    : 'nothing to adopt: nothing exists that was never built here'
  return [
    assets.length === 0 ? nothing : `adopted ${adoptedText(assets)}`,
    ...leftLines(left, style),
  ]
}

/** `5 views (same definition) and 8 tables (vouched for)`. */
function adoptedText(assets: readonly AdoptedAsset[]): string {
  const groups = groupBy(assets, ({ is, because }) => `${because} ${is}`)
  const texts = [...groups.values()].map(([first, ...more]) => {
    const { is, because } = first!
    return `${counted(1 + more.length, is)} (${BECAUSE[because]})`
  })
  return listed(texts.toSorted())
}

/** What is built although `--vouch` names it, with the reasons. */
export function leftLines(left: readonly LeftToBuild[], style: Style): readonly string[] {
  if (left.length === 0) return []
  const nodes = left.map(({ asset, because }) => ({ name: asset, reasons: [because] }))
  return ['will be built, although --vouch names it', ...reasonRows(nodes, style)]
}

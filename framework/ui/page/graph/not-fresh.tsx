import type { MarkName } from '../../data/overview.ts'
import { counted } from '../format.ts'
import { Mark } from '../parts/verdict.tsx'
import { markNow, overview } from '../store.ts'
import { assetLine } from './asset-line.ts'

/** Assets that are listed; the others are counted. */
const LISTED = 12

/** What begins it: these are not fresh by themselves. */
const ROOTS: readonly MarkName[] = ['failed', 'building', 'stale']

/** Why the graph is not fresh: what is stale or failed by itself. Nothing if all is fresh. */
export function NotFresh({ onShow }: { readonly onShow: (name: string) => void }) {
  const { assets } = overview.value!
  const roots = ROOTS.flatMap((mark) => assets.filter((asset) => markNow(asset) === mark))
  const pending = assets.filter((asset) => markNow(asset) === 'pending').length
  if (roots.length === 0) return null
  return (
    <section class="not-fresh">
      <h2>Not fresh</h2>
      <ul>
        {roots.slice(0, LISTED).map((asset) => (
          <li key={asset.name}>
            <button type="button" class="quiet" onClick={() => onShow(asset.name)}>
              <Mark mark={markNow(asset)} /> {asset.name}
            </button>
            <p>{assetLine(asset)}</p>
          </li>
        ))}
      </ul>
      {roots.length > LISTED && <p>and {roots.length - LISTED} more</p>}
      {pending > 0 && <p>{counted(pending, 'asset')} below may change, too.</p>}
    </section>
  )
}

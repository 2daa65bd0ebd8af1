import { useMemo, useState } from 'preact/hooks'
import type { OverviewAsset } from '../../data/overview.ts'
import { counted } from '../format.ts'
import { Mark } from '../parts/verdict.tsx'
import { toAsset } from '../route.ts'
import { markNow } from '../store.ts'
import { current } from './at.ts'
import { groupOf } from './scene.ts'

interface TreeProps {
  readonly assets: readonly OverviewAsset[]
  readonly picked: ReadonlySet<number> | null
  readonly onShow: (name: string) => void
}

/** Assets of a group that are listed before the others are asked for. */
const LISTED = 100

/** The same assets as a tree of groups: for screen readers, and for who looks for a name. */
export function Tree({ assets, picked, onShow }: TreeProps) {
  const groups = useMemo(() => {
    const found = new Map<string, OverviewAsset[]>()
    assets.forEach((asset, i) => {
      if (picked !== null && !picked.has(i)) return
      const group = groupOf(asset)
      found.set(group, [...(found.get(group) ?? []), asset])
    })
    return [...found]
  }, [assets, picked])
  return (
    <nav class="tree" aria-label="Assets by group">
      {groups.map(([group, members]) => (
        <Group
          key={group}
          group={group}
          members={members}
          onShow={onShow}
          isOpen={assets.length <= LISTED}
        />
      ))}
      {groups.length === 0 && <p class="note">No asset is selected.</p>}
    </nav>
  )
}

interface GroupProps extends Pick<TreeProps, 'onShow'> {
  readonly group: string
  readonly members: readonly OverviewAsset[]
  readonly isOpen: boolean
}

function Group({ group, members, onShow, isOpen }: GroupProps) {
  const [open, setOpen] = useState(isOpen)
  const [listsAll, setListsAll] = useState(false)
  const listed = listsAll ? members : members.slice(0, LISTED)
  const notFresh = members.filter((asset) => markNow(asset) !== 'fresh').length
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {group}{' '}
        <span class="count">
          {notFresh === 0 ? members.length : `${notFresh} of ${members.length} not fresh`}
        </span>
      </summary>
      {open && (
        <ul>
          {listed.map((asset) => (
            <li key={asset.name} class={current.value === asset.name ? 'current' : undefined}>
              <a
                href={toAsset(asset.name)}
                aria-current={current.value === asset.name ? 'true' : undefined}
                onClick={(event) => {
                  if (event.ctrlKey || event.metaKey || event.shiftKey) return
                  event.preventDefault()
                  onShow(asset.name)
                }}
              >
                <Mark mark={markNow(asset)} /> {asset.name}
                <span class="hidden">, {markNow(asset)}</span>
              </a>
            </li>
          ))}
          {listed.length < members.length && (
            <li>
              <button type="button" onClick={() => setListsAll(true)}>
                {counted(members.length - listed.length, 'more asset')}
              </button>
            </li>
          )}
        </ul>
      )}
    </details>
  )
}

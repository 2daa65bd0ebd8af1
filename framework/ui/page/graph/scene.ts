import type { OverviewAsset } from '../../data/overview.ts'
import { fold, neighbourhood } from './fold.ts'

/** A box of the drawing: one asset, or a folded group. */
export interface Box {
  /** The same for the same thing in the next drawing. */
  readonly key: string
  readonly title: string
  /** Indices of the assets that it stands for: one, unless it is a folded group. */
  readonly members: readonly number[]
  readonly isGroup: boolean
  /** Inputs and readers that the drawing leaves out. */
  readonly cut: number
}

export interface Scene {
  readonly boxes: readonly Box[]
  /** From an input to its reader, as indices of boxes. */
  readonly lines: readonly (readonly [from: number, to: number])[]
  /** Why not everything is drawn; null if it is. */
  readonly note: string | null
}

/** More boxes are not drawn at once without being asked for. */
const FOLD_FROM = 150

export interface Wanted {
  /** What the selection picked; null: everything. */
  readonly picked: ReadonlySet<number> | null
  /** The asset whose neighbourhood is drawn; null: no. */
  readonly focus: number | null
  readonly unfolded: ReadonlySet<string>
}

/** What is drawn of a project: pure. */
export function sceneOf(assets: readonly OverviewAsset[], wanted: Wanted): Scene {
  const { picked, focus, unfolded } = wanted
  if (focus !== null && assets[focus] !== undefined) {
    const near = neighbourhood(assets, focus)
    return plain(
      assets,
      [...near.nodes].sort((a, b) => a - b),
      near.cut,
      `${assets[focus].name} and what is near it`,
    )
  }
  const shown = picked === null ? assets.map((_, i) => i) : [...picked].sort((a, b) => a - b)
  if (shown.length <= FOLD_FROM) return plain(assets, shown, new Map(), null)
  return fold(assets, shown, unfolded)
}

function plain(
  assets: readonly OverviewAsset[],
  shown: readonly number[],
  cut: ReadonlyMap<number, number>,
  note: string | null,
): Scene {
  const at = new Map(shown.map((i, k) => [i, k]))
  const boxes = shown.map((i): Box => {
    const { name } = assets[i]!
    return { key: name, title: name, members: [i], isGroup: false, cut: cut.get(i) ?? 0 }
  })
  const lines = shown.flatMap((i, k) =>
    assets[i]!.inputs.flatMap((input) => {
      const from = at.get(input)
      return from === undefined ? [] : [[from, k] as const]
    }),
  )
  return { boxes, lines, note }
}

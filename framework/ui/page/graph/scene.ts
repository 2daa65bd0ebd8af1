import type { OverviewAsset } from '../../data/overview.ts'
import { fold } from '../../layout/fold.ts'
import { neighbourhood } from '../../layout/neighbourhood.ts'
import { counted, grouped } from '../format.ts'

type Line = readonly [from: number, to: number]

/** A box of the drawing: one asset, or a folded group. */
export interface Box {
  /** The same for the same thing in the next drawing. */
  readonly key: string
  readonly title: string
  /** Indices of the assets that it stands for: one, unless it is a group. */
  readonly members: readonly number[]
  /** The group that it stands for; null for one asset. */
  readonly group: string | null
  /** Inputs and readers that the drawing leaves out. */
  readonly cut: number
}

export interface Scene {
  readonly boxes: readonly Box[]
  /** From an input to its reader, as indices of boxes. */
  readonly lines: readonly Line[]
  /** Why not everything is drawn; null if it is. */
  readonly note: string | null
}

/** More assets are drawn as their groups. */
const MOST_ASSETS = 150
/** More boxes are not drawn, even if they were asked for: nobody finds anything among them. */
const MOST_BOXES = 1_500
/** What is drawn around an asset: edges in each direction, and boxes. */
const NEAR = { up: 2, down: 2, boxes: 120 } as const

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
    return around(assets, focus, `${assets[focus].name} and what is near it`)
  }
  const shown = picked === null ? assets.map((_, i) => i) : [...picked].sort((a, b) => a - b)
  if (shown.length <= MOST_ASSETS) return all(assets, shown)
  const folded = groups(assets, shown, unfolded)
  if (folded.boxes.length <= MOST_BOXES) return folded
  const first = shown.find((i) => assets[i]!.verdict.state !== 'fresh') ?? shown.at(-1)!
  const note = `${counted(shown.length, 'asset')} are too many to draw. This is ${assets[first]!.name} and what is near it; select fewer, or choose another one from the list.`
  return around(assets, first, note)
}

/** Each asset as a box. */
function all(assets: readonly OverviewAsset[], shown: readonly number[]): Scene {
  const boxes = shown.map((i) => boxOf(assets, i, 0))
  return { boxes, lines: linesAmong(assets, shown), note: null }
}

function around(assets: readonly OverviewAsset[], focus: number, note: string): Scene {
  const everything = assets.map((_, i) => i)
  const graph = { size: assets.length, edges: linesAmong(assets, everything) }
  const near = neighbourhood(graph, focus, NEAR.up, NEAR.down, NEAR.boxes)
  const cut = (i: number) => (near.inputsLeftOut.get(i) ?? 0) + (near.readersLeftOut.get(i) ?? 0)
  const boxes = near.nodes.map((i) => boxOf(assets, i, cut(i)))
  return { boxes, lines: linesAmong(assets, near.nodes), note }
}

/** Each group as a box, but those that were unfolded. */
function groups(
  assets: readonly OverviewAsset[],
  shown: readonly number[],
  unfolded: ReadonlySet<string>,
): Scene {
  const folded = fold({
    size: shown.length,
    edges: linesAmong(assets, shown),
    groupOf: (node) => groupOf(assets[shown[node]!]!),
    unfolded,
  })
  const boxes = folded.boxes.map(({ group, nodes, part, parts }): Box => {
    if (group === null) return boxOf(assets, shown[nodes[0]!]!, 0)
    const title = parts === 1 ? group : `${group} (part ${part} of ${parts})`
    return {
      key: `group ${title}`,
      title,
      members: nodes.map((node) => shown[node]!),
      group,
      cut: 0,
    }
  })
  const note = `${grouped(shown.length)} assets in groups: a click unfolds one.`
  return { boxes, lines: folded.edges, note }
}

/** What an asset is folded with: its group, or the others of its kind without one. */
export function groupOf({ group, kind }: OverviewAsset): string {
  return group ?? kind
}

function boxOf(assets: readonly OverviewAsset[], i: number, cut: number): Box {
  const { name } = assets[i]!
  return { key: name, title: name, members: [i], group: null, cut }
}

/** The edges between these assets, as indices of `shown`. */
function linesAmong(assets: readonly OverviewAsset[], shown: readonly number[]): readonly Line[] {
  const at = new Map(shown.map((i, k) => [i, k]))
  return shown.flatMap((i, k) =>
    assets[i]!.inputs.flatMap((input): Line[] => {
      const from = at.get(input)
      return from === undefined ? [] : [[from, k]]
    }),
  )
}

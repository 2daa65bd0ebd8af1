// Placeholder until the layout room is here.
import type { OverviewAsset } from '../../data/overview.ts'
import type { Scene } from './scene.ts'
export function fold(
  assets: readonly OverviewAsset[],
  shown: readonly number[],
  _unfolded: ReadonlySet<string>,
): Scene {
  return {
    boxes: shown.slice(0, 150).map((i) => ({
      key: assets[i]!.name,
      title: assets[i]!.name,
      members: [i],
      isGroup: false,
      cut: 0,
    })),
    lines: [],
    note: 'x',
  }
}
export function neighbourhood(assets: readonly OverviewAsset[], focus: number) {
  const nodes = new Set([focus])
  for (let level = 0; level < 2; level++) {
    for (const i of [...nodes]) for (const input of assets[i]!.inputs) nodes.add(input)
  }
  const below = new Set([focus])
  for (let level = 0; level < 2; level++) {
    assets.forEach(({ inputs }, i) => {
      if (inputs.some((one) => below.has(one))) below.add(i)
    })
  }
  for (const i of below) nodes.add(i)
  return { nodes, cut: new Map<number, number>() }
}

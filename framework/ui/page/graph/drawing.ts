import { edgePath } from '../../layout/edge-path.ts'
import { layout } from '../../layout/layout.ts'
import type { Scene } from './scene.ts'
import { textWidth } from './text-width.ts'

/** Pixels at scale 1. */
export const BOX_HEIGHT = 44
const GAP_X = 48
const GAP_Y = 14
const NARROWEST = 166
const WIDEST = 300
/** What a box needs beside its text: the mark, and margins. */
export const BESIDE_TEXT = 38

/** A scene with places: pixels at scale 1, of the top left of each box. */
export interface Drawing {
  readonly scene: Scene
  readonly x: Float64Array
  readonly y: Float64Array
  readonly widths: readonly number[]
  readonly layer: Int32Array
  /** The path of each line, for SVG. */
  readonly paths: readonly string[]
  readonly width: number
  readonly height: number
}

/** Where the boxes were drawn last, so that the same ones stay in their order. */
const before = new Map<string, number>()

export function draw(scene: Scene): Drawing {
  const { boxes, lines } = scene
  const widths = boxes.map(({ title }) =>
    Math.ceil(Math.min(WIDEST, Math.max(NARROWEST, textWidth(title, 'name') + BESIDE_TEXT))),
  )
  const known = new Map<number, number>()
  boxes.forEach(({ key }, i) => {
    const y = before.get(key)
    if (y !== undefined) known.set(i, y)
  })
  const placed = layout({
    size: boxes.length,
    edges: lines,
    width: (i) => widths[i]!,
    height: BOX_HEIGHT,
    gapX: GAP_X,
    gapY: GAP_Y,
    before: known,
  })
  before.clear()
  for (const [i, { key }] of boxes.entries()) before.set(key, placed.y[i]!)
  return { ...placed, scene, widths, paths: placed.bends.map(edgePath) }
}

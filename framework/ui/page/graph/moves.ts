import type { Drawing } from './drawing.ts'

/** The box that an arrow key leads to: along the edges to the left and right, within the layer up and down. Pure. */
export function neighbourOf(
  { scene, x, y, layer }: Drawing,
  from: string | null,
  key: string,
): string | null {
  const { boxes, lines } = scene
  const at = boxes.findIndex((box) => box.key === from)
  if (at < 0) return boxes[0]?.key ?? null
  const near = (one: number) => Math.abs(y[one]! - y[at]!)
  const closest = (found: readonly number[]) =>
    found.length === 0 ? null : found.reduce((a, b) => (near(b) < near(a) ? b : a))
  const pick = (): number | null => {
    switch (key) {
      case 'ArrowLeft':
        return closest(lines.flatMap(([a, b]) => (b === at ? [a] : [])))
      case 'ArrowRight':
        return closest(lines.flatMap(([a, b]) => (a === at ? [b] : [])))
      case 'ArrowUp':
        return closest(inColumn((one) => y[one]! < y[at]!))
      case 'ArrowDown':
        return closest(inColumn((one) => y[one]! > y[at]!))
      default:
        return null
    }
  }
  const inColumn = (isThere: (one: number) => boolean) =>
    boxes.flatMap((_, one) =>
      layer[one] === layer[at] && x[one] === x[at] && isThere(one) ? [one] : [],
    )
  const next = pick()
  return next === null ? null : boxes[next]!.key
}

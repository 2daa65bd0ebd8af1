/**
 * A line through points as the path of an SVG: `[x0, y0, x1, y1, …]` in pixels. It is horizontal at each
 * point; between points of equal y it is straight. Numbers have at most one decimal.
 */
export function edgePath(points: readonly number[]): string {
  if (points.length < 4) return ''
  let path = `M${rounded(points[0]!)} ${rounded(points[1]!)}`
  for (let k = 2; k < points.length; k += 2) {
    const [fromX, fromY] = [points[k - 2]!, rounded(points[k - 1]!)]
    const [toX, toY] = [points[k]!, rounded(points[k + 1]!)]
    const middle = rounded((fromX + toX) / 2)
    path +=
      fromY === toY
        ? `H${rounded(toX)}`
        : `C${middle} ${fromY} ${middle} ${toY} ${rounded(toX)} ${toY}`
  }
  return path
}

function rounded(pixels: number): number {
  // Adding 0 turns -0 into 0.
  return Math.round(pixels * 10) / 10 + 0
}

export function edgePath(p: readonly number[]): string {
  const r = (n: number) => Math.round(n * 10) / 10
  let d = `M${r(p[0]!)} ${r(p[1]!)}`
  for (let k = 2; k < p.length; k += 2) {
    const [x0, y0, x1, y1] = [p[k - 2]!, p[k - 1]!, p[k]!, p[k + 1]!]
    const m = (x0 + x1) / 2
    d += `C${r(m)} ${r(y0)} ${r(m)} ${r(y1)} ${r(x1)} ${r(y1)}`
  }
  return d
}

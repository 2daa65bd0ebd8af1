/**
 * The candidate that `word` was most likely meant to be, or null when none is near enough: at most
 * one slip (a letter too many, missing, wrong, or two swapped) for every three letters. Case and the
 * choice between `_`, `-`, `.` and a space count for nothing. Of equally near ones the first wins.
 */
export function closest(word: string, candidates: Iterable<string>): string | null {
  const wanted = normalised(word)
  let best: string | null = null
  let limit = Math.max(1, Math.floor(wanted.length / 3))
  for (const candidate of candidates) {
    const distance = slips(wanted, normalised(candidate), limit)
    if (distance > limit) continue
    if (distance === 0) return candidate
    best = candidate
    limit = distance - 1
  }
  return best
}

function normalised(word: string): string {
  return word.toLowerCase().replaceAll(/[-. ]/g, '_')
}

/** Optimal string alignment distance, given up (as `limit + 1`) once it must exceed `limit`. */
function slips(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  if (a === b) return 0
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    let least = row
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      )
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped && row > 1 && column > 1) cost = Math.min(cost, beforeLast[column - 2]! + 1)
      current.push(cost)
      least = Math.min(least, cost)
    }
    if (least > limit) return limit + 1
    beforeLast = last
    last = current
  }
  return last[b.length]!
}

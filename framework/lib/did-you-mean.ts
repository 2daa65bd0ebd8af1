/** Comparing two words takes their lengths multiplied. */
const LONGEST = 200

/**
 * The candidate most similar to `word`, or null when none is similar enough: at most one edit (a letter
 * added, missing, replaced, or two swapped) per three letters. Ignores case and the difference between `_`,
 * `-`, `.` and a space. Of equally similar candidates the first one wins. A word of more than `LONGEST` characters
 * resembles only what differs from it in nothing else.
 */
export function closest(word: string, candidates: Iterable<string>): string | null {
  const wanted = normalised(word)
  let best: string | null = null
  let limit = wanted.length > LONGEST ? 0 : Math.max(1, Math.floor(wanted.length / 3))
  for (const candidate of candidates) {
    const distance = editDistance(wanted, normalised(candidate), limit)
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

/** The optimal string alignment distance, or `limit + 1` if it exceeds `limit`. */
function editDistance(a: string, b: string, limit: number): number {
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

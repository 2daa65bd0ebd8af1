/** A part of a drawing. Pixels. */
export interface Part {
  readonly width: number
  readonly height: number
  /** How far lines reach above its topmost box. The topmost boxes of a shelf have the same y. */
  readonly over: number
}

export interface Packed {
  /** The top left of each part. */
  readonly x: Float64Array
  readonly y: Float64Array
  readonly width: number
  readonly height: number
}

/** A drawing of many small parts is about this much wider than high. */
const ASPECT = 1.6
/** A limit for the search of an order that repeats itself. */
const ROUNDS = 20

/**
 * Puts parts on shelves from top to bottom. `sequence` says which part comes first; within a shelf the
 * smaller index is further left. Given the sequence of shelves that it made, it makes the same ones.
 */
export function pack(parts: readonly Part[], sequence: readonly number[], gap: number): Packed {
  const limit = shelfWidth(parts, gap)
  let shelves = shelvesOf(parts, sequence, gap, limit)
  for (let round = 0; round < ROUNDS; round++) {
    const next = shelvesOf(parts, shelves.flat(), gap, limit)
    const isSame =
      next.length === shelves.length && next.every((one, k) => one.length === shelves[k]!.length)
    shelves = next
    if (isSame) break
  }
  const x = new Float64Array(parts.length)
  const y = new Float64Array(parts.length)
  let [top, width] = [0, 0]
  for (const shelf of shelves) {
    const over = shelf.reduce((most, k) => Math.max(most, parts[k]!.over), 0)
    let [right, bottom] = [-gap, top]
    for (const k of shelf) {
      x[k] = right + gap
      y[k] = top + over - parts[k]!.over
      right = x[k]! + parts[k]!.width
      bottom = Math.max(bottom, y[k]! + parts[k]!.height)
    }
    width = Math.max(width, right)
    top = bottom + gap
  }
  return { x, y, width, height: Math.max(0, top - gap) }
}

/** The parts of each shelf, ascending. */
function shelvesOf(
  parts: readonly Part[],
  sequence: readonly number[],
  gap: number,
  limit: number,
): readonly (readonly number[])[] {
  const shelves: number[][] = []
  let right = Number.POSITIVE_INFINITY
  for (const k of sequence) {
    if (right + gap + parts[k]!.width > limit) {
      shelves.push([])
      right = -gap
    }
    shelves.at(-1)!.push(k)
    right += gap + parts[k]!.width
  }
  for (const shelf of shelves) shelf.sort((a, b) => a - b)
  return shelves
}

/** As wide as the widest part, or wider when there are many parts. */
function shelfWidth(parts: readonly Part[], gap: number): number {
  let [widest, area] = [0, 0]
  for (const { width, height } of parts) {
    widest = Math.max(widest, width)
    area += (width + gap) * (height + gap)
  }
  return Math.max(widest, Math.sqrt(area * ASPECT))
}

/** How many columns of equal cells fit into `width`, or make a block that is wide enough for their number. */
export function columnsFor(
  cells: number,
  cellWidth: number,
  cellHeight: number,
  width: number,
): number {
  const alone = Math.ceil(Math.sqrt((cells * cellHeight * ASPECT) / cellWidth))
  return Math.max(1, Math.min(cells, Math.max(alone, Math.floor(width / cellWidth))))
}

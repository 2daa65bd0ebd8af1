import { type Adjacency, targetsOf } from '../lib/adjacency.ts'
import { Sweep, WORD_BITS } from './sweep.ts'

/** A check that reads several assets. */
interface MultiAssetCheck {
  readonly check: number
  readonly reads: Int32Array
}

/**
 * The gates of all checks, as edges from a check to assets. A check gates the assets that are below
 * *all* assets it reads (SEMANTICS 17). Only the topmost of these get an edge; the others wait for them
 * anyway. The edges close no cycle, because a gated asset is already below everything the check reads.
 *
 * `inputs`, `readers`: edges of all nodes. `assetOrder`: a topological order of the assets.
 * `gating`: the checks of error severity, by number.
 */
export function gateEdges(
  inputs: Adjacency,
  readers: Adjacency,
  assetOrder: Int32Array,
  gating: readonly number[],
): Adjacency {
  const gated = new Map<number, ArrayLike<number>>()
  const narrow: MultiAssetCheck[] = []
  const wide: MultiAssetCheck[] = []
  for (const check of gating) {
    const reads = targetsOf(inputs, check)
    if (reads.length === 1) {
      gated.set(check, assetsAmong(targetsOf(readers, reads[0]!), assetOrder.length))
    } else if (reads.length > WORD_BITS) {
      wide.push({ check, reads })
    } else if (reads.length > 1) {
      narrow.push({ check, reads })
    }
  }
  if (narrow.length + wide.length > 0) {
    const sweep = new Sweep(inputs, readers, assetOrder)
    for (const batch of batches(narrow)) gateNarrow(batch, sweep, gated)
    for (const { check, reads } of wide) {
      gated.set(check, gateWide(lowest(reads, inputs), sweep, inputs))
    }
  }
  return collect(gated, inputs.starts.length - 1)
}

/** The assets among readers. Readers are in ascending order, so assets come before checks. */
function assetsAmong(readers: Int32Array, assetCount: number): Int32Array {
  let end = readers.length
  while (end > 0 && readers[end - 1]! >= assetCount) end -= 1
  return readers.subarray(0, end)
}

/** Groups of checks whose inputs together fit into one word of bits. */
function* batches(checks: readonly MultiAssetCheck[]): Generator<readonly MultiAssetCheck[]> {
  let batch: MultiAssetCheck[] = []
  let bits = 0
  for (const check of checks) {
    if (bits + check.reads.length > WORD_BITS) {
      yield batch
      batch = []
      bits = 0
    }
    batch.push(check)
    bits += check.reads.length
  }
  if (batch.length > 0) yield batch
}

function gateNarrow(
  batch: readonly MultiAssetCheck[],
  sweep: Sweep,
  gated: Map<number, ArrayLike<number>>,
): void {
  const sources = Int32Array.from(batch.flatMap(({ reads }) => [...reads]))
  const masks: number[] = []
  const frontiers: number[][] = []
  let bit = 0
  for (const { check, reads } of batch) {
    let mask = 0
    for (let k = 0; k < reads.length; k++) mask |= 1 << bit++
    const frontier: number[] = []
    masks.push(mask)
    frontiers.push(frontier)
    gated.set(check, frontier)
  }
  for (const node of sweep.below(sources)) {
    const bits = sweep.above(node)
    // If an input has the same bits, no frontier begins here.
    if (bits === 0 || !sweep.meetsAt(node, bits)) continue
    for (let q = 0; q < masks.length; q++)
      if (sweep.meetsAt(node, masks[q]!)) frontiers[q]!.push(node)
  }
}

/** The lowest of a check's inputs. A node below these is below all of its inputs. */
function lowest(reads: Int32Array, inputs: Adjacency): Int32Array {
  const above = new Set<number>()
  const queue = [...reads]
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    for (const parent of targetsOf(inputs, node)) {
      if (above.has(parent)) continue
      above.add(parent)
      queue.push(parent)
    }
  }
  return reads.filter((read) => !above.has(read))
}

/** The frontier below more than 32 assets, found 32 at a time. */
function gateWide(reads: Int32Array, sweep: Sweep, inputs: Adjacency): readonly number[] {
  let below: Set<number> | null = null
  for (let start = 0; start < reads.length; start += WORD_BITS) {
    const word = reads.subarray(start, start + WORD_BITS)
    const all = word.length === WORD_BITS ? -1 : (1 << word.length) - 1
    const next = new Set<number>()
    for (const node of sweep.below(word)) {
      if (sweep.above(node) === all && (below?.has(node) ?? true)) next.add(node)
    }
    if (next.size === 0) return []
    below = next
  }
  return [...(below ?? [])].filter(
    (node) => !targetsOf(inputs, node).some((parent) => below?.has(parent)),
  )
}

function collect(lists: ReadonlyMap<number, ArrayLike<number>>, size: number): Adjacency {
  const starts = new Int32Array(size + 1)
  for (let i = 0; i < size; i++) starts[i + 1] = starts[i]! + (lists.get(i)?.length ?? 0)
  const targets = new Int32Array(starts[size]!)
  for (const [from, list] of lists) targets.set(list, starts[from]!)
  return { starts, targets }
}

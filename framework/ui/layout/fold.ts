import { adjacencyOf, type Edge } from './dag.ts'
import { levelsInCycles } from './group-cycles.ts'

export interface FoldInput {
  /** The nodes are `0` to `size - 1`. */
  readonly size: number
  /** Without a cycle. */
  readonly edges: readonly Edge[]
  /** The group of a node; null: none, so that it is never folded. */
  readonly groupOf: (node: number) => string | null
  /** Groups whose nodes get boxes of their own. */
  readonly unfolded: ReadonlySet<string>
}

/** One node, or a folded group, or a part of one. */
export interface FoldedBox {
  /** The folded group; null for one node. */
  readonly group: string | null
  /** Ascending; their number is the count of the box. */
  readonly nodes: readonly number[]
  /** Which part of its group it is, from 1, and of how many. 1 of 1 for a whole group, or a node. */
  readonly part: number
  readonly parts: number
}

export interface Folded {
  /** By their first node. */
  readonly boxes: readonly FoldedBox[]
  /** The box of each node. */
  readonly boxOf: Int32Array
  /** Between boxes, as indices, without duplicates and without a cycle. */
  readonly edges: readonly Edge[]
  /** How many edges between nodes each of `edges` stands for. */
  readonly counts: readonly number[]
}

/**
 * Draws each folded group as one box. If groups read each other in a cycle, such a group has several parts:
 * a node is in part `k` if a path to it, within the cycle, changes the group `k` times at most. An edge to another
 * group leads to a higher number then, and an edge within a group to no lower one, so the boxes have no cycle.
 */
export function fold({ size, edges, groupOf, unfolded }: FoldInput): Folded {
  const groupNames: (string | null)[] = []
  const indexOf = new Map<string, number>()
  const groups = new Int32Array(size)
  for (let node = 0; node < size; node++) {
    const name = groupOf(node)
    const isFolded = name !== null && !unfolded.has(name)
    const known = isFolded ? indexOf.get(name) : undefined
    groups[node] = known ?? groupNames.length
    if (known !== undefined) continue
    if (isFolded) indexOf.set(name, groupNames.length)
    groupNames.push(isFolded ? name : null)
  }
  const levels = levelsInCycles(size, edges, groups, groupNames.length)

  const boxOf = new Int32Array(size)
  const members: number[][] = []
  const boxAt = new Map<number, number>()
  for (let node = 0; node < size; node++) {
    const key = groups[node]! * (size + 1) + levels[node]!
    const box = boxAt.get(key) ?? members.length
    if (box === members.length) {
      boxAt.set(key, box)
      members.push([])
    }
    members[box]!.push(node)
    boxOf[node] = box
  }
  const partsOf = partNumbers(members, groups, levels)
  const boxes = members.map((nodes, box): FoldedBox => {
    const group = groupNames[groups[nodes[0]!]!]!
    return { group, nodes, ...partsOf[box]! }
  })
  return { boxes, boxOf, ...joined(boxes.length, edges, boxOf) }
}

/** Numbers the boxes of each group by their level. */
function partNumbers(
  members: readonly (readonly number[])[],
  groups: Int32Array,
  levels: Int32Array,
): readonly { readonly part: number; readonly parts: number }[] {
  const boxesOf = new Map<number, number[]>()
  members.forEach(([first], box) => {
    const group = groups[first!]!
    const known = boxesOf.get(group)
    if (known === undefined) boxesOf.set(group, [box])
    else known.push(box)
  })
  const numbers = members.map(() => ({ part: 1, parts: 1 }))
  for (const boxes of boxesOf.values()) {
    const level = (box: number) => levels[members[box]![0]!]!
    boxes.sort((a, b) => level(a) - level(b))
    boxes.forEach((box, k) => {
      numbers[box] = { part: k + 1, parts: boxes.length }
    })
  }
  return numbers
}

/** The edges between different boxes, each once, by their boxes. */
function joined(
  size: number,
  edges: readonly Edge[],
  boxOf: Int32Array,
): { readonly edges: readonly Edge[]; readonly counts: readonly number[] } {
  const all = edges
    .map(([from, to]): Edge => [boxOf[from]!, boxOf[to]!])
    .filter(([from, to]) => from !== to)
  const { starts, targets } = adjacencyOf(size, all)
  const [found, counts]: [Edge[], number[]] = [[], []]
  for (let from = 0; from < size; from++) {
    const own = targets.slice(starts[from]!, starts[from + 1]!).sort()
    own.forEach((to, k) => {
      if (k > 0 && own[k - 1] === to) {
        counts[counts.length - 1]! += 1
        return
      }
      found.push([from, to])
      counts.push(1)
    })
  }
  return { edges: found, counts }
}

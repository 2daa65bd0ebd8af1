/** A line of a tree. `below` is called when the line is written. */
export interface Branch {
  readonly text: string
  below(): readonly Branch[]
}

/** The deepest level that is drawn. */
const DEEPEST = 24

/** The lines of a tree drawn with `├─` and `└─`. Not recursive, so that depth is no limit. */
export function treeLines(roots: readonly Branch[]): string[] {
  const lines: string[] = []
  const stack = level(roots, '', 0)
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { branch, lead, isLast, depth } = top
    lines.push(`${lead}${isLast ? '└─ ' : '├─ '}${branch.text}`)
    const below = branch.below()
    if (below.length === 0) continue
    const inner = `${lead}${isLast ? '   ' : '│  '}`
    if (depth >= DEEPEST) lines.push(`${inner}└─ …`)
    else stack.push(...level(below, inner, depth + 1))
  }
  return lines
}

/** Siblings as stack entries, in reverse: the first one is popped first. */
function level(branches: readonly Branch[], lead: string, depth: number) {
  return branches
    .map((branch, k) => ({ branch, lead, depth, isLast: k === branches.length - 1 }))
    .reverse()
}

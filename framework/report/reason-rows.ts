import { groupBy } from '../lib/group-by.ts'
import type { Style } from './style.ts'
import { cell, columnOf, cutRows, grouped, nameLines, sentence } from './text.ts'

/** A node's name and the texts of its reasons. */
export interface NodeReasons {
  readonly name: string
  readonly reasons: readonly string[]
}

/** At least this many nodes with equal reasons share one row. */
const SMALLEST_GROUP = 4

/** The rows of a section: one line per reason, or one per group of nodes with equal reasons. */
export function reasonRows(nodes: readonly NodeReasons[], style: Style): string[] {
  const keyOf = ({ reasons }: NodeReasons) => reasons.join('\n')
  const byReasons = groupBy(nodes, keyOf)
  const groups = [...byReasons.values()].filter((group) => group.length >= SMALLEST_GROUP)
  const single = nodes.filter((node) => byReasons.get(keyOf(node))!.length < SMALLEST_GROUP)
  const column = columnOf(single.map(({ name }) => name))
  return [
    ...cutRows(single, style, ({ name, reasons }) =>
      reasons.map((reason, k) => `  ${cell(k === 0 ? name : '', column)}${sentence(reason)}`),
    ),
    ...cutRows(groups, style, (group) => [
      `  ${sentence(group[0]!.reasons.join('; '))} (${grouped(group.length)})`,
      ...nameLines(
        group.map(({ name }) => name),
        '    ',
        style,
      ),
    ]),
  ]
}

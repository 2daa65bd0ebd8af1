import { groupBy } from '../lib/group-by.ts'
import type { Style } from './style.ts'
import { cell, columnOf, cutRows, grouped, nameLines, sentence } from './text.ts'

/** A name with the sentence parts that say why. */
export interface Told {
  readonly name: string
  readonly why: readonly string[]
}

/** Names with equal reasons are shown together from this many on. */
const TOGETHER = 4

/** A section's rows: a line for each reason, or for each group of names that share theirs. */
export function reasonRows(told: readonly Told[], style: Style): string[] {
  const keyOf = ({ why }: Told) => why.join('\n')
  const alike = groupBy(told, keyOf)
  const together = [...alike.values()].filter((group) => group.length >= TOGETHER)
  const alone = told.filter((one) => alike.get(keyOf(one))!.length < TOGETHER)
  const column = columnOf(alone.map(({ name }) => name))
  return [
    ...cutRows(alone, style, ({ name, why }) =>
      why.map((reason, k) => `  ${cell(k === 0 ? name : '', column)}${sentence(reason)}`),
    ),
    ...cutRows(together, style, (group) => [
      `  ${sentence(group[0]!.why.join('; '))} (${grouped(group.length)})`,
      ...nameLines(
        group.map(({ name }) => name),
        '    ',
        style,
      ),
    ]),
  ]
}

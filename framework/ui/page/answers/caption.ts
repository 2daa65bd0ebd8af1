import type { Chart } from '../../data/answers.ts'
import { counted, grouped } from '../format.ts'
import { MOST_LINES, type Panel, panelsOf } from './line-data.ts'
import { nameOf, written } from './values.ts'

/** What a chart shows besides its title: how much of the rows, and what its marks mean. Sentences. Pure. */
export function captionOf(chart: Chart): readonly string[] {
  const { rows, top, type, x, partial, columns, series } = chart
  if (rows.length === 0) return ['The file has no rows.']
  const sentences: string[] = []
  const isCut = top !== null && rows.length > top
  if (type === 'table') {
    sentences.push(
      isCut ? `${top} of ${counted(rows.length, 'row')}.` : `${counted(rows.length, 'row')}.`,
    )
  } else if (isCut && (type === 'bar' || type === 'column')) {
    sentences.push(`The first ${top} of ${grouped(rows.length)}; the table has all.`)
  }
  const period = x !== null && columns[x]!.type === 'month' ? 'month' : 'period'
  if (partial !== null && rows.some((row) => row[partial] === true)) {
    const drawn = type === 'line' ? 'Dashed' : 'Hollow'
    sentences.push(`${drawn}: partial ${period}, the data does not cover all of it.`)
  }
  if (type === 'line') {
    if (panelsOf(chart).some(({ hasGaps }) => hasGaps)) {
      sentences.push('A gap in the line: no rows for that time.')
    }
    const names = series === null ? 0 : new Set(rows.map((row) => row[series])).size
    if (names > MOST_LINES) sentences.push(`${MOST_LINES} of ${names} lines; the table has all.`)
  }
  return sentences
}

/** A chart in words, for who does not see it: its range, its first and last values, its extremes. Pure. */
export function inWords(chart: Chart, panel: Panel): string {
  const x = chart.columns[chart.x!]!
  return panel.lines
    .map(({ name, values }) => {
      const known = values.flatMap((value, k) => (value === null ? [] : [{ value, k }]))
      if (known.length === 0) return `${name}: no values`
      const at = ({ k, value }: { readonly k: number; readonly value: number }) =>
        `${written(value, panel.column)} (${nameOf(panel.cells[k]!, x)})`
      const least = known.reduce((a, b) => (b.value < a.value ? b : a))
      const most = known.reduce((a, b) => (b.value > a.value ? b : a))
      return `${name}: first ${at(known[0]!)}, lowest ${at(least)}, highest ${at(most)}, last ${at(known.at(-1)!)}`
    })
    .join('. ')
}

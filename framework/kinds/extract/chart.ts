import { closest } from '../../lib/did-you-mean.ts'
import type { Asset } from '../../model/asset.ts'
import { columnsOfChart, type DeclaredChart, yColumns } from '../../model/chart.ts'
import type { Problem } from '../../model/problem.ts'

/** `chart:` of an extract; null if it has none. It is no part of the code version: nothing is built from it. */
export function chartOf({ spec }: Pick<Asset, 'spec'>): DeclaredChart | null {
  return (spec.chart as DeclaredChart | undefined) ?? null
}

/**
 * The problems of `chart:`, each at its key: keys that mean nothing together, and columns that the extract does not
 * write. Its columns are known only if `columns:` lists them; others are looked for in the file when it is drawn.
 */
export function chartProblems(asset: Asset): readonly Problem[] {
  const chart = chartOf(asset)
  if (chart === null) return []
  return [...keyProblems(asset, chart), ...columnProblems(asset, chart)]
}

function keyProblems(asset: Asset, chart: DeclaredChart): readonly Problem[] {
  const { type, x, series, top, sort, partial, max } = chart
  const y = yColumns(chart)
  const problems: Problem[] = []
  const add = (path: readonly (string | number)[], message: string, hint: string) =>
    problems.push(problem(asset, path, message, hint))
  const draws = type === 'line' || type === 'column' || type === 'bar'
  if (draws && x === undefined) {
    const what = type === 'bar' ? 'the column with the names' : 'the column with the times'
    add(['type'], `a ${type} chart needs \`x\``, `add \`x:\`, ${what}`)
  }
  if (draws && y.length === 0) {
    add(['type'], `a ${type} chart needs \`y\``, 'add `y:`, the column with the numbers')
  }
  if (series !== undefined && y.length > 1) {
    const hint = 'remove `series:`, or all of `y:` but one'
    add(['series'], '`series` splits one column, and `y` has more', hint)
  }
  for (const [key, value] of Object.entries({ series, partial, max })) {
    if (value === undefined || type === undefined || draws) continue
    add([key], `\`${key}\` means nothing in a chart of type ${type}`, `remove \`${key}:\``)
  }
  for (const [key, value] of Object.entries({ top, sort })) {
    if (value === undefined || type !== 'line') continue
    add(
      [key],
      `\`${key}\` means nothing in a line chart: it is sorted by time`,
      `remove \`${key}:\``,
    )
  }
  return problems
}

function columnProblems(asset: Asset, chart: DeclaredChart): readonly Problem[] {
  const written = asset.spec.columns as readonly string[] | undefined
  if (written === undefined) return []
  const known = new Set(written.map((name) => name.toLowerCase()))
  return columnsOfChart(chart)
    .filter(({ name }) => !known.has(name.toLowerCase()))
    .map(({ name, path }) => {
      const similar = closest(name, written)
      const hint = similar === null ? `columns: ${written.join(', ')}` : `did you mean ${similar}?`
      return problem(asset, path, `\`columns:\` does not have ${name}`, hint)
    })
}

function problem(
  asset: Asset,
  path: readonly (string | number)[],
  message: string,
  hint: string,
): Problem {
  return {
    code: 'extract-chart',
    message: `${asset.name}: chart: ${message}`,
    at: { file: asset.file, path: ['assets', asset.name, 'chart', ...path] },
    hint,
    asset: asset.name,
  }
}

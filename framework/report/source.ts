import type { Style } from './style.ts'
import { counted, displayWidth, nextLine, oneLine, pad } from './text.ts'

/** What a source answered to one statement; values are text as the server writes it. */
export interface Answer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
  /** Rows changed, or null for a statement that changes none. */
  readonly affected: number | null
}

/** Tables for what was asked, a count for what was changed. */
export function sqlText(answers: readonly Answer[], style: Style): string {
  const changed = answers.some(({ affected }) => (affected ?? 0) > 0)
  const texts = answers.map((answer) => answerText(answer, style))
  return [...texts, ...(changed ? [nextLine('assets status', style)] : [])].join('\n\n')
}

function answerText({ columns, rows, affected }: Answer, { paint }: Style): string {
  if (columns.length === 0) {
    return affected === null ? 'done' : `${counted(affected, 'row')} changed`
  }
  const cells = rows.map((row) => row.map((value) => (value === null ? 'null' : oneLine(value))))
  const widths = columns.map((name, k) =>
    cells.reduce((widest, row) => Math.max(widest, displayWidth(row[k] ?? '')), displayWidth(name)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((value, k) => pad(value, widths[k] ?? 0))
      .join('  ')
      .trimEnd()
  return [
    paint.bold(line(columns)),
    ...cells.map(line),
    paint.dim(counted(rows.length, 'row')),
  ].join('\n')
}

/** `assets/sql/1`. */
export function sqlJson(answers: readonly Answer[]) {
  return { schema: 'assets/sql/1', answers } as const
}

import { nextLines } from './next.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { counted, displayWidth, oneLine, pad } from './text.ts'

/** The result of one SQL statement. Values are text, as the server writes them. */
export interface StatementResult {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
  /** Rows changed; null for a statement that does not report a count. */
  readonly affected: number | null
}

/** Shows `assets source sql`: a table for a query, a count for a change. */
export const sourceSqlReporter: Reporter<readonly StatementResult[]> = {
  text: sqlText,
  json: sqlJson,
}

function sqlText(results: readonly StatementResult[], style: Style): string {
  const hasChanges = results.some(({ affected }) => (affected ?? 0) > 0)
  const texts = results.map((result) => statementText(result, style))
  return [...texts, ...nextLines(hasChanges ? 'assets status' : null, style)].join('\n\n')
}

function statementText({ columns, rows, affected }: StatementResult, { paint }: Style): string {
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
function sqlJson(answers: readonly StatementResult[]) {
  return { schema: 'assets/sql/1', answers } as const
}

/** Shows `assets source reset`. The result is the name of the connection. */
export const sourceResetReporter: Reporter<string> = {
  text: (connection, style) =>
    [`recreated the source of ${connection}`, ...nextLines('assets status', style)].join('\n\n'),
  json: resetJson,
}

/** `assets/source/1`. */
function resetJson(connection: string) {
  return { schema: 'assets/source/1', connection, reset: true } as const
}

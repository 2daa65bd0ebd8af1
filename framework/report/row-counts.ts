import { counted } from './text.ts'

/** Number of rows by table of the state, as text: the total, and a line for each table that has any. */
export function rowLines(rows: Readonly<Record<string, number>>): {
  readonly total: string
  readonly lines: readonly string[]
} {
  const tables = Object.entries(rows).filter(([, count]) => count > 0)
  const lines = tables.map(([table, count]) => `  ${table.replaceAll('_', ' ').padEnd(14)}${count}`)
  return {
    total: counted(
      tables.reduce((sum, [, count]) => sum + count, 0),
      'row',
    ),
    lines,
  }
}

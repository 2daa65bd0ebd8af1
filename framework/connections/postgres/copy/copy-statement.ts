import type { ColumnExpression } from '../source/column-expression.ts'
import { quoteIdentifier, quoteLiteral } from '../source/sql.ts'

export interface CopyColumn extends ColumnExpression {
  readonly name: string
  /** Whether a value that loses information is kept exactly beside its row. */
  readonly keepsExact: boolean
}

/** What one COPY reads: a table or view, or a part of it. */
export interface CopyQuery {
  /** Qualified and quoted. */
  readonly from: string
  readonly columns: readonly CopyColumn[]
  /** Half-open range of heap pages. `to: null`: up to the end of the table. null: all pages. */
  readonly pages: { readonly from: number; readonly to: number | null } | null
  readonly since: CursorBound | null
  /** Read only the newest row of each key, by the cursor. null if the source has one row for each key. */
  readonly newestByKey: { readonly key: readonly string[]; readonly cursor: string | null } | null
}

/** Rows from a cursor value on. `inclusive` reads the value itself again, which may have new rows. */
export interface CursorBound {
  readonly column: string
  readonly value: string
  readonly inclusive: boolean
  /** An SQL condition: whether the cursor of a row is one that others follow. */
  readonly point: string
  /** Besides, rows that an SQL condition tells to be new: at the value, or below it too. */
  readonly besides: { readonly condition: string; readonly below: boolean } | null
}

/** The COPY statement of a query. With `versions`, each row starts with its xmin. */
export function copyStatement(read: CopyQuery, versions: boolean): string {
  const columns = [...(versions ? ['xmin'] : []), ...read.columns.map(({ sql }) => sql)]
  const distinct =
    read.newestByKey === null ? '' : `distinct on (${quoteAll(read.newestByKey.key)}) `
  const rows = [`select ${distinct}${columns.join(', ')} from ${read.from}`, ...rowsText(read)]
  return `copy (${rows.join(' ')}) to stdout (format binary)`
}

function rowsText({ pages, since, newestByKey }: CopyQuery): readonly string[] {
  const conditions: string[] = []
  if (pages !== null && pages.from > 0) conditions.push(`ctid >= '(${pages.from},0)'`)
  if (pages !== null && pages.to !== null) conditions.push(`ctid < '(${pages.to},0)'`)
  if (since !== null) conditions.push(...sinceTexts(since))
  const text = conditions.length === 0 ? [] : [`where ${conditions.join(' and ')}`]
  if (newestByKey !== null) {
    const last =
      newestByKey.cursor === null ? '' : `, ${quoteIdentifier(newestByKey.cursor)} desc nulls last`
    text.push(`order by ${quoteAll(newestByKey.key)}${last}`)
  }
  return text
}

function sinceTexts({ column, value, inclusive, point, besides }: CursorBound): readonly string[] {
  const compared = (operator: string) =>
    `${quoteIdentifier(column)} ${operator} ${quoteLiteral(value)}`
  const own = compared(inclusive ? '>=' : '>')
  if (besides === null) return [own, point]
  const either = `(${own} or ${besides.condition})`
  return besides.below ? [either, point] : [compared('>='), either, point]
}

const quoteAll = (columns: readonly string[]): string => columns.map(quoteIdentifier).join(', ')

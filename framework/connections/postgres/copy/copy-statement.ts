import type { ColumnExpression } from '../source/column-expression.ts'
import { quoteIdentifier, quoteLiteral } from '../source/sql.ts'

export interface CopyColumn extends ColumnExpression {
  readonly name: string
}

/** What one COPY reads: a table or view, all of it or a part. */
export interface CopyQuery {
  /** Qualified and quoted. */
  readonly from: string
  readonly columns: readonly CopyColumn[]
  /** Half-open range of heap pages; `to: null` is the end, wherever it is by then. */
  readonly pages: { readonly from: number; readonly to: number | null } | null
  readonly since: CursorBound | null
  /** One row for each key, the newestByKey by the cursor, where the source doesn't promise that. */
  readonly newestByKey: { readonly key: readonly string[]; readonly cursor: string | null } | null
}

/** Rows from a cursor value on. A value read before may have got more rows since. */
export interface CursorBound {
  readonly column: string
  readonly value: string
  readonly inclusive: boolean
}

/** The COPY that reads it, behind each row's xmin if asked. */
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
  if (since !== null) {
    const operator = since.inclusive ? '>=' : '>'
    conditions.push(`${quoteIdentifier(since.column)} ${operator} ${quoteLiteral(since.value)}`)
  }
  const text = conditions.length === 0 ? [] : [`where ${conditions.join(' and ')}`]
  if (newestByKey !== null) {
    const last =
      newestByKey.cursor === null ? '' : `, ${quoteIdentifier(newestByKey.cursor)} desc nulls last`
    text.push(`order by ${quoteAll(newestByKey.key)}${last}`)
  }
  return text
}

const quoteAll = (columns: readonly string[]): string => columns.map(quoteIdentifier).join(', ')

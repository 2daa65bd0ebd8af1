import type { ColumnRead } from '../source/column-expression.ts'
import { identifier, literal } from '../source/sql.ts'

export interface ReadColumn extends ColumnRead {
  readonly name: string
}

/** What one COPY reads: a table or view, all of it or a part. */
export interface CopyRead {
  /** Qualified and quoted. */
  readonly from: string
  readonly columns: readonly ReadColumn[]
  /** Half-open range of heap pages; `to: null` is the end, wherever it is by then. */
  readonly pages: { readonly from: number; readonly to: number | null } | null
  readonly since: CursorBound | null
  /** One row for each key, the newest by the cursor, where the source doesn't promise that. */
  readonly newest: { readonly key: readonly string[]; readonly cursor: string | null } | null
}

/** Rows from a cursor value on. A value read before may have got more rows since. */
export interface CursorBound {
  readonly column: string
  readonly value: string
  readonly inclusive: boolean
}

/** The COPY that reads it, behind each row's xmin if asked. */
export function copyText(read: CopyRead, versions: boolean): string {
  const columns = [...(versions ? ['xmin'] : []), ...read.columns.map(({ value }) => value)]
  const distinct = read.newest === null ? '' : `distinct on (${names(read.newest.key)}) `
  const rows = [`select ${distinct}${columns.join(', ')} from ${read.from}`, ...rowsText(read)]
  return `copy (${rows.join(' ')}) to stdout (format binary)`
}

function rowsText({ pages, since, newest }: CopyRead): readonly string[] {
  const conditions: string[] = []
  if (pages !== null && pages.from > 0) conditions.push(`ctid >= '(${pages.from},0)'`)
  if (pages !== null && pages.to !== null) conditions.push(`ctid < '(${pages.to},0)'`)
  if (since !== null) {
    const operator = since.inclusive ? '>=' : '>'
    conditions.push(`${identifier(since.column)} ${operator} ${literal(since.value)}`)
  }
  const text = conditions.length === 0 ? [] : [`where ${conditions.join(' and ')}`]
  if (newest !== null) {
    const last = newest.cursor === null ? '' : `, ${identifier(newest.cursor)} desc nulls last`
    text.push(`order by ${names(newest.key)}${last}`)
  }
  return text
}

const names = (columns: readonly string[]): string => columns.map(identifier).join(', ')

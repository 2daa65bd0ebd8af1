import { stableJson } from '../../lib/json.ts'
import type { ColumnRead } from './column-type.ts'
import { identifier, literal } from './sql.ts'

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

/** How row versions are read. `usual` is the xmin that most rows are thought to have. */
export interface XminRead {
  readonly usual: string | null
}

/** Rows from a cursor value on. A value read before may have got more rows since. */
export interface CursorBound {
  readonly column: string
  readonly value: string
  readonly inclusive: boolean
}

/**
 * True when rows carry a last column that lists values which had to become null. A lone column needs
 * it too, or an empty text would be an empty line.
 */
export const listsChanges = (columns: readonly ColumnRead[]): boolean =>
  columns.length === 1 || columns.some(({ fits }) => fits !== null)

/**
 * The COPY whose output is a spool as `TableLoad` wants it, behind each row's xmin if asked: `null`
 * for rows that have the one given as `usual`, since the text of a number is dear.
 */
export function copyText(read: CopyRead, xmin: XminRead | null = null): string {
  const columns = read.columns.map((column) =>
    column.fits === null ? column.value : `case when ${column.fits} then ${column.value} end`,
  )
  if (listsChanges(read.columns)) columns.push(changesText(read.columns))
  if (xmin !== null) {
    columns.unshift(
      xmin.usual === null ? 'xmin' : `case when xmin <> ${literal(xmin.usual)} then xmin end`,
    )
  }
  const distinct = read.newest === null ? '' : `distinct on (${names(read.newest.key)}) `
  const rows = [`select ${distinct}${columns.join(', ')} from ${read.from}`, ...rowsText(read)]
  return `copy (${rows.join(' ')}) to stdout`
}

/** The rows of some heap pages, as conditions. */
export function onPages({ from, to }: NonNullable<CopyRead['pages']>): readonly string[] {
  return [
    ...(from > 0 ? [`ctid >= '(${from},0)'`] : []),
    ...(to === null ? [] : [`ctid < '(${to},0)'`]),
  ]
}

function rowsText({ pages, since, newest }: CopyRead): readonly string[] {
  const conditions = pages === null ? [] : [...onPages(pages)]
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

/** Null for a row whose values all fit, so that the usual row costs one test and no text. */
function changesText(columns: readonly ReadColumn[]): string {
  const misfits = columns.flatMap(({ name, fits }) =>
    fits === null ? [] : [{ misfit: `not (${fits})`, entry: literal(change(name)) }],
  )
  if (misfits.length === 0) return 'null'
  const any = misfits.map(({ misfit }) => misfit).join(' or ')
  const entries = misfits.map(({ misfit, entry }) => `case when ${misfit} then ${entry} end`)
  return `case when ${any} then '[' || concat_ws(',', ${entries.join(', ')}) || ']' end`
}

/** One entry of Airbyte's `_airbyte_meta.changes` (its protocol's `AirbyteRecordMessageMetaChange`). */
const change = (field: string): string =>
  stableJson({ field, change: 'NULLED', reason: 'DESTINATION_FIELD_SIZE_LIMITATION' })

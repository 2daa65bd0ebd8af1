import type { CsvRecord } from '../../lib/csv.ts'
import type { Cell, ColumnType } from './answers.ts'

/** The rows of a file with typed values. */
export interface TypedRows {
  readonly columns: readonly TypedColumn[]
  readonly rows: readonly (readonly Cell[])[]
}

export interface TypedColumn {
  readonly name: string
  readonly type: ColumnType
  /** The digits behind the point that its numbers have, at least and at most. */
  readonly decimals: readonly [least: number, most: number]
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/
const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])(?:-01)?$/
const TIME = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?$/
const BOOLEAN = /^(?:true|false)$/i

/**
 * Typed values of texts, as a CSV file has them. A column has the narrowest type that fits all of its values; one without
 * values is text. Numbers with more digits than JavaScript keeps, and texts such as `007`, stay text. Pure.
 */
export function typedRows(header: CsvRecord, records: readonly CsvRecord[]): TypedRows {
  const columns = header.map((name, k): TypedColumn => {
    const texts = records.flatMap((record) => record[k] ?? [])
    const type = typeOf(texts)
    const digits = type === 'number' ? texts.map(decimalsOf) : [0]
    const range = digits.reduce<readonly [number, number]>(
      ([least, most], one) => [Math.min(least, one), Math.max(most, one)],
      [digits[0] ?? 0, 0],
    )
    return { name: name ?? '', type, decimals: range }
  })
  const rows = records.map((record) =>
    columns.map(({ type }, k) => typedValue(record[k] ?? null, type)),
  )
  return { columns, rows }
}

function typeOf(texts: readonly string[]): ColumnType {
  if (texts.length === 0) return 'text'
  if (texts.every(isNumber)) return 'number'
  if (texts.every((text) => MONTH.test(text)) && new Set(texts).size > 1) return 'month'
  if (texts.every((text) => DAY.test(text))) return 'date'
  if (texts.every((text) => TIME.test(text) || DAY.test(text))) return 'time'
  return texts.every((text) => BOOLEAN.test(text)) ? 'boolean' : 'text'
}

function isNumber(text: string): boolean {
  if (!NUMBER.test(text)) return false
  return text.length < 16 || text.includes('.') || Number.isSafeInteger(Number(text))
}

function decimalsOf(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

function typedValue(text: string | null, type: ColumnType): Cell {
  if (text === null) return null
  if (type === 'number') return Number(text)
  return type === 'boolean' ? text.toLowerCase() === 'true' : text
}

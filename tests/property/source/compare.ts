import { stableJson } from '../../../framework/lib/json.ts'
import type { StreamColumn } from '../../../framework/ports/warehouse.ts'
import type { MemoryTable } from '../../rig/memory-session.ts'
import type { Image, ImageRow } from './image.ts'

/** A value that the warehouse can't hold: it is null, or near, and named in `_airbyte_meta.changes`. */
const LOST = '∅'

/** Whether a load of both images gives the same rows, as far as a load of the stream can see. */
export function sameContent(recorded: Image, now: Image, isIncremental: boolean): boolean {
  const names = (image: Image) => image.columns.map(({ name }) => name).join('\n')
  if (names(recorded) !== names(now)) return false
  const sees = isIncremental && recorded.identity === now.identity
  const before = recorded.rows.filter(({ passed }) => !sees || !passed)
  const after = now.rows.filter(({ below }) => !sees || !below)
  return (
    missingFrom(
      counted(before.map(({ text }) => text)),
      after.map(({ text }) => text),
    ) === null && before.length === after.length
  )
}

/** How a loaded table differs from its source. */
export interface Difference {
  readonly what: 'lost row' | 'changed row' | 'row that is not in the source' | 'column is missing'
  readonly text: string
}

/** Whether a table that was read in full holds exactly the rows of the source. */
export function compareFull(image: Image, table: MemoryTable): Difference | null {
  const found = compareSeen(image, image.rows, table)
  if (found !== null || image.rows.length === table.rows.length) return found
  const extra = missingFrom(counted(sourceRows(image, image.rows, table)), loadedRows(image, table))
  return { what: 'row that is not in the source', text: extra ?? '' }
}

/** Whether a table that was loaded from a cursor on holds the rows that the load could see. */
export function compareIncremental(image: Image, table: MemoryTable): Difference | null {
  return compareSeen(
    image,
    image.rows.filter(({ below }) => !below),
    table,
  )
}

/** How many rows differ that a load from a cursor on can't see: late, updated and deleted rows. */
export function unseenRows(image: Image, table: MemoryTable): number {
  const loaded = counted(loadedRows(image, table))
  const late = sourceRows(image, image.rows, table).filter((row) => !taken(loaded, row)).length
  return late + Math.max(0, table.rows.length + late - image.rows.length)
}

/**
 * A row that the last load of an append stream read again: it added more copies of it than were written since the
 * load before. `old`: the table before that load.
 */
export function readTwice(
  before: Image,
  image: Image,
  old: MemoryTable,
  table: MemoryTable,
): string | null {
  const seen = new Set(before.rows.map(({ text, version }) => `${version} ${text}`))
  const [kept, written] = [true, false].map((isKept) =>
    image.rows.filter(({ text, version }) => seen.has(`${version} ${text}`) === isKept),
  )
  const copies = counted(loadedRows(image, table))
  const copiesBefore = counted(loadedRows(image, old))
  const times = counted(sourceRows(image, written!, table))
  const inSource = counted(sourceRows(image, image.rows, table))
  for (const row of sourceRows(image, kept!, table)) {
    const added = (copies.get(row) ?? 0) - (copiesBefore.get(row) ?? 0)
    const isMore = (copies.get(row) ?? 0) > (inSource.get(row) ?? 0)
    if (isMore && added > (times.get(row) ?? 0)) return row
  }
  return null
}

function compareSeen(
  image: Image,
  rows: readonly ImageRow[],
  table: MemoryTable,
): Difference | null {
  const columns = new Set(table.columns.map(({ name }) => name))
  const missing = image.columns.find(({ name }) => !columns.has(name))
  if (missing !== undefined) return { what: 'column is missing', text: missing.name }
  const row = missingFrom(counted(loadedRows(image, table)), sourceRows(image, rows, table))
  if (row === null) return null
  const what = table.rows.length < image.rows.length ? 'lost row' : 'changed row'
  return { what, text: `${row}\nloaded:\n${loadedRows(image, table).slice(0, 12).join('\n')}` }
}

/** The first row that `rows` has more often than `counts`; null if there is none. */
function missingFrom(counts: Map<string, number>, rows: readonly string[]): string | null {
  return rows.find((row) => !taken(counts, row)) ?? null
}

/** Whether a row was left, and takes it. */
function taken(counts: Map<string, number>, row: string): boolean {
  const left = counts.get(row) ?? 0
  if (left > 0) counts.set(row, left - 1)
  return left > 0
}

function counted(rows: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1)
  return counts
}

/** The rows of the source in one form with those of the warehouse. */
function sourceRows(
  image: Image,
  rows: readonly ImageRow[],
  table: MemoryTable,
): readonly string[] {
  const types = new Map(table.columns.map(({ name, type }) => [name, type]))
  return rows.map(({ text }) => {
    const values = JSON.parse(text) as readonly (string | null)[]
    return JSON.stringify(
      values.map((value, at) => expected(value, types.get(image.columns[at]!.name))),
    )
  })
}

function loadedRows(image: Image, { columns, rows, changes }: MemoryTable): readonly string[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  return rows.map((row, index) => {
    const entries = JSON.parse(changes[index] ?? '[]') as readonly { readonly field: string }[]
    const changed = new Set(entries.map(({ field }) => field))
    return JSON.stringify(
      image.columns.map(({ name }) =>
        changed.has(name) ? LOST : canonical(row[name] ?? null, types.get(name)),
      ),
    )
  })
}

type Type = StreamColumn['type'] | undefined

/** What the warehouse must hold for a value of the source. */
function expected(value: string | null, type: Type): string | null {
  if (value === null || type === undefined) return value
  switch (type.type) {
    case 'number':
      return isExact(value) ? canonical(value, type) : LOST
    case 'integer':
      return /^-?\d{1,38}$/.test(value) ? value : LOST
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return /^\d{4}-/.test(value) && !value.endsWith(' BC') ? canonical(value, type) : LOST
    case 'time':
      return value.startsWith('24:') ? LOST : canonical(value, type)
    default:
      return canonical(value, type)
  }
}

function canonical(value: string | null, type: Type): string | null {
  if (value === null || type === undefined) return value
  switch (type.type) {
    case 'number':
      return String(Number(value) + 0)
    case 'boolean':
      return value === 't' ? 'true' : value === 'f' ? 'false' : value
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return value.replace(/(\.\d*?)0+(?=\+|$)/, '$1').replace(/\.(?=\+|$)/, '')
    case 'array':
    case 'object':
      return json(value)
    default:
      return value
  }
}

/** The text of JSON without its spacing. Numbers stay as they are written. */
function json(value: string): string {
  return stableJson(JSON.parse(value.replace(/(?<=[[,:]\s*)-?\d[\d.eE+-]*(?=\s*[\],}])/g, '"$&"')))
}

/** Whether a decimal number is what its double prints as. */
function isExact(value: string): boolean {
  const double = Number(value)
  return Number.isFinite(double) && digitsOf(String(double)) === digitsOf(value)
}

/** A decimal number as its digits without zeros around them, and the exponent of the last one. */
function digitsOf(number: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(number) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const short = digits.replace(/0+$/, '')
  if (short === '') return '0'
  return `${sign}${short}e${Number(exponent) - fraction.length + digits.length - short.length}`
}

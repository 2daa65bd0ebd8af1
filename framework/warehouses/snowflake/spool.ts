import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { collectingEarly } from '../../lib/early-collection.ts'
import type { SpooledColumn, SpooledRows } from '../rows-file.ts'
import type { ResultColumn, Statement } from './driver.ts'
import { shownName } from './names.ts'

/** How many bytes go to the file at once. */
const BATCH = 256 * 1024
/** Digits of a whole number that surely fits 64 bits. */
const SAFE_DIGITS = 18

/**
 * Writes the rows of a result to a file as they come in, so that memory stays flat. Rejects with the
 * driver's error, the disk's, or an `AbortError`.
 */
export async function spool(
  statement: Statement,
  path: string,
  signal: AbortSignal,
): Promise<Omit<SpooledRows, 'inOrder'>> {
  const { columns } = statement
  const texts = columns.map(({ type }) => textOf(type))
  const wide = columns.map(() => false)
  let longest = 0

  async function* lines(rows: AsyncIterable<readonly unknown[]>): AsyncGenerator<Buffer> {
    let batch = ''
    for await (const row of rows) {
      let line = ''
      for (const [at, value] of row.entries()) {
        if (value !== null && value !== undefined) {
          const text = texts[at]!(value)
          if (text.length > SAFE_DIGITS) wide[at] = true
          line += quotedText(text)
        }
        line += ','
      }
      if (line.length > longest) longest = Math.max(longest, Buffer.byteLength(line))
      batch += `${line}\n`
      if (batch.length > BATCH) {
        yield Buffer.from(batch)
        batch = ''
      }
    }
    if (batch !== '') yield Buffer.from(batch)
  }

  // The driver makes objects of a whole part of the result at once, tens of megabytes of them.
  await collectingEarly(() =>
    pipeline(statement.rows(), lines, createWriteStream(path), { signal }),
  )
  return { path, longest, columns: columns.map((column, at) => spooled(column, wide[at]!)) }
}

const quotedText = (text: string): string =>
  text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`

/** A point in time as the driver gives it: a date with more than its milliseconds. */
interface Moment extends Date {
  getNanoSeconds(): number
}

/** The text of a value, as DuckDB reads its type. */
function textOf(type: string): (value: unknown) => string {
  switch (type) {
    case 'date':
      return (value) => (value as Date).toISOString().slice(0, 10)
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return (value) => {
        const seconds = (value as Date).toISOString().slice(0, -'.000Z'.length)
        const micros = Math.floor((value as Moment).getNanoSeconds() / 1000)
        return `${seconds}.${String(micros).padStart(6, '0')}`
      }
    case 'binary':
      return (value) => (value as Buffer).toString('hex')
    default:
      return String
  }
}

function spooled(column: ResultColumn, isWide: boolean): SpooledColumn {
  const name = shownName(column.name)
  const cast = (type: string): SpooledColumn => ({
    name,
    type,
    value: (text) => `cast(${text} as ${type})`,
  })
  switch (column.type) {
    case 'fixed':
      if (column.scale > 0) return cast(`DECIMAL(${column.precision},${column.scale})`)
      // All whole numbers are NUMBER(38, 0) here, and few of them need as much.
      return cast(isWide ? 'DECIMAL(38,0)' : 'BIGINT')
    case 'real':
      return cast('DOUBLE')
    case 'boolean':
      return cast('BOOLEAN')
    case 'date':
      return cast('DATE')
    case 'time':
      return cast('TIME')
    case 'timestamp_ntz':
      return cast('TIMESTAMP')
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return {
        name,
        type: 'TIMESTAMP WITH TIME ZONE',
        value: (text) => `cast(${text} || '+00' as timestamptz)`,
      }
    case 'binary':
      return { name, type: 'BLOB', value: (text) => `unhex(${text})` }
    case 'variant':
    case 'object':
    case 'array':
    case 'map':
      return { name, type: 'JSON', value: (text) => `json(${text})` }
    default:
      return cast('VARCHAR')
  }
}

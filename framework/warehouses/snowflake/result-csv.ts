import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { withEarlyCollection } from '../../lib/early-garbage-collection.ts'
import type { CsvColumn, CsvRows } from '../rows-file.ts'
import type { ResultColumn, Statement } from './driver.ts'
import { shownName } from './names.ts'

/** Bytes that are written to the file at once. */
const BATCH = 256 * 1024
/** An integer of this many digits fits into 64 bits. */
const SAFE_DIGITS = 18

/**
 * Writes the rows of a result to a CSV file as they arrive, so memory use stays constant. `onShare` is called with each
 * percent that is done, as a share of 1. Rejects with the driver's error, the disk's, or an `AbortError`.
 */
export async function writeResultCsv(
  statement: Statement,
  path: string,
  signal: AbortSignal,
  onShare: (share: number) => void = () => {},
): Promise<Omit<CsvRows, 'isOrdered'>> {
  const { columns, rowCount } = statement
  const texts = columns.map(({ type }) => textOf(type))
  const wide = columns.map(() => false)
  let longestRow = 0
  let written = 0
  let percent = 0
  const tell = () => {
    const now = rowCount === null ? 0 : Math.floor((100 * written) / rowCount)
    if (now <= percent) return
    percent = now
    onShare(percent / 100)
  }

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
      if (line.length > longestRow) longestRow = Math.max(longestRow, Buffer.byteLength(line))
      batch += `${line}\n`
      written += 1
      if (batch.length > BATCH) {
        tell()
        yield Buffer.from(batch)
        batch = ''
      }
    }
    if (batch !== '') yield Buffer.from(batch)
  }

  // The driver parses a whole chunk of the result at once, tens of megabytes of objects.
  await withEarlyCollection(() =>
    pipeline(statement.rows(), lines, createWriteStream(path), { signal }),
  )
  return { path, longestRow, columns: columns.map((column, at) => csvColumn(column, wide[at]!)) }
}

const quotedText = (text: string): string =>
  text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`

/** A timestamp of the driver: a date with nanoseconds. */
interface DriverTimestamp extends Date {
  getNanoSeconds(): number
}

/** Formats a value of a Snowflake type as the text that DuckDB reads. */
function textOf(type: string): (value: unknown) => string {
  switch (type) {
    case 'date':
      return (value) => (value as Date).toISOString().slice(0, 10)
    case 'timestamp_ntz':
    case 'timestamp_ltz':
    case 'timestamp_tz':
      return (value) => {
        const seconds = (value as Date).toISOString().slice(0, -'.000Z'.length)
        const micros = Math.floor((value as DriverTimestamp).getNanoSeconds() / 1000)
        return `${seconds}.${String(micros).padStart(6, '0')}`
      }
    case 'binary':
      return (value) => (value as Buffer).toString('hex')
    default:
      return String
  }
}

function csvColumn(column: ResultColumn, isWide: boolean): CsvColumn {
  const name = shownName(column.name)
  const cast = (type: string): CsvColumn => ({
    name,
    type,
    toValue: (text) => `cast(${text} as ${type})`,
  })
  switch (column.type) {
    case 'fixed':
      if (column.scale > 0) return cast(`DECIMAL(${column.precision},${column.scale})`)
      // Snowflake's integers are NUMBER(38, 0), but few of them need more than 64 bits.
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
        toValue: (text) => `cast(${text} || '+00' as timestamptz)`,
      }
    case 'binary':
      return { name, type: 'BLOB', toValue: (text) => `unhex(${text})` }
    case 'variant':
    case 'object':
    case 'array':
    case 'map':
      return { name, type: 'JSON', toValue: (text) => `json(${text})` }
    default:
      return cast('VARCHAR')
  }
}

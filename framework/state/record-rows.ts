import type { Materialization } from '../model/record.ts'
import type { Row, Transaction } from './database.ts'
import { decodeRecord, encodeRecord } from './record-codec.ts'
import { decoded, opened, putRow, sealedColumns } from './sealed-rows.ts'

/** Records per page, about a hundred kilobytes of text. */
const PAGE = 1_000

/** A row of the table `records`, with its checksum, which is compared when the record is decoded. */
export type RecordRow = readonly [
  target: string,
  name: string,
  writtenBy: number,
  version: string | null,
  body: string,
  seal: string | null,
]

export const RECORD_COLUMNS = sealedColumns('records')

/** The record in a row of `records`. Throws `state-corrupted`. */
export function recordOf(tx: Transaction, row: RecordRow): Materialization {
  return decoded(tx, `${row[1]} in table records`, bodyOf(tx, row), decodeRecord)
}

/** The text of the record in a row of `records`. Throws `state-corrupted`. */
export function bodyOf(tx: Transaction, row: RecordRow): string {
  return opened<Row>(tx, 'records', row)[4] as string
}

export async function readRecord(
  tx: Transaction,
  target: string,
  name: string,
): Promise<Materialization | null> {
  const [row] = await tx.all<RecordRow>(
    `select ${RECORD_COLUMNS} from records where target = ? and name = ?`,
    [target, name],
  )
  return row === undefined ? null : recordOf(tx, row)
}

export async function putRecord(
  tx: Transaction,
  target: string,
  run: number,
  record: Materialization,
): Promise<void> {
  const { asset, dataVersion } = record
  await putRow(tx, 'records', [target, asset, run, dataVersion, encodeRecord(record)])
}

/** All records of a target, ordered by name, in pages. */
export async function* recordsInPages(
  tx: Transaction,
  target: string,
): AsyncGenerator<readonly RecordRow[]> {
  let last = ''
  for (;;) {
    const page = await tx.all<RecordRow>(
      `select ${RECORD_COLUMNS} from records where target = ? and name > ? order by name limit ${PAGE}`,
      [target, last],
    )
    if (page.length === 0) return
    yield page
    last = page.at(-1)![1]
  }
}

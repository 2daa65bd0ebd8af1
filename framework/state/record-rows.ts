import type { Materialization } from '../model/record.ts'
import type { Transaction } from './database.ts'
import { decodeRecord, encodeRecord } from './record-codec.ts'

/** Records per page, about a hundred kilobytes of text. */
const PAGE = 1_000

/** The name and the encoded record, as in the table `records`. */
export type RecordRow = readonly [name: string, body: string]

export async function readRecord(
  tx: Transaction,
  target: string,
  name: string,
): Promise<Materialization | null> {
  const [row] = await tx.all<[string]>('select body from records where target = ? and name = ?', [
    target,
    name,
  ])
  return row === undefined ? null : decodeRecord(row[0])
}

export async function putRecord(
  tx: Transaction,
  target: string,
  run: number,
  record: Materialization,
): Promise<void> {
  await tx.run(
    `insert into records (target, name, written_by, version, body) values (?, ?, ?, ?, ?)
     on conflict (target, name) do update set
       written_by = excluded.written_by, version = excluded.version, body = excluded.body`,
    [target, record.asset, run, record.dataVersion, encodeRecord(record)],
  )
}

/** All records of a target, ordered by name, in pages. */
export async function* recordsInPages(
  tx: Transaction,
  target: string,
): AsyncGenerator<readonly RecordRow[]> {
  let last = ''
  for (;;) {
    const page = await tx.all<[string, string]>(
      `select name, body from records where target = ? and name > ? order by name limit ${PAGE}`,
      [target, last],
    )
    if (page.length === 0) return
    yield page
    last = page.at(-1)![0]
  }
}

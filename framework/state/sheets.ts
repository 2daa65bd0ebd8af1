import type { Materialization } from '../model/record.ts'
import type { Transaction } from './database.ts'
import { Decoded } from './decoded.ts'
import { type RecordRow, recordsInPages } from './record-table.ts'
import { decodeRecord } from './records.ts'

// Reading a hundred thousand rows takes four times as long as reading the same text in a hundred
// rows. So where a target has very many records, a run that wrote many of them leaves sheets behind:
// the names of a page joined by line ends, and their texts (JSON has no line end inside). A sheet
// holds the records of all runs up to `written_by`; what later runs wrote is read beside it.

/** Rows beside the sheets at which new sheets are worth their writing. */
const LOOSE = 1_000

/** All records of a target, still as text. */
export async function readRecords(
  tx: Transaction,
  target: string,
): Promise<ReadonlyMap<string, Materialization>> {
  const sheets = await tx.all<[string, string]>(
    'select names, bodies from sheets where target = ? order by part',
    [target],
  )
  const places = new Map<string, number>()
  const bodies: string[] = []
  const put = (name: string, body: string) => {
    places.set(name, bodies.length)
    bodies.push(body)
  }
  for (const [names, texts] of sheets) {
    const lines = texts.split('\n')
    names.split('\n').forEach((name, line) => {
      put(name, lines[line]!)
    })
  }
  for (const [name, body] of await looseRecords(tx, target)) put(name, body)
  return new Decoded(places, (place) => decodeRecord(bodies[place]!))
}

/** Writes the sheets anew when many records are younger than they are. */
export async function refreshSheets(tx: Transaction, target: string): Promise<void> {
  const loose = await looseRecords(tx, target)
  if (loose.length <= LOOSE) return
  await tx.run('delete from sheets where target = ?', [target])
  const [newest] = await tx.all<[number]>('select max(written_by) from records where target = ?', [
    target,
  ])
  let part = 0
  for await (const page of recordsInPages(tx, target)) {
    const names = page.map(([name]) => name).join('\n')
    const bodies = page.map(([, body]) => body).join('\n')
    await tx.run(
      'insert into sheets (target, part, written_by, names, bodies) values (?, ?, ?, ?, ?)',
      [target, part, newest![0], names, bodies],
    )
    part += 1
  }
}

async function looseRecords(tx: Transaction, target: string): Promise<readonly RecordRow[]> {
  return tx.all<[string, string]>(
    `select name, body from records
     where target = ? and written_by >
       (select coalesce(max(written_by), 0) from sheets where target = ?)`,
    [target, target],
  )
}

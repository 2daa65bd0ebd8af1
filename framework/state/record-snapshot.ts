import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { LazyMap } from '../lib/lazy-map.ts'
import { NameTable } from '../lib/name-table.ts'
import { bytesOf, numbersIn, pack, unpack } from '../lib/packed-bytes.ts'
import type { RecordTable } from '../model/columns.ts'
import type { Materialization } from '../model/record.ts'
import type { Wanted } from '../ports/state.ts'
import { buildRecordTable } from './build-record-table.ts'
import type { Transaction } from './database.ts'
import { decodeRecord } from './record-codec.ts'
import { type RecordRow, recordsInPages } from './record-rows.ts'

// Where a target has very many records, reading each row costs more than all that is decided with them.
// So a run that wrote many of them leaves a sheet behind: the records of all runs up to `written_by`, as
// columns, and their texts in deflated pages (JSON has no line end inside), which are read when somebody
// asks for records. What later runs wrote is read beside it.

/** Rows beside the sheet at which a new one is worth its writing: so many, and this part of all. */
const REFRESH_AFTER = 100
const REFRESH_AFTER_PART = 0.01

/** Records that are deflated together; a part of those that are read together, so that none is cut. */
const PAGE_RECORDS = 100

export interface StoredRecords {
  readonly records: ReadonlyMap<string, Materialization>
  readonly recordTable: RecordTable | null
}

/** All records of a target, still as text, or those of them that are wanted and all beside the columns. */
export async function readRecords(
  tx: Transaction,
  target: string,
  want: Wanted,
): Promise<StoredRecords> {
  const [sheet, younger, named] = await Promise.all([
    readRecordSnapshot(tx, target, want === 'records' ? 'whole' : 'columns'),
    newerRecords(tx, target),
    typeof want === 'string' ? [] : namedRecords(tx, target, [...want]),
  ])
  const loose = new Map(sheet === 'broken' ? await allRecords(tx, target) : younger)
  if (sheet === 'absent' || sheet === 'broken') {
    return { records: LazyMap.of([...loose], decodeRecord), recordTable: null }
  }
  const { columns, textOf } = sheet
  const { names } = columns
  let newest = columns.newest
  let added = 0
  const replaced = new Set<number>()
  for (const [name, text] of loose) {
    const at = names.find(name)
    if (at >= 0) replaced.add(at)
    else added += 1
    newest = Math.max(newest, decodeRecord(text).finishedAt)
  }
  const known = new Map([...named, ...loose])
  const find = (name: string) => {
    const at = known.has(name) ? -1 : names.find(name)
    const text = at < 0 ? known.get(name) : textOf(at)
    return text === undefined ? undefined : decodeRecord(text)
  }
  const all = () => new Set([...names.texts, ...loose.keys()])
  return {
    records: new LazyMap(names.size + added, all, find),
    recordTable: { ...columns, newest, replaced },
  }
}

/** Writes the sheet anew when many records are younger than it is. */
export async function refreshRecordSnapshot(tx: Transaction, target: string): Promise<void> {
  const [counts] = await tx.all<[number, number, number]>(
    `select count(*), max(written_by), sum(case when written_by >
       (select coalesce(max(written_by), 0) from sheets where target = ?) then 1 else 0 end)
     from records where target = ?`,
    [target, target],
  )
  const [all, newest, loose] = counts!
  if (loose <= Math.max(REFRESH_AFTER, all * REFRESH_AFTER_PART)) return
  const records: Materialization[] = []
  const pages: Uint8Array[] = []
  for await (const page of recordsInPages(tx, target)) {
    const texts = page.map(([, body]) => body)
    for (const text of texts) records.push(decodeRecord(text))
    for (let from = 0; from < texts.length; from += PAGE_RECORDS) {
      const some = texts.slice(from, from + PAGE_RECORDS)
      pages.push(deflateRawSync(some.join('\n'), { level: 1 }))
    }
  }
  await tx.run('delete from sheets where target = ?', [target])
  await tx.run('insert into sheets (target, written_by, columns, pages) values (?, ?, ?, ?)', [
    target,
    newest,
    packColumns(buildRecordTable(records)),
    pack(pages),
  ])
}

function packColumns({ names, words, inputs, plain, newest }: RecordTable): Uint8Array {
  const numbers = [names.starts, words, inputs.starts, inputs.targets].map(bytesOf)
  return pack([Buffer.from(`${newest}`), names.bytes, ...numbers, plain])
}

interface RecordSnapshot {
  readonly columns: RecordTable
  readonly textOf: (row: number) => string | undefined
}

/** The sheet of a target; where there is none, or one that is not whole, records are read one by one. */
async function readRecordSnapshot(
  tx: Transaction,
  target: string,
  want: 'whole' | 'columns',
): Promise<RecordSnapshot | 'absent' | 'broken'> {
  const read = async (what: 'columns' | 'pages') => {
    const sql = `select ${what} from sheets where target = ?`
    const [row] = await tx.all<readonly [Uint8Array]>(sql, [target])
    return row === undefined ? 'absent' : (unpack(row[0]) ?? 'broken')
  }
  const [sections, pages] = await Promise.all([
    read('columns'),
    want === 'whole' ? read('pages') : [],
  ])
  if (typeof sections === 'string') return sections
  if (typeof pages === 'string') return pages
  const [newest, bytes, nameStarts, words, starts, targets, plain] = sections as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  const columns = {
    names: new NameTable(bytes, numbersIn(nameStarts)),
    words: numbersIn(words),
    inputs: { starts: numbersIn(starts), targets: numbersIn(targets) },
    plain,
    newest: Number(newest.toString()),
    replaced: new Set<number>(),
  }
  const opened: (readonly string[])[] = []
  const textOf = (row: number) => {
    if (want !== 'whole') throw new Error('a record is asked for that was not wanted')
    const page = Math.floor(row / PAGE_RECORDS)
    opened[page] ??= inflateRawSync(pages[page]!).toString().split('\n')
    return opened[page][row % PAGE_RECORDS]
  }
  return { columns, textOf }
}

/** A statement's length and its number of values have their bounds; of these, no more than three sizes. */
const NAMES = [500, 50, 1] as const

/** The records of some names. */
async function namedRecords(
  tx: Transaction,
  target: string,
  names: readonly string[],
): Promise<readonly RecordRow[]> {
  const parts: Promise<readonly RecordRow[]>[] = []
  let from = 0
  for (const size of NAMES) {
    const sql = `select name, body from records where target = ? and name in (${places(size)})`
    for (; names.length - from >= size; from += size) {
      parts.push(tx.all<[string, string]>(sql, [target, ...names.slice(from, from + size)]))
    }
  }
  return (await Promise.all(parts)).flat()
}

const places = (count: number) => Array.from({ length: count }, () => '?').join(', ')

/** Records younger than the sheet; all of them where there is none. */
function newerRecords(tx: Transaction, target: string): Promise<readonly RecordRow[]> {
  return tx.all<[string, string]>(
    `select name, body from records where target = ? and written_by >
       (select coalesce(max(written_by), -1) from sheets where target = ?)`,
    [target, target],
  )
}

function allRecords(tx: Transaction, target: string): Promise<readonly RecordRow[]> {
  return tx.all<[string, string]>('select name, body from records where target = ?', [target])
}

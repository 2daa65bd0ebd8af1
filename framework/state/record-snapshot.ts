import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { LazyMap } from '../lib/lazy-map.ts'
import { NameTable } from '../lib/name-table.ts'
import { bytesOf, numbersIn, pack, unpack } from '../lib/packed-bytes.ts'
import type { Materialization } from '../model/record.ts'
import { CodeVersionTable } from '../model/tables/code-version-table.ts'
import { indexRecords, type RecordIndex, RecordTable } from '../model/tables/record-table.ts'
import type { Wanted } from '../ports/state.ts'
import type { Transaction, Value } from './database.ts'
import { decodeRecord } from './record-codec.ts'
import { bodyOf, RECORD_COLUMNS, type RecordRow, recordOf, recordsInPages } from './record-rows.ts'

// With many records, reading each row takes longer than all decisions. So a run that wrote many records
// leaves a record snapshot: the index of the records of all runs up to `written_by`, and their texts
// in deflated pages (one record a line), which are only read when records are requested. Records of
// later runs are read from their rows.
//
// The snapshots are in the table `sheets`, an older name for them.

/** A snapshot is rewritten when more records than both are newer: this many, and this part of all. */
const REFRESH_AFTER = 100
const REFRESH_AFTER_PART = 0.01

/** The largest number of records that are verified at each read. It takes some milliseconds. */
const VERIFY_UP_TO = 5_000

/** Records in a deflated page. Divides the number of records per read, so every page but the last is full. */
const PAGE_RECORDS = 100

/**
 * The records of a target. With `want: 'records'` they are decoded when they are asked for. Otherwise only
 * the wanted ones and those newer than the snapshot can be asked for.
 */
export async function readRecords(
  tx: Transaction,
  target: string,
  want: Wanted,
): Promise<RecordTable> {
  const [snapshot, newer, named] = await Promise.all([
    readRecordSnapshot(tx, target, want === 'records' ? 'whole' : 'index'),
    newerRecords(tx, target),
    typeof want === 'string' ? [] : namedRecords(tx, target, [...want]),
  ])
  const newerRows = byName(snapshot === 'broken' ? await allRecords(tx, target) : newer)
  if (snapshot === 'absent' || snapshot === 'broken') {
    return RecordTable.from(LazyMap.of(newerRows, (row) => recordOf(tx, row)))
  }
  const { index, textOf } = snapshot
  // If the index of a newer record is damaged, it is not found, and the snapshot shows an older one.
  if (index.names.size <= VERIFY_UP_TO) await tx.verify(['records'])
  const { names } = index
  let newest = index.newest
  let added = 0
  const replaced = new Set<number>()
  for (const [name, row] of newerRows) {
    const at = names.find(name)
    if (at >= 0) replaced.add(at)
    else added += 1
    newest = Math.max(newest, recordOf(tx, row).finishedAt)
  }
  const known = new Map([...byName(named), ...newerRows])
  const find = (name: string) => {
    const row = known.get(name)
    if (row !== undefined) return recordOf(tx, row)
    const at = names.find(name)
    const text = at < 0 ? undefined : textOf(at)
    return text === undefined ? undefined : decodeRecord(text)
  }
  const all = () => new Set([...names.texts, ...newerRows.keys()])
  return new RecordTable(names.size + added, all, find, index, replaced, newest)
}

/** Rewrites the snapshot if many records are newer. */
export async function refreshRecordSnapshot(tx: Transaction, target: string): Promise<void> {
  const [counts] = await tx.all<[number, number, number]>(
    `select count(*), max(written_by), sum(case when written_by >
       (select coalesce(max(written_by), 0) from sheets where target = ?) then 1 else 0 end)
     from records where target = ?`,
    [target, target],
  )
  const [all, newest, newer] = counts!
  if (newer <= Math.max(REFRESH_AFTER, all * REFRESH_AFTER_PART)) return
  const records: Materialization[] = []
  const pages: Uint8Array[] = []
  for await (const page of recordsInPages(tx, target)) {
    const texts = page.map((row) => bodyOf(tx, row))
    for (const row of page) records.push(recordOf(tx, row))
    for (let from = 0; from < texts.length; from += PAGE_RECORDS) {
      const some = texts.slice(from, from + PAGE_RECORDS)
      pages.push(deflateRawSync(some.join('\n'), { level: 1 }))
    }
  }
  await tx.run('delete from sheets where target = ?', [target])
  await tx.run('insert into sheets (target, written_by, columns, pages) values (?, ?, ?, ?)', [
    target,
    newest,
    packIndex(indexRecords(records), newest),
    pack(pages),
  ])
}

function packIndex(
  { names, codes, inputs, plain, newest }: RecordIndex,
  writtenBy: number,
): Uint8Array {
  const numbers = [names.starts, codes.words, inputs.starts, inputs.targets].map(bytesOf)
  return pack([Buffer.from(`${newest} ${writtenBy}`), names.bytes, ...numbers, plain])
}

/** Whether the snapshot of a target, if it has one, can be used. */
export async function isSnapshotIntact(tx: Transaction, target: string): Promise<boolean> {
  return (await readRecordSnapshot(tx, target, 'whole')) !== 'broken'
}

interface RecordSnapshot {
  readonly index: RecordIndex
  readonly textOf: (row: number) => string | undefined
}

/**
 * The snapshot of a target. `broken` when its checksum is wrong, or the number of its run is not the one in its bytes;
 * its records are then read from their rows.
 */
async function readRecordSnapshot(
  tx: Transaction,
  target: string,
  want: 'whole' | 'index',
): Promise<RecordSnapshot | 'absent' | 'broken'> {
  const read = (what: string) =>
    tx.all<readonly Value[]>(`select ${what} from sheets where target = ?`, [target])
  const [[indexRow], [pagesRow]] = await Promise.all([
    read('written_by, columns'),
    want === 'whole' ? read('pages') : [],
  ])
  if (indexRow === undefined) return 'absent'
  const sections = unpacked(indexRow[1])
  const pages = want === 'whole' ? unpacked(pagesRow?.[0]) : []
  if (sections === null || pages === null) return 'broken'
  const [numbers, bytes, nameStarts, words, starts, targets, plain] = sections as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  const [newest, writtenBy] = numbers.toString().split(' ').map(Number) as [number, number]
  if (writtenBy !== indexRow[0]) return 'broken'
  const index = {
    names: new NameTable(bytes, numbersIn(nameStarts)),
    codes: new CodeVersionTable(plain.length, numbersIn(words), plain),
    inputs: { starts: numbersIn(starts), targets: numbersIn(targets) },
    plain,
    newest,
  }
  const inflated: (readonly string[])[] = []
  const textOf = (row: number) => {
    if (want !== 'whole') throw new Error('this record was not wanted when the snapshot was read')
    const page = Math.floor(row / PAGE_RECORDS)
    inflated[page] ??= inflateRawSync(pages[page]!).toString().split('\n')
    return inflated[page][row % PAGE_RECORDS]
  }
  return { index, textOf }
}

const unpacked = (value: Value | undefined) => (value instanceof Uint8Array ? unpack(value) : null)

/** Names per statement. Databases limit the values of a statement; few sizes keep prepared statements few. */
const NAMES_PER_STATEMENT = [500, 50, 1] as const

/** The records with these names. */
async function namedRecords(
  tx: Transaction,
  target: string,
  names: readonly string[],
): Promise<readonly RecordRow[]> {
  const parts: Promise<readonly RecordRow[]>[] = []
  let from = 0
  for (const size of NAMES_PER_STATEMENT) {
    const sql = `select ${RECORD_COLUMNS} from records where target = ? and name in (${parameters(size)})`
    for (; names.length - from >= size; from += size) {
      parts.push(tx.all<RecordRow>(sql, [target, ...names.slice(from, from + size)]))
    }
  }
  return (await Promise.all(parts)).flat()
}

const parameters = (count: number) => Array.from({ length: count }, () => '?').join(', ')

/** Records newer than the snapshot; all records without a snapshot. */
function newerRecords(tx: Transaction, target: string): Promise<readonly RecordRow[]> {
  return tx.all<RecordRow>(
    `select ${RECORD_COLUMNS} from records where target = ? and written_by >
       (select coalesce(max(written_by), -1) from sheets where target = ?)`,
    [target, target],
  )
}

function allRecords(tx: Transaction, target: string): Promise<readonly RecordRow[]> {
  return tx.all<RecordRow>(`select ${RECORD_COLUMNS} from records where target = ?`, [target])
}

const byName = (rows: readonly RecordRow[]) => new Map(rows.map((row) => [row[1], row]))

import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { Lookup } from '../lib/lookup.ts'
import { NameTable } from '../lib/name-table.ts'
import { bytesOf, numbersIn, pack, unpack } from '../lib/sections.ts'
import type { Materialization } from '../model/record.ts'
import { CodeVersionTable } from '../model/tables/code-version-table.ts'
import { indexRecords, type RecordIndex, RecordTable } from '../model/tables/record-table.ts'
import type { Wanted } from '../ports/state.ts'
import type { Transaction } from './database.ts'
import { decodeRecord } from './record-codec.ts'
import { type RecordRow, recordsInPages } from './record-table.ts'

// Where a target has very many records, reading each row costs more than all that is decided with them.
// So a run that wrote many of them leaves a sheet behind: the records of all runs up to `written_by`, as
// columns, and their texts in deflated pages (JSON has no line end inside), which are read when somebody
// asks for records. What later runs wrote is read beside it.

/** Rows beside the sheet at which a new one is worth its writing: so many, and this part of all. */
const LOOSE = 100
const LOOSE_PART = 0.01

/** Records that are deflated together; a part of those that are read together, so that none is cut. */
const TOGETHER = 100

/** All records of a target, still as text, or those of them that are wanted and all beside the columns. */
export async function readRecords(
  tx: Transaction,
  target: string,
  want: Wanted,
): Promise<RecordTable> {
  const [sheet, younger, named] = await Promise.all([
    readSheet(tx, target, want === 'records' ? 'whole' : 'index'),
    recordsBeside(tx, target),
    typeof want === 'string' ? [] : recordsNamed(tx, target, [...want]),
  ])
  const loose = new Map(sheet === 'broken' ? await allRecords(tx, target) : younger)
  if (sheet === 'absent' || sheet === 'broken') {
    return RecordTable.from(Lookup.of([...loose], decodeRecord))
  }
  const { index, textOf } = sheet
  const { names } = index
  let newest = index.newest
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
  return new RecordTable(names.size + added, all, find, index, replaced, newest)
}

/** Writes the sheet anew when many records are younger than it is. */
export async function refreshSheets(tx: Transaction, target: string): Promise<void> {
  const [counts] = await tx.all<[number, number, number]>(
    `select count(*), max(written_by), sum(case when written_by >
       (select coalesce(max(written_by), 0) from sheets where target = ?) then 1 else 0 end)
     from records where target = ?`,
    [target, target],
  )
  const [all, newest, loose] = counts!
  if (loose <= Math.max(LOOSE, all * LOOSE_PART)) return
  const records: Materialization[] = []
  const pages: Uint8Array[] = []
  for await (const page of recordsInPages(tx, target)) {
    const texts = page.map(([, body]) => body)
    for (const text of texts) records.push(decodeRecord(text))
    for (let from = 0; from < texts.length; from += TOGETHER) {
      const some = texts.slice(from, from + TOGETHER)
      pages.push(deflateRawSync(some.join('\n'), { level: 1 }))
    }
  }
  await tx.run('delete from sheets where target = ?', [target])
  await tx.run('insert into sheets (target, written_by, columns, pages) values (?, ?, ?, ?)', [
    target,
    newest,
    packIndex(indexRecords(records)),
    pack(pages),
  ])
}

function packIndex({ names, codes, inputs, plain, newest }: RecordIndex): Uint8Array {
  const numbers = [names.starts, codes.words, inputs.starts, inputs.targets].map(bytesOf)
  return pack([Buffer.from(`${newest}`), names.bytes, ...numbers, plain])
}

interface Sheet {
  readonly index: RecordIndex
  readonly textOf: (row: number) => string | undefined
}

/** The sheet of a target; where there is none, or one that is not whole, records are read one by one. */
async function readSheet(
  tx: Transaction,
  target: string,
  want: 'whole' | 'index',
): Promise<Sheet | 'absent' | 'broken'> {
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
  const index = {
    names: new NameTable(bytes, numbersIn(nameStarts)),
    codes: new CodeVersionTable(plain.length, numbersIn(words), plain),
    inputs: { starts: numbersIn(starts), targets: numbersIn(targets) },
    plain,
    newest: Number(newest.toString()),
  }
  const opened: (readonly string[])[] = []
  const textOf = (row: number) => {
    if (want !== 'whole') throw new Error('a record is asked for that was not wanted')
    const page = Math.floor(row / TOGETHER)
    opened[page] ??= inflateRawSync(pages[page]!).toString().split('\n')
    return opened[page][row % TOGETHER]
  }
  return { index, textOf }
}

/** A statement's length and its number of values have their bounds; of these, no more than three sizes. */
const NAMES = [500, 50, 1] as const

/** The records of some names. */
async function recordsNamed(
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
function recordsBeside(tx: Transaction, target: string): Promise<readonly RecordRow[]> {
  return tx.all<[string, string]>(
    `select name, body from records where target = ? and written_by >
       (select coalesce(max(written_by), -1) from sheets where target = ?)`,
    [target, target],
  )
}

function allRecords(tx: Transaction, target: string): Promise<readonly RecordRow[]> {
  return tx.all<[string, string]>('select name, body from records where target = ?', [target])
}

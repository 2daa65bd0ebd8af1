import type { Materialization } from '../model/record.ts'
import type { Version } from '../model/version.ts'
import type { Row, Transaction } from './database.ts'
import { decodeRecord, encodeRecord } from './record-codec.ts'
import { recordOf, recordsInPages } from './record-rows.ts'
import { decoded, opened, openRows, putRow, sealedColumns } from './sealed-rows.ts'
import { type CheckRow, checkResultOf } from './snapshot.ts'

// `why` shows where an old version of an input came from. So a replaced record is kept while another record
// names its version as an input (SEMANTICS 24). Records that none names are pruned from time to time.

/** How many more replaced records than assets there must be before pruning, which reads every record. */
const PRUNE_AFTER = 1_000

/**
 * Keeps a record that is about to be replaced. Records of unchanged builds are not kept: the record that
 * first had the content is kept already.
 */
export async function keepPast(
  tx: Transaction,
  target: string,
  before: Materialization,
): Promise<void> {
  if (before.dataVersion === null || before.how === 'unchanged') return
  const row = [target, before.asset, before.dataVersion, encodeRecord(before)]
  await putRow(tx, 'past_records', row)
}

/** The record of the build that first produced this version of an asset; null when it was pruned. */
export async function findProducer(
  tx: Transaction,
  target: string,
  asset: string,
  version: Version,
): Promise<Materialization | null> {
  const current = await one(tx, 'records', target, asset, version)
  if (current !== null && current.how !== 'unchanged') return current
  return (await one(tx, 'past_records', target, asset, version)) ?? current
}

async function one(
  tx: Transaction,
  table: 'records' | 'past_records',
  target: string,
  asset: string,
  version: Version,
): Promise<Materialization | null> {
  const [row] = await tx.all(
    `select ${sealedColumns(table)} from ${table} where target = ? and name = ? and version = ?`,
    [target, asset, version],
  )
  if (row === undefined) return null
  // The text is the last column.
  const body = opened<Row>(tx, table, row).at(-1)!
  return decoded(tx, `${asset} in table ${table}`, body, decodeRecord)
}

/** Deletes replaced records whose version no record and no check names as an input. */
export async function prunePast(tx: Transaction, target: string): Promise<void> {
  const past = await count(tx, 'past_records', target)
  if (past <= PRUNE_AFTER + (await count(tx, 'records', target))) return
  const named = new Set<string>()
  const name = (input: { readonly name: string; readonly version: Version | null }) =>
    named.add(JSON.stringify([input.name, input.version]))
  for await (const page of recordsInPages(tx, target)) {
    for (const row of page) recordOf(tx, row).inputs.forEach(name)
  }
  for (const row of await openRows<CheckRow>(tx, 'checks', target)) {
    checkResultOf(tx, row).inputs.forEach(name)
  }
  const rows = await tx.all<[string, Version]>(
    'select name, version from past_records where target = ?',
    [target],
  )
  for (const [asset, version] of rows) {
    if (named.has(JSON.stringify([asset, version]))) continue
    await tx.run('delete from past_records where target = ? and name = ? and version = ?', [
      target,
      asset,
      version,
    ])
  }
}

async function count(tx: Transaction, table: 'records' | 'past_records', target: string) {
  const [row] = await tx.all<[number]>(`select count(*) from ${table} where target = ?`, [target])
  return row![0]
}

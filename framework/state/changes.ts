import type { Json } from '../lib/json.ts'
import { leftoverKey } from '../model/leftover.ts'
import type { LeftAt, Materialization } from '../model/record.ts'
import type { StepSummary } from '../model/run.ts'
import type { Version } from '../model/version.ts'
import type { Change, ObservationChange } from '../ports/state.ts'
import type { Row, Transaction } from './database.ts'
import { keepPast } from './history.ts'
import { putRecord, readRecord } from './record-rows.ts'
import { decoded, opened, putRow, sealedColumns } from './sealed-rows.ts'
import { decodeRemembered, type JournalRow } from './snapshot.ts'

/** How many versions of a view are remembered, so data that changes back is recognized. */
const REMEMBERED_KEYS = 8

/** Applies one change of a run to the tables of its target. `now`: milliseconds since the epoch. */
export async function applyChange(
  tx: Transaction,
  target: string,
  run: number,
  change: Change,
  now: number,
): Promise<void> {
  switch (change.change) {
    case 'begin':
      return journal(tx, target, run, change, 'begun', null)
    case 'failed':
      return journal(tx, target, run, change, 'failed', change.message)
    case 'cancelled':
      return journal(tx, target, run, change, 'cancelled', null)
    case 'reference':
      return reference(tx, target, change.name, JSON.stringify(change.reference))
    case 'commit':
      return commit(tx, target, run, change.record)
    case 'checked':
      await putRow(tx, 'checks', [target, change.result.check, JSON.stringify(change.result)])
      return close(tx, target, change.result.check)
    case 'force':
      // `full_refresh` implies `forced`, so it is never replaced by it.
      for (const name of change.names) {
        const where = `excluded.mark = 'full_refresh'`
        await putRow(tx, 'marks', [target, name, change.as], { where, values: [] })
      }
      return
    case 'remember':
      return remember(tx, target, change.asset, change.key, change.version)
    case 'position':
      return position(tx, target, run, change.asset, change.source)
    case 'step':
      return step(tx, target, run, change.step)
    case 'left':
      await putRow(tx, 'leftovers', [
        target,
        leftoverKey(change.leftover),
        JSON.stringify(change.leftover),
      ])
      return
    case 'not_left':
      return notLeft(tx, target, change.at)
    case 'observed':
    case 'change_token':
      return recordObservation(tx, target, change, now)
  }
}

/** Stores an observation. Needs no lease. `now`: milliseconds since the epoch. */
export async function recordObservation(
  tx: Transaction,
  target: string,
  change: ObservationChange,
  now: number,
): Promise<void> {
  switch (change.change) {
    case 'observed': {
      // An observation that took long must not replace newer facts. A time in the future does not
      // prove that a fact is newer (SEMANTICS 26).
      const { at } = change.observation
      const record = await readRecord(tx, target, change.name)
      if (record !== null && record.finishedAt > at && record.finishedAt <= now) return
      const row = [target, change.name, at, JSON.stringify(change.observation)]
      const where = 'excluded.at >= observed.at or observed.at > ?'
      await putRow(tx, 'observed', row, { where, values: [now] })
      return
    }
    case 'change_token':
      if (change.token === null) {
        await tx.run('delete from gates where target = ? and subject = ?', [target, change.subject])
      } else await putRow(tx, 'gates', [target, change.subject, change.token])
  }
}

/**
 * Opens a journal entry or changes its state. It keeps the reference of an earlier attempt until there is a
 * new one: a run that dies in between must not hide the external job that the earlier attempt started.
 */
async function journal(
  tx: Transaction,
  target: string,
  run: number,
  { name, at }: { readonly name: string; readonly at: number },
  state: 'begun' | 'failed' | 'cancelled',
  message: string | null,
): Promise<void> {
  const open = await openEntry(tx, target, name)
  await putRow(tx, 'journal', [target, name, run, at, state, message, open?.[6] ?? 'null'])
}

async function openEntry(tx: Transaction, target: string, name: string) {
  const sql = `select ${sealedColumns('journal')} from journal where target = ? and name = ?`
  const [row] = await tx.all(sql, [target, name])
  return row === undefined ? null : opened<JournalRow>(tx, 'journal', row)
}

async function reference(tx: Transaction, target: string, name: string, text: string) {
  const open = await openEntry(tx, target, name)
  if (open !== null) await putRow(tx, 'journal', [...open.slice(0, 6), text] as Row)
}

async function commit(
  tx: Transaction,
  target: string,
  run: number,
  record: Materialization,
): Promise<void> {
  const before = await readRecord(tx, target, record.asset)
  if (before !== null) await keepPast(tx, target, before)
  await putRecord(tx, target, run, record)
  await close(tx, target, record.asset)
  await tx.run('delete from observed where target = ? and name = ?', [target, record.asset])
}

async function notLeft(tx: Transaction, target: string, at: LeftAt): Promise<void> {
  const key = leftoverKey(at)
  await tx.run('delete from leftovers where target = ? and place = ?', [target, key])
}

async function close(tx: Transaction, target: string, name: string): Promise<void> {
  await tx.run('delete from journal where target = ? and name = ?', [target, name])
  await tx.run('delete from marks where target = ? and name = ?', [target, name])
}

async function position(
  tx: Transaction,
  target: string,
  run: number,
  asset: string,
  source: Json,
): Promise<void> {
  const record = await readRecord(tx, target, asset)
  if (record !== null) await putRecord(tx, target, run, { ...record, source })
}

async function remember(
  tx: Transaction,
  target: string,
  asset: string,
  key: string,
  version: Version,
): Promise<void> {
  const [row] = await tx.all(
    `select ${sealedColumns('remembered')} from remembered where target = ? and asset = ?`,
    [target, asset],
  )
  const text = row === undefined ? '[]' : opened<RememberedRow>(tx, 'remembered', row)[2]
  const known = decoded(tx, `${asset} in table remembered`, text, decodeRemembered)
  const others = known.filter(([other]) => other !== key)
  const versions = [...others, [key, version]].slice(-REMEMBERED_KEYS)
  await putRow(tx, 'remembered', [target, asset, JSON.stringify(versions)])
}

type RememberedRow = readonly [target: string, asset: string, versions: string]

async function step(
  tx: Transaction,
  target: string,
  run: number,
  summary: StepSummary,
): Promise<void> {
  const { name, outcome, startedAt, finishedAt } = summary
  const row = [run, name, Math.round(finishedAt), outcome, JSON.stringify(summary)]
  await putRow(tx, 'steps', row)
  if (outcome !== 'built' && outcome !== 'unchanged' && outcome !== 'checked') return
  await tx.run(
    `insert into durations (target, name, seconds) values (?, ?, ?)
     on conflict (target, name) do update set seconds = excluded.seconds`,
    [target, name, (finishedAt - startedAt) / 1000],
  )
}

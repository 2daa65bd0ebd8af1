import type { Json } from '../lib/json.ts'
import { LazyMap } from '../lib/lazy-map.ts'
import type {
  CheckResult,
  Forced,
  JournalEntry,
  Leftover,
  RecordedObservation,
  StateSnapshot,
} from '../model/record.ts'
import type { Version } from '../model/version.ts'
import type { Wanted } from '../ports/state.ts'
import type { Row, Transaction } from './database.ts'
import { readRecords } from './record-snapshot.ts'
import { decoded, opened, openRows, sealedColumns } from './sealed-rows.ts'
import { isTime, withTimes } from './times.ts'

export type CheckRow = readonly [target: string, name: string, body: string]

/**
 * Tables in which a hidden row can make an asset look fresh: an interrupted build, a forced mark, an observation. An asset
 * without a record is stale, so the records are verified only where a record snapshot would show an older one.
 */
const VERIFIED = ['journal', 'marks', 'observed', 'gates', 'leftovers'] as const

/**
 * Everything recorded for a target. All queries are sent together, so a remote server takes one round trip.
 * `liveRun` gives the run that holds the lease, or null. Throws `state-corrupted`; for a record, a check and a
 * remembered version not before it is read from the snapshot.
 */
export async function readSnapshot(
  tx: Transaction,
  target: string,
  liveRun: () => Promise<number | null>,
  want: Wanted,
): Promise<StateSnapshot> {
  const lazily = async (name: 'checks' | 'remembered') => {
    const sql = `select ${sealedColumns(name)} from ${name} where target = ?`
    return new Map((await tx.all(sql, [target])).map((row) => [row[1] as string, row]))
  }
  const [, live, records, journal, remembered, checks, forced, observed, tokens, leftovers] =
    await Promise.all([
      tx.verify(VERIFIED),
      liveRun(),
      readRecords(tx, target, want),
      openRows<JournalRow>(tx, 'journal', target),
      lazily('remembered'),
      lazily('checks'),
      openRows<readonly [string, string, string]>(tx, 'marks', target),
      openRows<readonly [string, string, number, string]>(tx, 'observed', target),
      openRows<readonly [string, string, string]>(tx, 'gates', target),
      openRows<readonly [string, string, string]>(tx, 'leftovers', target),
    ])
  const observedTexts = new Map(observed.map((row) => [row[1], row]))
  const leftoverTexts = new Map(leftovers.map((row) => [row[1], row]))
  return {
    records,
    checks: LazyMap.of(checks, (row) => checkResultOf(tx, opened<CheckRow>(tx, 'checks', row))),
    journal: new Map(journal.map((row) => [row[1], entryOf(tx, row, live)])),
    forced: new Map(forced.map(([, name, mark]) => [name, forcedOf(tx, name, mark)])),
    remembered: LazyMap.of(remembered, (row) => rememberedOf(tx, row)),
    observed: LazyMap.of(observedTexts, ([, name, , body]) => observationOf(tx, name, body)),
    changeTokens: new Map(tokens.map(([, subject, token]) => [subject, token])),
    leftovers: LazyMap.of(leftoverTexts, ([, place, body]) => leftoverOf(tx, place, body)),
  }
}

// One function for each table decodes a row. Each throws `state-corrupted`; `check-state.ts` calls them all.

export type JournalRow = readonly [
  target: string,
  name: string,
  run: number,
  at: number,
  state: string,
  message: string | null,
  reference: string,
]

/** `live`: the run that holds the lease, or null. */
export function entryOf(
  tx: Transaction,
  [, name, run, at, state, message, reference]: JournalRow,
  live: number | null,
): JournalEntry {
  const place = `${name} in table journal`
  const phase = phaseOf(state, message, run === live)
  if (phase === null) throw tx.damaged(place, `it has the state ${state}`)
  if (!isTime(at)) throw tx.damaged(place, 'its time is not a time that a date has')
  return { name, run, at, phase, reference: decoded(tx, place, reference, parse<Json>) }
}

export function checkResultOf(tx: Transaction, [, name, body]: CheckRow): CheckResult {
  return decoded(tx, `${name} in table checks`, body, (text) =>
    withTimes(parse<CheckResult>(text), ['startedAt', 'finishedAt']),
  )
}

export function forcedOf(tx: Transaction, name: string, mark: string): Forced {
  if (mark === 'forced' || mark === 'full_refresh') return mark
  throw tx.damaged(`${name} in table marks`, `its mark is ${mark}`)
}

/** The known versions under their keys, oldest first. */
export function decodeRemembered(text: string): readonly (readonly [string, Version])[] {
  return JSON.parse(text) as [string, Version][]
}

export function rememberedOf(tx: Transaction, row: Row): ReadonlyMap<string, Version> {
  const [, asset, versions] = opened<CheckRow>(tx, 'remembered', row)
  const toMap = (text: string) => new Map(decodeRemembered(text))
  return decoded(tx, `${asset} in table remembered`, versions, toMap)
}

export function observationOf(tx: Transaction, name: string, body: string): RecordedObservation {
  return decoded(tx, `${name} in table observed`, body, (text) =>
    withTimes(parse<RecordedObservation>(text), ['at']),
  )
}

export function leftoverOf(tx: Transaction, place: string, body: string): Leftover {
  return decoded(tx, `${place} in table leftovers`, body, parse<Leftover>)
}

const parse = <T>(text: string): T => JSON.parse(text) as T

/**
 * The phase of a journal entry; null for an unknown state. An entry begun by the live run is being built now. An entry
 * begun by any other run was interrupted.
 */
function phaseOf(
  state: string,
  message: string | null,
  isLive: boolean,
): JournalEntry['phase'] | null {
  switch (state) {
    case 'begun':
      return { state: isLive ? 'building' : 'begun' }
    case 'failed':
      return { state: 'failed', message: message ?? '' }
    case 'cancelled':
      return { state: 'cancelled' }
    default:
      return null
  }
}

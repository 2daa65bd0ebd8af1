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

/**
 * Everything recorded for a target. All queries are sent together, so a remote server takes one round trip.
 * `liveRun` gives the run that holds the lease, or null.
 */
export async function readSnapshot(
  tx: Transaction,
  target: string,
  liveRun: () => Promise<number | null>,
  want: Wanted,
): Promise<StateSnapshot> {
  const all = <R extends Row>(sql: string) => tx.all<R>(sql, [target])
  const [live, records, journal, remembered, checks, forced, observed, changeTokens, leftovers] =
    await Promise.all([
      liveRun(),
      readRecords(tx, target, want),
      all<[string, number, number, string, string | null, string]>(
        'select name, run, at, state, message, reference from journal where target = ?',
      ),
      all<[string, string]>('select asset, versions from remembered where target = ?'),
      all<[string, string]>('select name, body from checks where target = ?'),
      all<[string, Forced]>('select name, mark from marks where target = ?'),
      all<[string, string]>('select name, body from observed where target = ?'),
      all<[string, string]>('select subject, token from gates where target = ?'),
      all<[string, string]>('select place, body from leftovers where target = ?'),
    ])
  return {
    records,
    checks: LazyMap.of(checks, (body) => JSON.parse(body) as CheckResult),
    journal: new Map(
      journal.map(([name, run, at, state, message, reference]) => [
        name,
        {
          name,
          run,
          at,
          phase: phaseOf(state, message, run === live),
          reference: JSON.parse(reference) as Json,
        },
      ]),
    ),
    forced: new Map(forced),
    remembered: LazyMap.of(
      remembered,
      (versions) => new Map(JSON.parse(versions) as [string, Version][]),
    ),
    observed: LazyMap.of(observed, (body) => JSON.parse(body) as RecordedObservation),
    changeTokens: new Map(changeTokens),
    leftovers: LazyMap.of(leftovers, (body) => JSON.parse(body) as Leftover),
  }
}

/**
 * The phase of a journal entry. An entry begun by the live run is being built now. An entry begun by any
 * other run was interrupted.
 */
function phaseOf(state: string, message: string | null, isLive: boolean): JournalEntry['phase'] {
  switch (state) {
    case 'begun':
      return { state: isLive ? 'building' : 'begun' }
    case 'failed':
      return { state: 'failed', message: message ?? '' }
    case 'cancelled':
      return { state: 'cancelled' }
    default:
      throw new Error(`the journal has a state ${state}`)
  }
}

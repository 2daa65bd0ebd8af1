import type { Json } from '../lib/json.ts'
import type { CodePart } from './definition.ts'
import type { RecordTable } from './tables/record-table.ts'
import type { Shape, Version } from './version.ts'

/** An input as it was seen when a build started; `version: null` is `unknown`. */
export interface RecordedInput {
  readonly name: string
  readonly version: Version | null
  readonly shape: Shape | null
  /** For a virtual input: what it showed then, through however many virtual assets (SEMANTICS 24). */
  readonly under?: readonly { readonly name: string; readonly version: Version | null }[]
}

/** The record of one successful build. Times are milliseconds since the epoch, UTC. */
export interface Materialization {
  readonly asset: string
  readonly run: number
  readonly startedAt: number
  readonly finishedAt: number
  readonly codeVersion: string
  readonly parts: readonly CodePart[]
  readonly inputs: readonly RecordedInput[]
  /** null: unknown, so readers can't compare with it. */
  readonly dataVersion: Version | null
  readonly shape: Shape | null
  /** The definition the warehouse showed for a view after commit, hashed. */
  readonly installed: string | null
  readonly rows: number | null
  readonly bytes: number | null
  /** The warehouse's or the file's cheap change token at commit. */
  readonly token: string | null
  /** What the source looked like when a raw table was loaded; the connection's own JSON. */
  readonly source: Json
  /** The external job that built it (`Airbyte job 9123`), for people. */
  readonly reference: string | null
  /** How the content came here. */
  readonly how: 'built' | 'unchanged' | 'adopted'
}

/** The record of one run of a check. */
export interface CheckResult {
  readonly check: string
  readonly run: number
  readonly startedAt: number
  readonly finishedAt: number
  readonly codeVersion: string
  readonly parts: readonly CodePart[]
  readonly inputs: readonly RecordedInput[]
  readonly outcome: 'pass' | 'warn' | 'fail'
  readonly failures: number | null
  readonly message: string | null
}

/**
 * The open journal entry of a step: begin → (reference) → (written) → commit.
 * A commit closes it, so what is found here was begun and not committed.
 */
export interface JournalEntry {
  readonly name: string
  readonly run: number
  readonly at: number
  readonly phase:
    | { readonly state: 'begun' }
    /** Begun under a run that is alive now. */
    | { readonly state: 'building' }
    | { readonly state: 'failed'; readonly message: string }
    | { readonly state: 'cancelled' }
  /** External reference of the job, as the connection wrote it. */
  readonly reference: Json
}

/** `--force` and `--full-refresh` mark the named assets until a commit clears the mark (SEMANTICS 15). */
export type Forced = 'forced' | 'full_refresh'

/** The subject under which the warehouse's proof token is kept between commands. */
export const WAREHOUSE_TOKEN = 'warehouse'

/** Everything a target's state says, read once for one decision. */
export interface StateSnapshot {
  readonly records: RecordTable
  readonly checks: ReadonlyMap<string, CheckResult>
  readonly journal: ReadonlyMap<string, JournalEntry>
  readonly forced: ReadonlyMap<string, Forced>
  /** Content version of a view under a key (SEMANTICS 3), by `asset` then key. */
  readonly remembered: ReadonlyMap<string, ReadonlyMap<string, Version>>
  /** The last observation of each external (SEMANTICS 9). */
  readonly observed: ReadonlyMap<string, RecordedObservation>
  /** Cheap proof tokens, by subject (`warehouse`, `source:dvd_rental`). */
  readonly changeTokens: ReadonlyMap<string, string>
}

export interface RecordedObservation {
  readonly at: number
  /** null: unreadable or unknown then. */
  readonly version: Version | null
  readonly shape: Shape | null
  readonly token: string | null
  readonly present: boolean
}

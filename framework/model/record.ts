import type { Json } from '../lib/json.ts'
import type { CodePart, Definition } from './definition.ts'
import type { RecordTable } from './tables/record-table.ts'
import type { Shape, Version } from './version.ts'

/** An input at the start of a build. `version: null` is `unknown`. */
export interface RecordedInput {
  readonly name: string
  readonly version: Version | null
  readonly shape: Shape | null
  /** For a virtual input: the assets that it showed then, through other virtual assets (SEMANTICS 24). */
  readonly under?: readonly { readonly name: string; readonly version: Version | null }[]
}

/**
 * Why what existed before this program counts as built: its definition is the installed one, or a person vouched for it
 * (SEMANTICS 43).
 */
export type AdoptedBecause = 'definition' | 'vouched'

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
  /** Hash of the definition that the warehouse showed for a view after the commit. */
  readonly installed: string | null
  readonly rows: number | null
  readonly bytes: number | null
  /** The change token of the table or file at the commit. */
  readonly token: string | null
  /** The source position of the load of a raw table, in the connection's own JSON. */
  readonly source: Json
  /** The external job that built it (`Airbyte job 9123`), for people. */
  readonly reference: string | null
  /** How the content came here. */
  readonly how: 'built' | 'unchanged' | 'adopted'
  /** Of an asset that was adopted without a record: why that was right. Absent if drift was adopted. */
  readonly because?: AdoptedBecause
  /** The files that it wrote, relative to the project root. Absent for a relation, and in older records. */
  readonly outputs?: readonly string[]
  /** How a relation was built. Absent for files, and in older records. */
  readonly accumulates?: Definition['accumulates']
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
 * The open journal entry of a step: begin → (reference) → (written) → commit. A commit closes the
 * entry, so every entry in a snapshot is of a step that was begun and not committed.
 */
export interface JournalEntry {
  readonly name: string
  readonly run: number
  readonly at: number
  readonly phase:
    | { readonly state: 'begun' }
    /** Begun by a run that is alive now. */
    | { readonly state: 'building' }
    | { readonly state: 'failed'; readonly message: string }
    | { readonly state: 'cancelled' }
  /** External reference of the job, as the connection wrote it. */
  readonly reference: Json
}

/** The option with which an asset was forced. Recorded until a commit of the asset (SEMANTICS 15). */
export type Forced = 'forced' | 'full_refresh'

/** Where something was left: a relation of the warehouse, or a file relative to the project root. */
export interface LeftAt {
  readonly is: 'relation' | 'file'
  readonly place: string
}

/**
 * A relation or a file that an asset filled before it moved (SEMANTICS 27). The state keeps it from the
 * commit at the new place until it is found to be gone, is dropped, or is filled by an asset again.
 */
export interface Leftover extends LeftAt {
  readonly asset: string
  /** The run that committed the asset at another place. */
  readonly run: number
  /** Whether the asset was built on its own content, which may exist nowhere else; null if not known. */
  readonly accumulates: Definition['accumulates'] | null
  /** The last record of the asset at the old place: what is there if nobody changed it. */
  readonly record: Materialization
}

/** The subject under which the state keeps the change token of the whole warehouse. */
export const WAREHOUSE_TOKEN = 'warehouse'

/** The subject with the names of the assets of which that token proves nothing, as JSON. */
export const WAREHOUSE_EXCEPT = 'warehouse_except'

/** Everything that the state holds for a target, read once for all decisions of a command. */
export interface StateSnapshot {
  readonly records: RecordTable
  readonly checks: ReadonlyMap<string, CheckResult>
  readonly journal: ReadonlyMap<string, JournalEntry>
  readonly forced: ReadonlyMap<string, Forced>
  /** Content version of a view under a key (SEMANTICS 3), by `asset` then key. */
  readonly remembered: ReadonlyMap<string, ReadonlyMap<string, Version>>
  /** The last observation of each external (SEMANTICS 9). */
  readonly observed: ReadonlyMap<string, RecordedObservation>
  /**
   * Change tokens by subject: `warehouse`, `source:dvd_rental`; for `words:film`, what its comments hold; for
   * `first_build:film`, the run that was to build it.
   */
  readonly changeTokens: ReadonlyMap<string, string>
  /** What moved assets left at their old places, by `leftoverKey` (SEMANTICS 27). */
  readonly leftovers: ReadonlyMap<string, Leftover>
}

export interface RecordedObservation {
  readonly at: number
  /** Of an external: the code version then, which covers its path or relation. Absent in older ones. */
  readonly codeVersion?: string
  /** null: the asset was unreadable, or its version was unknown. */
  readonly version: Version | null
  readonly shape: Shape | null
  readonly token: string | null
  readonly present: boolean
  /** Why it is not known whether it changed, if the source said that it did. Absent in older ones. */
  readonly because?: string
}

import type { Json } from '../lib/json.ts'
import type { RunOutcome } from '../model/event.ts'
import type { Result } from '../model/problem.ts'
import type {
  CheckResult,
  Forced,
  Materialization,
  RecordedObservation,
  StateSnapshot,
} from '../model/record.ts'
import type { RunDetail, RunSavings, RunSummary, StepSummary } from '../model/run.ts'
import type { OutcomeCounts } from '../model/step.ts'
import type { Version } from '../model/version.ts'

/** Which records a snapshot is read with. */
export type Wanted = 'records' | 'index' | ReadonlySet<string>

export interface StateReader {
  /**
   * Everything recorded for a target, as one consistent read. `index`: of the records only their
   * index, if there is one; a set of names: the index and these records.
   */
  snapshot(target: string, want?: Wanted): Promise<Result<StateSnapshot>>
  /** Newest first. */
  runs(target: string, limit: number): Promise<Result<readonly RunSummary[]>>
  run(id: number): Promise<Result<RunDetail | null>>
  /** A past record that some record still names as an input, for `why`; null when it is gone. */
  producer(target: string, asset: string, version: Version): Promise<Result<Materialization | null>>
  /** Seconds each asset and check took when it last ran: the estimate and the critical path. */
  durations(target: string): Promise<Result<ReadonlyMap<string, number>>>
}

export interface StateWriter {
  /** One run at a time per target. `busy` names the owner. A dead owner on this host is replaced. */
  acquire(request: LeaseRequest): Promise<Result<Lease | Busy>>
  /** Facts that need no lease: observations that a `status` made. Never a record. */
  recordObservations(target: string, notes: readonly ObservationChange[]): Promise<Result<void>>
  close(): Promise<void>
}

export interface State extends StateReader, StateWriter {}

/** Carries all that one state holds of a target over to another; tells how many rows of what. */
export type CopyState = (
  from: State,
  to: State,
  request: {
    readonly target: string
    /** Throws away what is there; a state that holds something is refused otherwise. */
    readonly replace: boolean
    /** Of the origin, so that nothing moves meanwhile. */
    readonly lease: Lease
  },
) => Promise<Result<Readonly<Record<string, number>>>>

export interface LeaseRequest {
  readonly target: string
  /** What was asked for, for `runs`: `materialize fact_payment`. */
  readonly command: string
  readonly job: string | null
}

export interface Busy {
  readonly busy: true
  readonly run: number
  readonly host: string
  readonly pid: number
  readonly since: number
}

/** The right to run on a target. Its fencing number is checked in every write. */
export interface Lease {
  readonly busy: false
  readonly run: number
  /**
   * All changes or none. What is asked for in one turn of the event loop may be written together, in
   * order, at its end. Problems: `lease-lost` when another run has taken over; disk full.
   */
  write(changes: readonly Change[]): Promise<Result<void>>
  /** Ends the run and gives the lease back. */
  release(end: {
    readonly outcome: RunOutcome
    readonly counts: OutcomeCounts
    readonly savings?: RunSavings
  }): Promise<Result<void>>
}

/** A change of state, made only by the holder of the lease. `name` is an asset or a check. */
export type Change =
  | { readonly change: 'begin'; readonly name: string; readonly at: number }
  | { readonly change: 'reference'; readonly name: string; readonly reference: Json }
  /** Closes the journal entry, clears the mark and what was observed since. */
  | { readonly change: 'commit'; readonly record: Materialization }
  | { readonly change: 'checked'; readonly result: CheckResult }
  | {
      readonly change: 'failed'
      readonly name: string
      readonly at: number
      readonly message: string
    }
  | { readonly change: 'cancelled'; readonly name: string; readonly at: number }
  | { readonly change: 'force'; readonly names: readonly string[]; readonly as: Forced }
  | {
      readonly change: 'remember'
      readonly asset: string
      readonly key: string
      readonly version: Version
    }
  /** A newer source position that was proved equal to the recorded one. */
  | { readonly change: 'position'; readonly asset: string; readonly source: Json }
  | { readonly change: 'step'; readonly step: StepSummary }
  | ObservationChange

export type ObservationChange =
  | {
      readonly change: 'observed'
      readonly name: string
      readonly observation: RecordedObservation
    }
  /** `token: null` forgets it: the next command looks for itself. */
  | { readonly change: 'change_token'; readonly subject: string; readonly token: string | null }

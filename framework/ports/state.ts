import type { Json } from '../lib/json.ts'
import type { ProcessId } from '../lib/process-identity.ts'
import type { RunOutcome } from '../model/event.ts'
import type { Result } from '../model/problem.ts'
import type {
  CheckResult,
  Forced,
  LeftAt,
  Leftover,
  Materialization,
  RecordedObservation,
  StateSnapshot,
} from '../model/record.ts'
import type { RunDetail, RunSavings, RunSummary, StepSummary } from '../model/run.ts'
import type { OutcomeCounts } from '../model/step.ts'
import type { Version } from '../model/version.ts'

/** Which records a snapshot contains. */
export type Wanted = 'records' | 'index' | ReadonlySet<string>

export interface StateReader {
  /**
   * Everything recorded for a target, in one consistent read. `index`: only the index of the records, if
   * the state has one. A set of names: the index and these records.
   */
  snapshot(target: string, want?: Wanted): Promise<Result<StateSnapshot>>
  /** Newest first. */
  runs(target: string, limit: number): Promise<Result<readonly RunSummary[]>>
  run(id: number): Promise<Result<RunDetail | null>>
  /** A past record that another record still names as its input, for `why`; null when it was deleted. */
  producer(target: string, asset: string, version: Version): Promise<Result<Materialization | null>>
  /** What happened in a run after the event `after` (0: everything that is kept), and how far it is. */
  watch(run: number, after: number): Promise<Result<Watched>>
  /** The last steps of an asset or check, newest first. */
  steps(target: string, name: string, limit: number): Promise<Result<readonly PastStep[]>>
  /** Seconds each asset and check took when it last ran: the estimate and the critical path. */
  durations(target: string): Promise<Result<ReadonlyMap<string, number>>>
}

/** An event of a run. Its number counts from 1 within the run; `text` is JSON. */
export interface LoggedEvent {
  readonly seq: number
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly text: string
}

/** How far a run is at a time, in milliseconds since the epoch. `text`: JSON. */
export interface Progress {
  readonly at: number
  readonly text: string
}

export interface Watched {
  readonly events: readonly LoggedEvent[]
  /** null if the run has ended, or has reported none. */
  readonly progress: Progress | null
}

/** A step, and the run that it was part of. */
export interface PastStep {
  readonly run: number
  readonly step: StepSummary
}

export interface StateWriter {
  /**
   * At most one run holds the lease of a target. `busy` names the owner. An owner that died on this machine is
   * replaced once the request says that what it left running has ended; one elsewhere at once.
   */
  acquire(request: LeaseRequest): Promise<Result<Lease | Busy | Abandoned>>
  /** Writes observations without a lease, for `status`. Never writes a record. */
  recordObservations(target: string, notes: readonly ObservationChange[]): Promise<Result<void>>
  close(): Promise<void>
}

export interface State extends StateReader, StateWriter {}

export interface LeaseRequest {
  readonly target: string
  /** The command line, for `runs`: `materialize fact_payment`. */
  readonly command: string
  readonly job: string | null
  /** The run whose programs have ended: `Abandoned.run`. */
  readonly after?: number
}

/** The run that holds the lease died on this machine, and may have left programs running. */
export interface Abandoned {
  readonly busy: 'abandoned'
  readonly run: number
  readonly owner: ProcessId
  /** The program that was started last for each step that was begun and not ended, where there is one. */
  readonly programs: ReadonlyMap<string, ProcessId | null>
}

export interface Busy {
  readonly busy: true
  readonly run: number
  readonly host: string
  readonly pid: number
  readonly since: number
  /** Its heartbeat is dated in the future: whether it is alive shows within a minute, to who asks again. */
  readonly isUnsure: boolean
}

/** The right to run on a target. Its fencing number is checked in every write. */
export interface Lease {
  readonly busy: false
  readonly run: number
  /**
   * Writes all changes or none. Calls in one turn of the event loop may be combined into one write at
   * its end, in their order. Problems: `lease-lost` when another run holds the lease now; disk full.
   */
  write(changes: readonly Change[]): Promise<Result<void>>
  /**
   * Notes what happened in the run, and how far it is, for those who watch it. It is written within a second, and at the
   * end of the run. Nothing is decided by it, so what can't be written is lost.
   */
  note(event: LoggedEvent | null, progress: Progress | null): void
  /** Ends the run and releases the lease. */
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
  /** Also closes the journal entry and deletes the forced mark and older observations. */
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
  /** An asset is committed at another place, in the same write. */
  | { readonly change: 'left'; readonly leftover: Leftover }
  /** What was left there is gone, or an asset fills the place. */
  | { readonly change: 'not_left'; readonly at: LeftAt }
  | ObservationChange

export type ObservationChange =
  | {
      readonly change: 'observed'
      readonly name: string
      readonly observation: RecordedObservation
    }
  /** `token: null` deletes the token, so the next command observes every asset. */
  | { readonly change: 'change_token'; readonly subject: string; readonly token: string | null }

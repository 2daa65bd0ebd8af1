import type { Result } from '../model/problem.ts'
import type { Lease, State } from './state.ts'

/** Number of rows by table. */
export type RowCounts = Readonly<Record<string, number>>

/** Damage that was found in a state. */
export interface StateDamage {
  /** What is damaged: `film in table records`, or a table. */
  readonly place: string
  readonly detail: string
}

export interface StateCheck {
  readonly rows: RowCounts
  /** At most a hundred. */
  readonly damage: readonly StateDamage[]
}

export interface Pruned {
  readonly runs: number
  readonly steps: number
  /** Start of the oldest run that is left, in milliseconds since the epoch; null without runs. */
  readonly oldest: number | null
}

/** What is done with a whole state, beside what runs do with it. `target: null`: with all targets in it. */
export interface StateTools {
  /** Copies everything that one state holds for a target to another. Returns the number of rows by table. */
  copy(
    from: State,
    to: State,
    request: {
      readonly target: string
      /** Deletes the target's rows in the destination first. Without it, a destination with rows is refused. */
      readonly replace: boolean
      /** The lease of the origin, so that no run changes it meanwhile. */
      readonly lease: Lease
    },
  ): Promise<Result<RowCounts>>
  /** Copies a consistent moment of a state to an empty one, also while a run is writing. */
  backup(from: State, to: State, target: string | null): Promise<Result<RowCounts>>
  /**
   * Replaces what a state holds by what a backup holds (SEMANTICS 49). Problems: `busy` while a run is alive,
   * `state-run-numbers`, those of the databases.
   */
  restore(
    backup: State,
    into: State,
    request: { readonly target: string | null; readonly command: string },
  ): Promise<Result<RowCounts>>
  /** Reads every row of every table. Problems: what keeps the state from being read at all. */
  check(state: State): Promise<Result<StateCheck>>
  /** Deletes runs, with their steps, that began before a time (milliseconds since the epoch). Deletes nothing with `isDry`. */
  prune(
    state: State,
    request: { readonly target: string; readonly before: number; readonly isDry: boolean },
  ): Promise<Result<Pruned>>
}

import type { Json } from '../lib/json.ts'
import type { Asset } from '../model/asset.ts'
import type { Check, Definition } from '../model/definition.ts'
import type { Measured, Phase } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { JournalEntry, Materialization } from '../model/record.ts'
import type { Action } from '../model/step.ts'
import type { Reason } from '../model/verdict.ts'
import type { Shape, Version } from '../model/version.ts'

// What a run hands to a kind, and what the kind reports back.

/** An asset and what its kind made of it for the target. */
export interface DefinedAsset {
  readonly asset: Asset
  readonly definition: Definition
}

/** Steps that one external call serves, in topological order. */
export interface Batch {
  readonly run: number
  readonly number: number
  readonly steps: readonly BatchStep[]
  /**
   * Aborted by the first Ctrl-C, and when a step exceeds its `timeout:`. Cancel the work in progress,
   * report unfinished steps as cancelled, and return.
   */
  readonly signal: AbortSignal
  /** Called for everything that the call writes besides the outputs of its steps, in order. */
  readonly onSideWrite: (write: SideWrite) => void
  readonly onWait: OnWait
}

/**
 * Called when a whole call waits for something else than before, such as a program that starts: in one line, for
 * people. null: it waits no more. The end of the call ends its wait, too.
 */
export type OnWait = (message: string | null) => void

/**
 * A statement of a call that may write to other relations than its step's: a hook, an operation, a
 * statement inside a model.
 */
export interface SideWrite {
  /**
   * The relations, in lower case and with repeats: `schema.name`, or `name` if the statement says no
   * schema. null: it may write any.
   */
  readonly relations: readonly string[] | null
  /** What sends it, for messages: "on-run-end of shop", "the hooks or SQL of orders"; null: not known. */
  readonly by: string | null
  /** Whether it is over before the first step starts. */
  readonly isBeforeSteps: boolean
  /** The steps that were built before it, and whether their versions were taken before it, too. */
  readonly built: ReadonlyMap<string, 'measured' | 'unmeasured'>
}

export interface BatchStep {
  readonly name: string
  readonly action: Action
  readonly full: boolean
  readonly reasons: readonly Reason[]
  /** Steps of the same batch that must succeed before this one starts: its inputs, and the checks that gate it. */
  readonly after: readonly string[]
  readonly subject:
    | ({
        readonly is: 'asset'
        readonly record: Materialization | null
        /** The address of each direct input; null for an input without a relation. */
        readonly inputs: ReadonlyMap<string, Shape | null>
        /** The last commit of what it reads, through virtual assets; null if that is not known. */
        readonly inputsCommitted: Committed | null
        /** Set if an earlier run began this step and did not commit it. */
        readonly unfinished: Unfinished | null
        /**
         * A load that began at or after this moment is recent enough for the freshness policy; null
         * without a policy. Milliseconds since the epoch.
         */
        readonly freshSince: number | null
      } & DefinedAsset)
    | { readonly is: 'check'; readonly check: Check }
}

/** A commit: its run, and when the work ended, in milliseconds since the epoch. */
export interface Committed {
  readonly run: number
  readonly at: number
}

/** When the uncommitted step began, and the external reference of the job it started. */
export type Unfinished = Pick<JournalEntry, 'at' | 'reference'>

/** What a build produced, or what a measurement found. */
export interface Product {
  /** null: can't be known. */
  readonly version: Version | null
  readonly shape: Shape | null
  readonly installed: string | null
  readonly rows: number | null
  readonly bytes: number | null
  readonly token: string | null
  readonly source: Json
  readonly reference: string | null
}

/**
 * What a kind reports while it builds. `started` is the journal's begin: await it before the first
 * side effect. `built` and `checked` are commits: dependents are released when they resolve.
 */
export type StepReport =
  | { readonly step: 'started'; readonly name: string }
  | { readonly step: 'reference'; readonly name: string; readonly reference: Json }
  /** A started step begins another phase, or has got further. `message`: a sentence with its numbers, for people. */
  | ({ readonly step: 'progress'; readonly name: string } & Progress)
  /** What the log of the run should keep, such as why a stream is read in full. */
  | { readonly step: 'note'; readonly name: string; readonly message: string }
  /** The external work is done and only the measurement is left: the next step may start. */
  | { readonly step: 'worked'; readonly name: string }
  | {
      readonly step: 'built'
      readonly name: string
      readonly product: Product
      /** When the work began, if that was before this step: milliseconds since the epoch. */
      readonly startedAt?: number
      /** When the work ended, if it is reported later: milliseconds since the epoch. */
      readonly endedAt?: number
      /**
       * Relations of side writes of this step, named as there, that its content does not depend on: it
       * writes them and does not read them.
       */
      readonly unread?: readonly string[]
    }
  | {
      readonly step: 'checked'
      readonly name: string
      readonly result: 'pass' | 'warn' | 'fail'
      readonly failures: number | null
      readonly problem: Problem | null
      readonly endedAt?: number
    }
  | {
      readonly step: 'failed'
      readonly name: string
      readonly problem: Problem
      /** All steps that fail with this problem, if their call failed as a whole: the same list for each of them. */
      readonly together?: readonly string[]
    }
  /** Skipped by the external program because an earlier step of the same call failed. */
  | { readonly step: 'skipped'; readonly name: string; readonly by: string | null }
  /** `detail`: the output up to then. */
  | { readonly step: 'cancelled'; readonly name: string; readonly detail?: string }

/** What a step does now, and how far it has got. */
export interface Progress {
  readonly phase: Phase
  readonly message: string
  readonly amount?: Measured
}

export type Report = (report: StepReport) => Promise<void>

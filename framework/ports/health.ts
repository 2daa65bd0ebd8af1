import type { HealthFact } from '../model/health-fact.ts'
import type { AdapterSettings } from '../model/project.ts'
import type { Stream } from '../model/stream.ts'
import type { Site } from './site.ts'

/** What of a target is examined, and what it may be asked with. */
export interface HealthSubject {
  readonly settings: AdapterSettings
  readonly site: Site
  /** The streams that arrive by the connection; for a warehouse, all that arrive in it. */
  readonly streams: readonly Stream[]
  /** Aborted when nobody waits for facts any more. */
  readonly signal: AbortSignal
  /** Waits between two readings, in milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>
}

/**
 * One thing that can be silent without the others being so. `part` names it beside the adapter's other
 * ones; null for the adapter itself.
 */
export interface Examination {
  readonly part: string | null
  /**
   * Facts as they are found; what was found before a deadline counts. Throws a `ProblemError` for
   * what ends the examination: a wrong setting, nobody there, a login that is refused.
   */
  readonly facts: AsyncIterable<HealthFact>
}

/** How an adapter looks at itself. Changes nothing, makes nothing, and shows no secret of a driver's. */
export type Examine = (patient: HealthSubject) => readonly Examination[]

/** How a kind looks at the tools that it builds with. */
export type ExamineTools = (site: Site, signal: AbortSignal) => AsyncIterable<HealthFact>

import type { HealthFact } from '../model/health-fact.ts'
import type { AdapterSettings } from '../model/project.ts'
import type { Stream } from '../model/stream.ts'
import type { ShownIn } from './kind.ts'
import type { Site } from './site.ts'

/** What an examination is about and may use. */
export interface HealthSubject {
  readonly settings: AdapterSettings
  readonly site: Site
  /** The streams of the connection; for a warehouse, those of all connections. */
  readonly streams: readonly Stream[]
  /** Of a service that shows results: what assets name there. */
  readonly shown: readonly ShownIn[]
  /** Aborted when the examination's facts are not needed any more. */
  readonly signal: AbortSignal
  /** Waits between two readings, in milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>
}

/**
 * The examination of one part of an adapter. A part that does not answer does not delay the others.
 * `part` is its name; null for the adapter as a whole.
 */
export interface Examination {
  readonly part: string | null
  /**
   * Facts as they are found. Facts found before a deadline count. Throws a `ProblemError` when the
   * examination can't continue: a wrong setting, no answer, a refused login.
   */
  readonly facts: AsyncIterable<HealthFact>
  /** True if it reads so much of this machine that it has no deadline. */
  readonly isPatient?: true
}

/** Examines an adapter. Changes and creates nothing. Facts contain no secret from a driver's messages. */
export type Examine = (subject: HealthSubject) => readonly Examination[]

/** Examines the tools that a kind builds with. */
export type ExamineTools = (site: Site, signal: AbortSignal) => AsyncIterable<HealthFact>

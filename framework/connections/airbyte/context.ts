import type { Clock } from '../../ports/site.ts'
import type { Timers } from '../timers.ts'
import type { AirbyteApi, InternalApi } from './api.ts'
import type { JobReference } from './job.ts'

/** What one connection needs to probe and to sync; it lives as long as the process. */
export interface AirbyteContext {
  readonly api: AirbyteApi
  readonly internal: InternalApi
  readonly timers: Timers
  readonly clock: Clock
  readonly notice: (message: string) => void
  /** Jobs that this process started, by id. */
  readonly ownJobs: Map<number, JobReference>
}

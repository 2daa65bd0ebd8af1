import type { Json } from '../../lib/json.ts'
import type { Result } from '../../model/problem.ts'
import type { Clock } from '../../ports/site.ts'
import type { Timers } from '../timers.ts'
import type { Client } from './client.ts'
import type { TableauProject } from './content.ts'
import type { TableauSettings } from './settings.ts'

/** What the work of one connection shares. */
export interface TableauContext {
  readonly settings: TableauSettings
  readonly client: Client
  /** The project and the target of the YAML, for what people read at Tableau. */
  readonly projectName: string
  readonly targetName: string
  readonly timers: Timers
  readonly clock: Clock
  /** All projects of the site, read once. */
  projects(): Promise<Result<readonly TableauProject[]>>
  /** The last references that this process wrote into the journal, by asset. */
  readonly begun: Map<string, Json>
  /** The assets that publish in this command, by project and name of their data sources. */
  readonly publishers: Map<string, string>
}

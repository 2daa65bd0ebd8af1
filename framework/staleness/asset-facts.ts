import type { Asset } from '../model/asset.ts'
import type { Definition } from '../model/definition.ts'
import type { Observation } from '../model/observation.ts'
import type { Forced, JournalEntry, Materialization, RecordedObservation } from '../model/record.ts'

/** All that is known of one asset, apart from its inputs. */
export interface AssetFacts {
  readonly asset: Asset
  /** null while it is not known yet (dbt's project was not read). */
  readonly definition: Definition | null
  readonly record: Materialization | null
  readonly journal: JournalEntry | null
  readonly forced: Forced | null
  /** What was found now; null when nobody looked. */
  readonly observation: Observation | null
  /** What was found last, when that was after the record. */
  readonly lastObserved: RecordedObservation | null
}

import type { Json } from '../lib/json.ts'
import type { Freshness, KindName } from './asset.ts'
import type { Words } from './words.ts'

/**
 * How an asset exists once built.
 * - `stored`: holds data (a table, a file).
 * - `view`: an object that shows its inputs; virtual.
 * - `ephemeral`: no object, part of its readers' SQL; virtual.
 * - `external`: built by others, only observed.
 */
export type Form = 'stored' | 'view' | 'ephemeral' | 'external'

/** A named ingredient of a code version, so that `why` can name the one that changed. */
export interface CodePart {
  /** As people call it: `model`, `config`, `macro cents`, `var start_date`. */
  readonly label: string
  readonly version: string
  /** The file that it is in, relative to the project root. */
  readonly file?: string
  /** Why it counts, if the code does not name it. */
  readonly because?: string
}

/** What a kind makes of a declared asset for one target: everything that deciding and building need. */
export interface Definition {
  readonly asset: string
  readonly kind: KindName
  readonly form: Form
  readonly codeVersion: string
  readonly parts: readonly CodePart[]
  /** Whether it is built on top of its previous content (SEMANTICS 10). */
  readonly accumulates: 'no' | 'incremental' | 'snapshot'
  /** `schema.table` in the target's warehouse; `schema.name()` of a function. */
  readonly relation: string | null
  /**
   * Files it writes, relative to the project root. With a relation, that is a view over the one file,
   * folder or URL; an empty text stands for a place that is not known (SEMANTICS 30).
   */
  readonly outputs: readonly string[]
  /** Assets that one external call builds together share a unit (SEMANTICS 11). */
  readonly unit: string | null
  /** What `data_version: default` and `on_drift: default` mean here. */
  readonly dataVersion: 'content' | 'derived' | 'change_token' | 'always_new'
  readonly onDrift: 'rebuild' | 'adopt'
  /** Set if its content also depends on a source outside the graph. */
  readonly readsSource?: true
  /** The column that a probe of its source goes by, if that is no proof (SEMANTICS 38). */
  readonly cursor?: string
  /** The freshness policy of an asset that declares none: for sources that can't be probed. */
  readonly freshness?: Freshness
  /** Set if its SQL is worked out from the data of its inputs. A view then depends on that data (SEMANTICS 4c). */
  readonly isRenderedFromData?: true
  /** True if its code depends on the current time, so that equal inputs can give other content. */
  readonly clock: boolean
  /** Set if comments in the warehouse must hold words. */
  readonly words?: Words
  /** What the kind needs to build it: dbt's unique_id, the stream. */
  readonly build: Json
}

/** A test of the data that assets hold: a node without data (SEMANTICS 17). */
export interface Check {
  readonly name: string
  readonly kind: KindName
  readonly reads: readonly string[]
  readonly severity: 'error' | 'warn'
  readonly codeVersion: string
  readonly parts: readonly CodePart[]
  /** True if it depends on the current time: it runs in every run. */
  readonly clock: boolean
  /** True for a unit test: only code makes it stale. */
  readonly codeOnly: boolean
  readonly file: string | null
  /** The asset whose `checks: {block: never}` keeps this check from blocking. */
  readonly waivedBy?: string
  readonly build: Json
}

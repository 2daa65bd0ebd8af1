import type { Json } from '../lib/json.ts'
import type { Freshness, KindName } from './asset.ts'

/**
 * How an asset exists once built.
 * - `stored`: holds data of its own (table, file).
 * - `view`: an object that shows its inputs; virtual.
 * - `ephemeral`: no object at all, part of its readers' SQL; virtual.
 * - `external`: somebody else builds it.
 */
export type Form = 'stored' | 'view' | 'ephemeral' | 'external'

/** A named ingredient of a code version, so that `why` can say which one changed. */
export interface CodePart {
  /** What a person calls it: `model`, `config`, `macro cents`, `var start_date`. */
  readonly label: string
  readonly version: string
  /** The file it stands in, relative to the project root. */
  readonly file?: string
}

/** What a kind makes of a declared asset for one target: all that deciding and building needs. */
export interface Definition {
  readonly asset: string
  readonly kind: KindName
  readonly form: Form
  readonly codeVersion: string
  readonly parts: readonly CodePart[]
  /** Whether it builds on its own content (SEMANTICS 10). */
  readonly accumulates: 'no' | 'incremental' | 'snapshot'
  /** `schema.table` in the target's warehouse. */
  readonly relation: string | null
  /** Files it writes, relative to the project root. */
  readonly outputs: readonly string[]
  /** Assets that one external call can't build apart share a unit. */
  readonly unit: string | null
  /** What `data_version: default` and `on_drift: default` mean here. */
  readonly dataVersion: 'content' | 'derived' | 'change_token' | 'always_new'
  readonly onDrift: 'rebuild' | 'adopt'
  /** The freshness policy where the asset declares none: for sources that can't be probed. */
  readonly freshness?: Freshness
  /** True when its code names the clock, so that equal inputs may give other content. */
  readonly clock: boolean
  /** Whatever the kind needs at build time (dbt's unique_id, the stream). */
  readonly build: Json
}

/** A check: a node without data that reads assets and passes, warns or fails (SEMANTICS 17). */
export interface Check {
  readonly name: string
  readonly kind: KindName
  readonly reads: readonly string[]
  readonly severity: 'error' | 'warn'
  readonly codeVersion: string
  readonly parts: readonly CodePart[]
  /** Names the clock: it runs in every run. */
  readonly clock: boolean
  /** Follows code only (a unit test). */
  readonly codeOnly: boolean
  readonly file: string | null
  /** The asset whose `checks: {block: never}` lets what is below go on, whatever this one says. */
  readonly waivedBy?: string
  readonly build: Json
}

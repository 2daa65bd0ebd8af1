import type { Json } from '../lib/json.ts'

/** How an asset is built: the name of a kind that `registries.ts` lists. */
export type KindName = string
/** Until config/ takes them from the registry. */
export const KIND_NAMES = ['airbyte', 'dbt', 'extract', 'command', 'external'] as const

/** When a source that can't be probed counts as too old. Times in milliseconds. */
export type Freshness =
  | { readonly maxAge: number }
  | { readonly cron: string; readonly timezone: string }

/** What a user may decide about one asset, whatever its kind. Defaults are filled in by `config/`. */
export interface Policy {
  readonly freshness: Freshness | null
  readonly dataVersion: 'default' | 'content' | 'derived' | 'change_token' | 'always_new'
  readonly volatileColumns: readonly string[]
  readonly onDrift: 'default' | 'rebuild' | 'adopt'
  readonly onCode: 'full_refresh' | 'keep_history'
  /** Pins the code version by hand. */
  readonly codeVersion: string | null
  /**
   * How often to try again after a failure. null where nobody said: then it is tried again a few times
   * after one that may pass. Whoever says a number says it also of commands that fail and of timeouts.
   */
  readonly retries: number | null
  /** The longest that one try may take, in milliseconds, or null for any time. */
  readonly timeout: number | null
  /** At most as many steps of a pool as it has places run at once; null for none. */
  readonly pool: string | null
  /** `never`: a failing check that reads it is told, and holds back nothing below. */
  readonly checks: { readonly block: 'error' | 'never' }
}

/** An asset as declared in YAML: plain data, the same whatever the target. */
export interface Asset {
  readonly name: string
  readonly kind: KindName
  readonly deps: readonly string[]
  readonly group: string | null
  readonly owners: readonly string[]
  /** `tags: [a, b]` gives `{a: '', b: ''}`; `tags: {tier: gold}` gives its pairs. */
  readonly tags: Readonly<Record<string, string>>
  readonly description: string
  readonly policy: Policy
  /** The keys that belong to the kind, as its declaration validated them. */
  readonly spec: Readonly<Record<string, Json>>
  /** The YAML file, relative to the project root. Its place there is `['assets', name]`. */
  readonly file: string
}

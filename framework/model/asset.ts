import type { Json } from '../lib/json.ts'

/** The name of a kind of asset: a folder in `kinds/`. The registered declarations say which exist. */
export type KindName = string

/** When an asset is stale although no change was detected. Times in milliseconds. */
export type Freshness =
  | { readonly maxAge: number }
  | { readonly cron: string; readonly timezone: string }

/** The settings that every kind of asset has. `config/` fills in the defaults. */
export interface Policy {
  readonly freshness: Freshness | null
  readonly dataVersion: 'default' | 'content' | 'derived' | 'change_token' | 'always_new'
  readonly volatileColumns: readonly string[]
  readonly onDrift: 'default' | 'rebuild' | 'adopt'
  readonly onCode: 'full_refresh' | 'keep_history'
  /** Replaces the computed code version. */
  readonly codeVersion: string | null
  /**
   * Attempts after the first one. A number applies to every failure, also to failed commands and
   * timeouts. null: a few attempts, and only after transient failures.
   */
  readonly retries: number | null
  /** The longest time for one attempt, in milliseconds; null for no limit. */
  readonly timeout: number | null
  /** The pool that limits how many steps run at once; null for none. */
  readonly pool: string | null
  /** `never`: a failed check of this asset is reported but does not block what is below. */
  readonly checks: { readonly block: 'error' | 'never' }
}

/**
 * Where a key of a policy is set: below the asset or `defaults:` in YAML, in the asset's own project (`meta.assets` of
 * dbt), or in `policies:`, by its index there.
 */
export type PolicySource = 'asset' | 'defaults' | 'found' | number

/** The policy of an asset whose YAML has no settings. */
export const NO_POLICY: Policy = {
  freshness: null,
  dataVersion: 'default',
  volatileColumns: [],
  onDrift: 'default',
  onCode: 'full_refresh',
  codeVersion: null,
  retries: null,
  timeout: null,
  pool: null,
  checks: { block: 'error' },
}

/** An asset as declared in YAML: plain data, the same on every target. */
export interface Asset {
  readonly name: string
  readonly kind: KindName
  readonly deps: readonly string[]
  readonly group: string | null
  readonly owners: readonly string[]
  /** `tags: [a, b]` becomes `{a: '', b: ''}`; `tags: {tier: gold}` is not changed. */
  readonly tags: Readonly<Record<string, string>>
  readonly description: string
  readonly policy: Policy
  /** Where each key of the policy is set, by its name in YAML; absent if none is. */
  readonly policyFrom?: Readonly<Record<string, PolicySource>>
  /** The kind's own keys, validated by its declaration. */
  readonly spec: Readonly<Record<string, Json>>
  /** The YAML file, relative to the project root. The pointer's path there is `['assets', name]`. */
  readonly file: string
}

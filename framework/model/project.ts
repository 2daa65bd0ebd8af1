import type { Json } from '../lib/json.ts'
import type { KindName, Policy } from './asset.ts'
import type { Pointer } from './location.ts'
import type { Selector } from './selector.ts'
import type { AssetTable } from './tables/asset-table.ts'

/** The settings of one adapter. `type` is the adapter's name; its declaration defines `settings`. */
export interface AdapterSettings {
  readonly type: string
  readonly settings: Readonly<Record<string, Json>>
  /** Where it is declared: `['targets', 'local', 'warehouse']`. */
  readonly at: Pointer
  /** The settings that contain `${…}`, in a `Project` only. A resolved target has none. */
  readonly placeholders?: readonly Placeholder[]
  /** What a whole secret setting comes from, in a resolved target, by its key: `SNOWFLAKE_PRIVATE_KEY`, `secret prod#key`. */
  readonly origins?: Readonly<Record<string, string>>
}

/** A setting that contains `${…}`, and the type it must have once the variables are filled in. */
export interface Placeholder {
  readonly path: readonly (string | number)[]
  /** A list: one of these texts. */
  readonly expects: 'text' | 'number' | 'boolean' | readonly string[]
}

/** The warehouse in which the tool of a kind builds, as that tool is configured: `{from: dbt}`. */
export interface WarehouseFrom {
  readonly from: KindName
  /** Where it is declared, or what implies it. */
  readonly at: Pointer
}

/** An environment to build in. In a `Project`, its settings still contain `${…}`. */
export interface Target {
  readonly name: string
  readonly warehouse: AdapterSettings | WarehouseFrom | null
  readonly connections: Readonly<Record<string, AdapterSettings>>
  readonly state: AdapterSettings
  /** Ask for confirmation on a terminal before building here. */
  readonly confirm: boolean
}

/** A target with its variables filled in. */
export interface ResolvedTarget extends Target {
  /** Values that must never be printed. */
  readonly secrets: readonly string[]
}

/** An entry of `policies:`. */
export interface PolicyRule {
  readonly select: string
  readonly exclude: string | null
  /** What it sets. */
  readonly policy: Partial<Policy>
  /** The names of its keys in YAML. */
  readonly keys: readonly string[]
  readonly at: Pointer
}

export interface Job {
  readonly name: string
  readonly select: string
  readonly exclude: string | null
  readonly target: string | null
  /** Five-field cron, for an external scheduler. `assets` does not schedule. */
  readonly schedule: string | null
  readonly at: Pointer
}

/** The section `dbt:`. */
export interface DbtSettings {
  readonly projectDir: string
  /** The output of the profile to use in every target; null: the one with the target's name, or the default. */
  readonly target: string | null
  /** Replaces `profile` of dbt_project.yml. */
  readonly profile: string | null
  /** `all`: every enabled node of dbt is an asset, unless `select` or `exclude` leave it out. */
  readonly models: 'all' | 'declared'
  /** In dbt's own grammar; null for all. */
  readonly select: readonly string[] | null
  readonly exclude: readonly string[]
  readonly vars: Readonly<Record<string, Json>>
  /** A Python or a virtual environment with dbt, as written; `own` for the one that assets creates; null if unset. */
  readonly python: string | null
  /** The file that dbt's own environment is created from, as written: of every target, or by warehouse type. */
  readonly requirements: string | Readonly<Record<string, string>> | null
}

/** What all YAML files of a project say, validated, with defaults filled in. */
export interface Project {
  readonly name: string
  readonly defaultTarget: string
  readonly targets: Readonly<Record<string, Target>>
  readonly assets: AssetTable
  /** In the order of the file. */
  readonly policies: readonly PolicyRule[]
  readonly jobs: Readonly<Record<string, Job>>
  /** Slots of each pool: how many of its steps may run at once. */
  readonly pools: Readonly<Record<string, number>>
  /** `selectors:` by name. */
  readonly selectors: Readonly<Record<string, Selector>>
  readonly dbt: DbtSettings | null
  /** The YAML files, relative to the root, `assets.yaml` first. */
  readonly files: readonly string[]
}

/** Whether a warehouse is stated in YAML. */
export function isStated(warehouse: Target['warehouse']): warehouse is AdapterSettings {
  return warehouse !== null && 'type' in warehouse
}

/** Whether a warehouse is taken from the tool of a kind. */
export function isTaken(warehouse: Target['warehouse']): warehouse is WarehouseFrom {
  return warehouse !== null && 'from' in warehouse
}

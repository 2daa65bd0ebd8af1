import type { Json } from '../lib/json.ts'
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
}

/** A setting that contains `${…}`, and the type it must have once the variables are filled in. */
export interface Placeholder {
  readonly path: readonly (string | number)[]
  /** A list: one of these texts. */
  readonly expects: 'text' | 'number' | 'boolean' | readonly string[]
}

/** An environment to build in. In a `Project`, its settings still contain `${…}`. */
export interface Target {
  readonly name: string
  readonly warehouse: AdapterSettings | null
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
  readonly jobs: Readonly<Record<string, Job>>
  /** Slots of each pool: how many of its steps may run at once. */
  readonly pools: Readonly<Record<string, number>>
  /** `selectors:` by name. */
  readonly selectors: Readonly<Record<string, Selector>>
  readonly dbt: DbtSettings | null
  /** The YAML files, relative to the root, `assets.yaml` first. */
  readonly files: readonly string[]
}

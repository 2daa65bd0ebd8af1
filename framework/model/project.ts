import type { Json } from '../lib/json.ts'
import type { Pointer } from './location.ts'
import type { Selector } from './selector.ts'
import type { AssetTable } from './tables/asset-table.ts'

/** Settings of one adapter as YAML gives them: `type` names its folder, the rest is the adapter's own. */
export interface AdapterSettings {
  readonly type: string
  readonly settings: Readonly<Record<string, Json>>
  /** Where it was declared: `['targets', 'local', 'warehouse']`. */
  readonly at: Pointer
  /** In a `Project`, what must come out of the strings that hold `${VAR}`; absent once resolved. */
  readonly placeholders?: readonly Placeholder[]
}

/** A string in settings that holds `${VAR}`, and what it has to be once that is filled in. */
export interface Placeholder {
  readonly path: readonly (string | number)[]
  /** A list names the only texts allowed. */
  readonly expects: 'text' | 'number' | 'boolean' | readonly string[]
}

/** A place to build in. In a `Project` its strings still hold `${VAR}`; in a resolved target none do. */
export interface Target {
  readonly name: string
  readonly warehouse: AdapterSettings | null
  readonly connections: Readonly<Record<string, AdapterSettings>>
  readonly state: AdapterSettings
  /** Ask on a terminal before building here. */
  readonly confirm: boolean
}

/** A target whose variables are filled in, with the values that must never be shown. */
export interface ResolvedTarget extends Target {
  readonly secrets: readonly string[]
}

export interface Job {
  readonly name: string
  readonly select: string
  readonly exclude: string | null
  readonly target: string | null
  /** Five-field cron, for whoever schedules it; `assets` itself never waits for it. */
  readonly schedule: string | null
  readonly at: Pointer
}

/** What all YAML files of a project say, validated, with defaults filled in. */
export interface Project {
  readonly name: string
  readonly defaultTarget: string
  readonly targets: Readonly<Record<string, Target>>
  readonly assets: AssetTable
  readonly jobs: Readonly<Record<string, Job>>
  /** How many steps of each pool may run at once. */
  readonly pools: Readonly<Record<string, number>>
  /** `selectors:` by name. */
  readonly selectors: Readonly<Record<string, Selector>>
  readonly dbt: { readonly projectDir: string } | null
  /** The YAML files it was read from, relative to the root, `assets.yaml` first. */
  readonly files: readonly string[]
}

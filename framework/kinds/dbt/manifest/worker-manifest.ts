import type { Json } from '../../../lib/json.ts'
import type { Words } from '../../../model/words.ts'
import type { EnvWords } from '../code-version/env-names.ts'

/**
 * What the worker reports about a parsed project (`manifest_facts` in worker_manifest.py). Files are
 * relative to their package.
 */
export interface ManifestFacts {
  readonly dbt: string
  /** The type of the profile's output: `duckdb`, `snowflake`. */
  readonly adapter: string
  /** The key of the profile's output that leads dbt to another warehouse than the target's; null: none. */
  readonly elsewhere: Elsewhere | null
  /** Name of the root package. */
  readonly project: string
  /** The project and its installed packages, without those that are part of dbt. */
  readonly packages: Readonly<
    Record<string, { readonly root: string; readonly vars: Readonly<Record<string, Json>> }>
  >
  /** Folders that dbt reads, those of packages too, relative to the project. */
  readonly paths: readonly string[]
  /** Where packages are installed. */
  readonly packages_folder: string
  /** Variables of the environment that dbt read while it parsed the project. */
  readonly env_vars: readonly string[]
  /** Those that it read for the profile, credentials among them. */
  readonly profile_env_vars: readonly string[]
  /** Those that templates name, wherever in them. */
  readonly template_env_vars: readonly string[]
  /** Words from which templates may compose further names; null if none does. */
  readonly env_words: EnvWords | null
  /** unique_id of the macro of each materialization in use. */
  readonly materializations: Readonly<Record<string, string | null>>
  /** `dispatch:` of dbt_project.yml. */
  readonly dispatch: readonly { readonly macro_namespace: string; readonly search_order: Json }[]
  /** Digests of the settings that any SQL can notice, by label: of the profile, flags, the time zone. */
  readonly settings: Readonly<Record<string, string>>
  /** Digests of the keys of dbt's `target`. */
  readonly target: Readonly<Record<string, string>>
  /** The values of the flags and constants of dbt that a template reads, as JSON. */
  readonly flags: Readonly<Record<string, string>>
  /** A digest of all manifest entries; null if no template reads the graph. */
  readonly graph: string | null
  readonly nodes: readonly NodeFacts[]
  /** The unique_ids that `select:` and `exclude:` choose; null for all. */
  readonly selected: readonly string[] | null
  readonly tests: readonly TestFacts[]
  readonly unit_tests: readonly UnitTestFacts[]
  /** The `on-run-start` statements, of packages too. */
  readonly hooks: readonly HookFacts[]
  readonly sources: readonly SourceFacts[]
  readonly readers: readonly ReaderFacts[]
  readonly macros: readonly MacroFacts[]
  readonly disabled: readonly { readonly name: string; readonly file: string }[]
}

/** A key of an output in dbt's profile, with its value and the one that the target's warehouse needs. */
export interface Elsewhere {
  readonly key: string
  readonly value: string
  readonly wanted: string
  /** Whether the value continues with parameters, which may hold a token. */
  readonly is_cut: boolean
}

export interface CommonFacts {
  /** dbt's unique_id. */
  readonly id: string
  readonly name: string
  readonly package: string
  readonly file: string
  /** unique_ids of what it reads. */
  readonly parents: readonly string[]
  readonly selection: SelectionFields
}

/** What is used only by selections. */
export interface SelectionFields {
  readonly fqn: readonly string[]
  /** The YAML file that describes it, relative to its package. */
  readonly patch: string | null
  readonly tags: readonly string[]
  readonly group: string | null
  readonly access: string | null
  readonly latest_version: string | number | null
}

/** What code versions are made from (worker_code.py). */
export interface CodeFacts {
  /** dbt's own keys without empty values; other keys as they are. */
  readonly config: Readonly<Record<string, Json>>
  /** null for a seed. */
  readonly template: TemplateFacts | null
  /** Hooks, and strings with Jinja in the configuration and the arguments. */
  readonly strings: readonly TemplateFacts[]
  /** unique_ids of the macros that dbt found in it. */
  readonly macros: readonly string[]
  /** Names of the macros that dbt composes from the strategy of an incremental model or a snapshot. */
  readonly strategies: readonly string[]
  /** A digest of what its names mean: the same text can name other nodes, tables and macros. */
  readonly references: string
  /** Digests of the fields of its manifest entry; empty if no template of the project reads such fields. */
  readonly entry: Readonly<Record<string, string>>
}

/** One template, as Jinja's own parser reads it (worker_templates.py). */
export interface TemplateFacts {
  /** Digest of its syntax tree, with all text between the Jinja. */
  readonly exact: string
  /** Its text in pieces; null for a macro, and if text of it is used as a value. */
  readonly pieces: readonly Piece[] | null
  readonly reads: Reads
}

/**
 * Text, or Jinja between two texts. `output` is an expression: `level` says how far its output can reach
 * in SQL (worker_outputs.py). `open`, `else` and `close` delimit the branches of `if` and `for`.
 */
export type Piece =
  | string
  | { readonly is: 'output'; readonly code: string; readonly level: 0 | 1 | 2 }
  | { readonly is: 'statement' | 'open' | 'else' | 'close'; readonly code: string }

/** What a template reads besides its inputs. */
export interface Reads {
  /** Names of `var()`, `env_var()`, `config.get()`, fields of `model`, keys of `target`, flags. */
  readonly vars: readonly string[]
  readonly env: readonly string[]
  readonly config: readonly string[]
  readonly model: readonly string[]
  readonly target: readonly string[]
  readonly flags: readonly string[]
  /** `name`, `package.name`, or `package.*` for every macro of a package. */
  readonly macros: readonly string[]
  /** Names and namespaces passed to `adapter.dispatch`; the namespace `*` is computed. */
  readonly dispatched: readonly (readonly [string, string | null])[]
  /** Words in the constants and in the text, from which names of variables could be composed. */
  readonly strings: readonly string[]
  readonly words: readonly string[]
  /** What can't be traced to names. */
  readonly wide: readonly Wide[]
  /** Whether it names the clock. */
  readonly clock: boolean
  /** Whether it asks the warehouse for data while dbt renders it. */
  readonly data: boolean
  /** Whether relations are part of the text only, or also used as values. */
  readonly relations: 'none' | 'plain' | 'values'
}

/** A read that could be of anything of one kind. */
export interface Wide {
  /** Relative to the project root; the node's own file if it is not set. */
  readonly file?: string
  readonly what: 'macros' | 'vars' | 'env' | 'entry' | 'target' | 'graph' | 'everything'
  readonly because: string
  readonly line: number
}

export interface NodeFacts extends CommonFacts, CodeFacts {
  readonly resource: 'model' | 'seed' | 'snapshot' | 'function'
  /** null: the target's own one. */
  readonly database: string | null
  readonly schema: string
  readonly alias: string
  /** As dbt renders it, with its quotes; null for an ephemeral. */
  readonly relation_name: string | null
  readonly language: string
  readonly version: string | number | null
  readonly latest: boolean
  /** Columns and constraints, if a contract enforces them. */
  readonly columns: readonly Json[]
  readonly documented: readonly DocumentedFacts[]
  /** Its text, if it may name files; else null. */
  readonly naming: string | null
  /**
   * Where an external materialization writes: a path relative to the dbt project or a URL; empty if it
   * could not be worked out. null for any other materialization.
   */
  readonly location: string | null
  /** Arguments and type of a function; null for any other node. */
  readonly signature: Json
  /** What `persist_docs` writes into comments (worker_words.py). */
  readonly words: Words | null
  readonly about: About
}

/** A column in the project's YAML: name, type, description. */
export type DocumentedFacts = readonly [name: string, type: string | null, description: string]

/** What an asset shows of a node or a source besides its code (worker_about.py). */
export interface About {
  readonly description: string
  readonly tags: readonly string[]
  readonly group: string | null
  /** From `meta.owner`, or of its group. */
  readonly owners: readonly string[]
  /** `meta.assets`: settings as below `assets:` in YAML; null for none. */
  readonly settings: Readonly<Record<string, Json>> | null
}

export interface TestFacts extends CommonFacts, CodeFacts {
  /** The unique_id of the node that it is declared at; null for a singular one. */
  readonly attached: string | null
  /** Name and arguments of a generic test; null for a singular one. */
  readonly arguments: Json
}

export interface HookFacts extends CodeFacts {
  readonly file: string
  readonly package: string
  readonly index: number
}

export interface UnitTestFacts extends CommonFacts {
  readonly definition: Json
}

export interface SourceFacts {
  readonly id: string
  /** `source.table`. */
  readonly name: string
  readonly package: string
  readonly file: string
  readonly source: string
  readonly table: string
  readonly config: Readonly<Record<string, Json>>
  readonly selection: SelectionFields
  /** null: the target's own one. */
  readonly database: string | null
  readonly schema: string
  readonly identifier: string
  readonly relation_name: string | null
  /**
   * What its `external_location` reads: a path or pattern relative to the dbt project, or a URL. null for
   * a source in the warehouse.
   */
  readonly location: string | null
  /** What dbt's source freshness asks of it; null if it has none. */
  readonly freshness: { readonly error: boolean; readonly terms: Json } | null
  readonly documented: readonly DocumentedFacts[]
  readonly about: About
}

/** An exposure, metric, semantic model or saved query. It is not an asset, but selections can name it. */
export interface ReaderFacts extends Omit<CommonFacts, 'name'> {
  readonly resource: 'exposure' | 'metric' | 'semantic_model' | 'saved_query'
}

export interface MacroFacts {
  readonly id: string
  readonly name: string
  readonly package: string
  readonly file: string
  /** unique_ids of the macros that dbt found in it. */
  readonly macros: readonly string[]
  /** Part of dbt. Listed only if a template can call it. */
  readonly built_in: boolean
  readonly template: TemplateFacts
  /** Its text, if it is no macro of dbt and may name files; else null. */
  readonly naming: string | null
}

import { hash } from '../../../lib/hash.ts'
import { type Json, stableJson } from '../../../lib/json.ts'
import type { CodePart } from '../../../model/definition.ts'
import type { ManifestFacts } from '../manifest/worker-manifest.ts'
import type { Macros } from './macros.ts'
import { readTemplate, type Template } from './template.ts'

/** What defines a model, a seed, a snapshot or a test, apart from its inputs. */
export interface Code {
  readonly parts: readonly CodePart[]
  readonly version: string
  /** Whether it names the clock, so that equal inputs may give other rows. */
  readonly clock: boolean
}

/** The code of one node or test, before its parts are collected. */
export interface CodeSource {
  /** Label of the part for the code itself: `model`, `test`. */
  readonly label: string
  /** Relative to the project root. */
  readonly file: string
  readonly package: string
  readonly template: Template
  /** unique_ids of the macros it uses. */
  readonly macros: readonly string[]
  readonly config: Readonly<Record<string, Json>>
  /** Further parts: the columns of a contract, the arguments of a test. */
  readonly extraParts: readonly CodePart[]
}

/** The values of variables with this prefix are secrets to dbt. They are not hashed. */
const SECRET_PREFIX = 'DBT_ENV_SECRET'

/** Config that decides how a node is described, found, run or reported, but not which rows it holds. */
const IGNORED_CONFIG = new Set([
  'access',
  'concurrent_batches',
  'deprecation_date',
  'description',
  'docs',
  'enabled',
  'freshness',
  'full_refresh',
  'group',
  'labels',
  'meta',
  'on_configuration_change',
  'owners',
  'persist_docs',
  'query_tag',
  'snowflake_warehouse',
  'static_analysis',
  'store_failures',
  'store_failures_as',
  'tags',
])
/** dbt's default values: equal to an absent key. */
const DEFAULTS: Readonly<Record<string, Json>> = {
  on_schema_change: 'ignore',
  fail_calc: 'count(*)',
  warn_if: '!= 0',
  error_if: '!= 0',
}

/** The part of a node's config that may change its rows, columns or verdict. */
function significantConfig(config: CodeSource['config']): Record<string, Json> {
  const kept: Record<string, Json> = {}
  for (const [key, value] of Object.entries(config)) {
    if (IGNORED_CONFIG.has(key) || DEFAULTS[key] === value || isEmpty(value)) continue
    if (key === 'contract' && !isEnforced(value)) continue
    kept[key] = key === 'severity' ? String(value).toLowerCase() : value
  }
  return kept
}

function isEmpty(value: Json): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0)
}

function isEnforced(value: Json): boolean {
  return (
    value !== null && typeof value === 'object' && 'enforced' in value && value.enforced === true
  )
}

/** Computes the code versions of one parsed project. `env` has the values of `env_var()`. */
export class CodeReader {
  readonly #facts: ManifestFacts
  readonly #macros: Macros
  readonly #env: Readonly<Record<string, string | undefined>>

  constructor(
    facts: ManifestFacts,
    macros: Macros,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.#facts = facts
    this.#macros = macros
    this.#env = env
  }

  /** Parts: its own tokens, its config, the macros it can call, and the variables named in all of those. */
  read(source: CodeSource): Code {
    const config = significantConfig(source.config)
    const own = [source.template, ...strings(config).map(readTemplate)]
    const candidates = own.flatMap((template) => this.#macros.candidates(template))
    const macros = this.#macros.reach([...source.macros, ...candidates])
    const templates = [...own, ...macros.map((macro) => macro.template)]
    const quoted = new Set(templates.flatMap((template) => [...template.quotedCalls]))
    // White space in the output of a macro counts if the macro is called inside an SQL literal.
    const exact = macros.some((macro) => quoted.has(macro.name))
    const parts: CodePart[] = [
      { label: source.label, version: source.template.digest, file: source.file },
      ...(Object.keys(config).length === 0
        ? []
        : [{ label: 'config', version: hash(stableJson(config)), file: source.file }]),
      ...source.extraParts,
      ...macros.map((macro) => (exact ? macro.exactPart : macro.part)),
      ...this.#variables(templates, source.package),
    ]
    return { parts, version: versionOf(parts), clock: templates.some((template) => template.clock) }
  }

  #variables(templates: readonly Template[], packageName: string): readonly CodePart[] {
    const values = this.#facts.packages[packageName]?.vars ?? {}
    const vars = new Set(templates.flatMap((template) => [...template.vars]))
    const envVars = new Set(templates.flatMap((template) => [...template.envVars]))
    const parts = [...vars].map((name) =>
      // A computed name may refer to any variable.
      name === null
        ? { label: 'vars', version: hash(stableJson(values)) }
        : { label: `var ${name}`, version: hash(stableJson(values[name] ?? null)) },
    )
    for (const name of envVars) {
      const value = name.startsWith(SECRET_PREFIX) ? undefined : this.#env[name]
      parts.push({ label: `env ${name}`, version: value === undefined ? 'unset' : hash(value) })
    }
    return parts.sort((a, b) => (a.label < b.label ? -1 : 1))
  }
}

/** The code version that parts add up to. */
export function versionOf(parts: readonly CodePart[]): string {
  return hash(...parts.flatMap((part) => [part.label, part.version]))
}

/** Every string in a JSON value: hooks and conditions in a config are templates too. */
export function strings(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap(strings)
}

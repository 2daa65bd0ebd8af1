import { hash } from '../../../lib/hash.ts'
import { type Json, stableJson } from '../../../lib/json.ts'
import type { CodePart } from '../../../model/definition.ts'
import type { Facts } from '../manifest/worker-manifest.ts'
import type { Macros } from './macros.ts'
import { readTemplate, type Template } from './template.ts'

/** What defines a model, a seed, a snapshot or a test, apart from what it reads. */
export interface Code {
  readonly parts: readonly CodePart[]
  readonly version: string
  readonly clock: boolean
}

/** Where code comes from, before its ingredients are gathered. */
export interface Origin {
  /** What a person calls the code itself: `model`, `test`. */
  readonly label: string
  /** Relative to the project root. */
  readonly file: string
  readonly package: string
  readonly template: Template
  /** unique_ids of the macros it uses. */
  readonly macros: readonly string[]
  readonly config: Readonly<Record<string, Json>>
  /** Ingredients of its own: columns of a contract, arguments of a test. */
  readonly more: readonly CodePart[]
}

/** dbt keeps variables of this prefix out of everything it writes; so do we. */
const SECRET = 'DBT_ENV_SECRET'

/** Says where a thing is or how it is described, warned about or run; never what it holds. */
const BESIDE = new Set([
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
/** What dbt fills in where nobody chose. */
const DEFAULTS: Readonly<Record<string, Json>> = {
  on_schema_change: 'ignore',
  fail_calc: 'count(*)',
  warn_if: '!= 0',
  error_if: '!= 0',
}

/** The part of a node's config that decides what comes out. */
export function telling(config: Origin['config']): Record<string, Json> {
  const kept: Record<string, Json> = {}
  for (const [key, value] of Object.entries(config)) {
    if (BESIDE.has(key) || DEFAULTS[key] === value || isEmpty(value)) continue
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

/** Gathers code versions out of one parsed project. `env` gives the values of `env_var()`. */
export class CodeReader {
  readonly #facts: Facts
  readonly #macros: Macros
  readonly #env: Readonly<Record<string, string | undefined>>

  constructor(facts: Facts, macros: Macros, env: Readonly<Record<string, string | undefined>>) {
    this.#facts = facts
    this.#macros = macros
    this.#env = env
  }

  /** Its own tokens, its config, the macros it can reach, and the variables named in all of those. */
  read(origin: Origin): Code {
    const config = telling(origin.config)
    const own = [origin.template, ...strings(config).map(readTemplate)]
    const candidates = own.flatMap((template) => this.#macros.candidates(template))
    const macros = this.#macros.reach([...origin.macros, ...candidates])
    const templates = [...own, ...macros.map((macro) => macro.template)]
    const quoted = new Set(templates.flatMap((template) => [...template.quotedCalls]))
    // What a macro gives inside a literal counts to the letter, white space and all.
    const exact = macros.some((macro) => quoted.has(macro.name))
    const parts: CodePart[] = [
      { label: origin.label, version: origin.template.digest, file: origin.file },
      ...(Object.keys(config).length === 0
        ? []
        : [{ label: 'config', version: hash(stableJson(config)), file: origin.file }]),
      ...origin.more,
      ...macros.map((macro) => (exact ? macro.exactPart : macro.part)),
      ...this.#variables(templates, origin.package),
    ]
    return { parts, version: versionOf(parts), clock: templates.some((template) => template.clock) }
  }

  #variables(templates: readonly Template[], packageName: string): readonly CodePart[] {
    const values = this.#facts.packages[packageName]?.vars ?? {}
    const vars = new Set(templates.flatMap((template) => [...template.vars]))
    const envVars = new Set(templates.flatMap((template) => [...template.envVars]))
    const parts = [...vars].map((name) =>
      // A name that is worked out may be any of them.
      name === null
        ? { label: 'vars', version: hash(stableJson(values)) }
        : { label: `var ${name}`, version: hash(stableJson(values[name] ?? null)) },
    )
    for (const name of envVars) {
      const value = name.startsWith(SECRET) ? undefined : this.#env[name]
      parts.push({ label: `env ${name}`, version: value === undefined ? 'unset' : hash(value) })
    }
    return parts.sort((a, b) => (a.label < b.label ? -1 : 1))
  }
}

export function versionOf(parts: readonly CodePart[]): string {
  return hash(...parts.flatMap((part) => [part.label, part.version]))
}

/** Every text in a JSON value: hooks and conditions are templates of their own. */
export function strings(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap(strings)
}

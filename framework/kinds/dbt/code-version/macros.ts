import type { CodePart } from '../../../model/definition.ts'
import type { MacroFacts, ManifestFacts } from '../manifest/worker-manifest.ts'
import { readTemplate, type Template } from './template.ts'

/** A macro of the project or of an installed package. */
export interface Macro {
  readonly id: string
  readonly name: string
  readonly package: string
  readonly template: Template
  /** Its part of a code version: from its tokens, and from its exact text. */
  readonly part: CodePart
  readonly exactPart: CodePart
}

/**
 * The macros that code may call. dbt's own macros are followed, because a project may override what they
 * call, but are not part of any code version: an upgrade of dbt makes nothing stale.
 */
export class Macros {
  readonly #facts: ReadonlyMap<string, MacroFacts>
  readonly #read = new Map<string, Macro | null>()
  /** unique_ids of `duckdb__money`, `default__money`, … under `money`. */
  readonly #candidates = new Map<string, string[]>()
  /** unique_ids by name: a project's macro overrides dbt's macro of the same name. */
  readonly #byName = new Map<string, string[]>()
  readonly #reached = new Map<string, readonly Macro[]>()
  readonly #pathOf: (packageName: string, file: string) => string
  readonly #project: string

  /** `pathOf` returns the path of a package's file, relative to the project root. */
  constructor(facts: ManifestFacts, pathOf: (packageName: string, file: string) => string) {
    this.#facts = new Map(facts.macros.map((macro) => [macro.id, macro]))
    this.#pathOf = pathOf
    this.#project = facts.project
    for (const { id, name, code } of facts.macros) {
      if (code === null) continue
      const [, dispatched] = /^[a-z0-9]+__(.+)$/.exec(name) ?? []
      if (dispatched !== undefined) add(this.#candidates, dispatched, id)
      add(this.#byName, name, id)
    }
  }

  /**
   * Every macro of the project and its packages that can be called from `roots`, ordered by id. The
   * candidates of `adapter.dispatch` count for all adapters, so that code versions are the same on every
   * target.
   */
  reach(roots: readonly string[]): readonly Macro[] {
    const key = [...roots].sort().join(' ')
    const known = this.#reached.get(key)
    if (known !== undefined) return known
    const seen = new Set<string>()
    const todo = [...roots]
    const found: Macro[] = []
    for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
      if (seen.has(id)) continue
      seen.add(id)
      const facts = this.#facts.get(id)
      if (facts === undefined) continue
      const macro = this.#macro(id)
      if (macro !== null) found.push(macro)
      const own = macro === null ? (this.#byName.get(facts.name) ?? []) : []
      todo.push(...facts.macros, ...own)
      for (const name of macro?.template.dispatched ?? facts.dispatched) {
        todo.push(...(this.#candidates.get(name) ?? []))
      }
    }
    found.sort((a, b) => (a.id < b.id ? -1 : 1))
    this.#reached.set(key, found)
    return found
  }

  /** unique_ids of the macros that `adapter.dispatch` in a template could choose. */
  candidates(template: Template): readonly string[] {
    return [...template.dispatched].flatMap((name) => this.#candidates.get(name) ?? [])
  }

  #macro(id: string): Macro | null {
    const known = this.#read.get(id)
    if (known !== undefined) return known
    const facts = this.#facts.get(id)
    const macro =
      facts === undefined || facts.code === null ? null : this.#readMacro(facts, facts.code)
    this.#read.set(id, macro)
    return macro
  }

  #readMacro(facts: MacroFacts, code: string): Macro {
    const template = readTemplate(code)
    const own = facts.package === this.#project
    const label = `macro ${own ? '' : `${facts.package}.`}${facts.name}`
    const file = this.#pathOf(facts.package, facts.file)
    return {
      id: facts.id,
      name: facts.name,
      package: facts.package,
      template,
      part: { label, version: template.digest, file },
      exactPart: { label, version: template.exact, file },
    }
  }
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}

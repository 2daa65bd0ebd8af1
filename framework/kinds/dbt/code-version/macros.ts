import type { CodePart } from '../../../model/definition.ts'
import type { MacroFacts, Reads } from '../manifest/worker-manifest.ts'

/** A macro of the project, of an installed package, or of dbt. */
export interface Macro {
  readonly id: string
  readonly name: string
  readonly package: string
  readonly reads: Reads
  /** Its text in a code version. null for a macro of dbt: an upgrade of dbt makes nothing stale. */
  readonly part: CodePart | null
}

/**
 * The macros that code may call. dbt's own macros are followed, because they may call macros of the project
 * and ask the warehouse for data, but are not part of any code version.
 */
export class Macros {
  /** The name of the root package. */
  readonly project: string
  readonly #byId: ReadonlyMap<string, Macro>
  readonly #calls: ReadonlyMap<string, readonly string[]>
  readonly #byName = new Map<string, Macro[]>()
  /** `duckdb__money`, `default__money`, … under `money`. */
  readonly #candidates = new Map<string, Macro[]>()
  readonly #reached = new Map<string, readonly Macro[]>()

  /** `pathOf` returns the path of a package's file, relative to the project root. */
  constructor(
    facts: readonly MacroFacts[],
    project: string,
    pathOf: (packageName: string, file: string) => string,
  ) {
    this.project = project
    const macros = facts.map((one): Macro => {
      const { id, name, package: owner, template } = one
      const label = `macro ${owner === project ? '' : `${owner}.`}${name}`
      const file = pathOf(owner, one.file)
      const wide = template.reads.wide.map((read) => ({ ...read, file }))
      const part = one.built_in ? null : { label, version: template.exact, file }
      const relations = template.reads.relations === 'none' ? 'none' : 'values'
      return { id, name, package: owner, reads: { ...template.reads, wide, relations }, part }
    })
    this.#byId = new Map(macros.map((macro) => [macro.id, macro]))
    this.#calls = new Map(facts.map(({ id, macros: called }) => [id, called]))
    for (const macro of macros) {
      const [, dispatched] = /^[a-z0-9]+__(.+)$/.exec(macro.name) ?? []
      if (dispatched !== undefined) add(this.#candidates, dispatched, macro)
      add(this.#byName, macro.name, macro)
    }
  }

  /**
   * Every macro that can be called from code with these reads and from `roots` (unique_ids that dbt found in
   * it), ordered by id. A name means the macros of that name in any package, and the candidates of
   * `adapter.dispatch` count for all adapters, so code versions are the same on every target.
   */
  reach(
    roots: readonly string[],
    reads: readonly Pick<Reads, 'macros' | 'dispatched'>[],
  ): readonly Macro[] {
    const todo = [
      ...roots.flatMap((id) => this.#byId.get(id) ?? []),
      ...reads.flatMap((one) => this.#named(one)),
    ]
    const key = [...new Set(todo.map(({ id }) => id))].sort().join(' ')
    const known = this.#reached.get(key)
    if (known !== undefined) return known
    const found = new Map<string, Macro>()
    for (let macro = todo.pop(); macro !== undefined; macro = todo.pop()) {
      if (found.has(macro.id)) continue
      found.set(macro.id, macro)
      const called = this.#calls.get(macro.id) ?? []
      todo.push(...called.flatMap((id) => this.#byId.get(id) ?? []), ...this.#named(macro.reads))
      // A macro of the project overrides the macro of dbt with the same name.
      if (macro.part === null) todo.push(...(this.#byName.get(macro.name) ?? []))
    }
    const reached = [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
    this.#reached.set(key, reached)
    return reached
  }

  /** Every macro of the project and its packages, ordered by id. */
  all(): readonly Macro[] {
    const own = [...this.#byId.values()].filter(({ part }) => part !== null)
    return own.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #named({ macros, dispatched }: Pick<Reads, 'macros' | 'dispatched'>): readonly Macro[] {
    return [
      ...macros.flatMap((name) => {
        const [macro, owner] = name.split('.').reverse()
        if (macro === '*') return this.all().filter((one) => one.package === owner)
        return (this.#byName.get(macro!) ?? []).filter((one) => isIn(one, owner))
      }),
      ...dispatched.flatMap(([name]) => this.#candidates.get(name) ?? []),
    ]
  }
}

/** dbt's own packages share the namespace `dbt`. */
function isIn(macro: Macro, owner: string | undefined): boolean {
  return owner === undefined || (owner === 'dbt' ? macro.part === null : macro.package === owner)
}

function add(map: Map<string, Macro[]>, key: string, value: Macro): void {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}

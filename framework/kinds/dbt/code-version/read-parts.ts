import { hash } from '../../../lib/hash.ts'
import type { Json } from '../../../lib/json.ts'
import type { CodePart } from '../../../model/definition.ts'
import type { ManifestFacts, Reads, Wide } from '../manifest/worker-manifest.ts'
import type { CodeSource } from './code-source.ts'
import { type EnvWords, envNames, isSecret } from './env-names.ts'
import type { Macros } from './macros.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The parts of a code version for what templates read besides macros: variables, the environment, config,
 * manifest entries, dbt's target, the graph. What can't be traced to a name counts everything of its kind,
 * and the parts say because of what (SEMANTICS 32).
 */
export class ReadParts {
  readonly #facts: ManifestFacts
  readonly #macros: Macros
  readonly #env: Env

  constructor(facts: ManifestFacts, macros: Macros, env: Env) {
    this.#facts = facts
    this.#macros = macros
    this.#env = env
  }

  /**
   * `reads`: of its own templates and of the macros of the project. `rendering`: of its own templates and of
   * all macros that they call. `config`: what the code version counts of the config anyway.
   */
  of(
    source: CodeSource,
    config: Readonly<Record<string, Json>>,
    reads: readonly Reads[],
    rendering: readonly Reads[],
  ): readonly CodePart[] {
    const vars = this.#facts.packages[source.package]?.vars ?? {}
    const names = (key: 'vars' | 'env' | 'config' | 'model' | 'target' | 'flags') =>
      [...new Set(reads.flatMap((one) => one[key]))].sort()
    const templated = names('vars').find((name) => hasJinja(own(vars, name) ?? null))
    const wide = (what: Wide['what']) =>
      causeOf(reads, what, source.file) ??
      (templated === undefined ? null : `the value of var ${templated}, which is a template`)
    const { entry } = source
    const everyMacro = wide('macros')
    return [
      ...names('vars').map((name) => varPart(name, vars)),
      ...names('env').map((name) => this.#envPart(name)),
      ...names('config')
        .filter((key) => !Object.hasOwn(config, key))
        .map((key) => part(`config ${key}`, JSON.stringify(own(source.config, key) ?? null))),
      ...names('model').map((key) => part(`model.${key}`, own(entry, key) ?? 'unset')),
      ...names('target').map((key) =>
        part(`target.${key}`, own(this.#facts.target, key) ?? 'unset'),
      ),
      ...names('flags').map((key) => part(key, own(this.#facts.flags, key) ?? 'unset')),
      ...this.#dispatchParts([...reads, ...rendering]),
      ...(everyMacro === null ? [] : this.#everyMacro(everyMacro)),
      ...all(wide('vars'), Object.keys(vars), (name) => varPart(name, vars)),
      ...all(wide('env'), this.#envNames(source, vars, reads), (name) => this.#envPart(name)),
      ...all(wide('entry'), Object.keys(entry), (key) => part(`model.${key}`, entry[key]!)),
      ...all(wide('target'), Object.keys(this.#facts.target), (key) =>
        part(`target.${key}`, this.#facts.target[key]!),
      ),
      ...all(wide('graph'), ['graph'], (label) => part(label, this.#facts.graph ?? 'unset')),
    ]
  }

  #envPart(name: string): CodePart {
    const value = isSecret(name) ? undefined : this.#env[name]
    return { label: `env ${name}`, version: value === undefined ? 'unset' : hash(name, value) }
  }

  #envNames(source: CodeSource, vars: Readonly<Record<string, Json>>, reads: readonly Reads[]) {
    // A name may be composed of the node's own, which is in the path of its file.
    const values = [...texts(source.config), ...texts(vars), source.file]
    const words: EnvWords = {
      strings: [
        ...reads.flatMap((one) => one.strings),
        ...values.flatMap((text) => text.match(/\w{2,}/g) ?? []),
      ],
      words: reads.flatMap((one) => one.words),
    }
    return [...new Set([...this.#facts.env_vars, ...envNames(this.#env, words)])]
      .filter((name) => !isSecret(name))
      .sort()
  }

  /**
   * The order in which dbt looks for the macros of a namespace, where the project sets one, and the place of the
   * project itself in it: its macros count by their names, whatever it is called.
   */
  #dispatchParts(reads: readonly Reads[]): readonly CodePart[] {
    const spaces = new Set(reads.flatMap(({ dispatched }) => dispatched.map(([, space]) => space)))
    if (readsAny(reads, 'macros')) spaces.add('*')
    const { dispatch, project } = this.#facts
    return dispatch
      .filter(({ macro_namespace: space }) => spaces.has(space) || spaces.has('*'))
      .map(({ macro_namespace: space, search_order: order }) =>
        part(
          `dispatch order of ${space}`,
          JSON.stringify([order, [order].flat().indexOf(project)]),
        ),
      )
  }

  /** Each macro of the project; of a package, all macros as one part. */
  #everyMacro(because: string): readonly CodePart[] {
    const packages = new Map<string, CodePart[]>()
    for (const { package: owner, part: own } of this.#macros.all()) {
      if (own !== null) packages.set(owner, [...(packages.get(owner) ?? []), own])
    }
    return [...packages].flatMap(([owner, parts]) =>
      owner === this.#macros.project
        ? parts.map((one) => ({ ...one, because }))
        : [
            {
              label: `every macro of ${owner}`,
              version: hash(...parts.flatMap(({ label, version }) => [label, version])),
              because,
            },
          ],
    )
  }
}

/** Whether what is read can't be traced to names. */
export function readsAny(reads: readonly Reads[], wanted: Wide['what']): boolean {
  return reads.some(({ wide }) => wide.some(({ what }) => isWide(what, wanted)))
}

function isWide(what: Wide['what'], wanted: Wide['what']): boolean {
  return what === wanted || what === 'everything'
}

/** What made a template count everything of a kind, with its place; null if nothing did. */
function causeOf(reads: readonly Reads[], what: Wide['what'], file: string): string | null {
  for (const { wide } of reads) {
    const found = wide.find((one) => isWide(one.what, what))
    if (found !== undefined) return `${found.because} at ${found.file ?? file}:${found.line}`
  }
  return null
}

function all(
  because: string | null,
  names: readonly string[],
  partOf: (name: string) => CodePart,
): readonly CodePart[] {
  return because === null ? [] : names.map((name) => ({ ...partOf(name), because }))
}

function varPart(name: string, values: Readonly<Record<string, Json>>): CodePart {
  return part(`var ${name}`, Object.hasOwn(values, name) ? JSON.stringify(values[name]) : 'unset')
}

/** A template may read `var('constructor')`, which every object of JavaScript has. */
function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function part(label: string, value: string): CodePart {
  return { label, version: hash(value) }
}

/** dbt renders the value of a variable when a template reads it. */
function hasJinja(value: Json): boolean {
  return texts(value).some((text) => /\{[{%]/.test(text))
}

/** Every string in a JSON value. */
function texts(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (value === null || typeof value !== 'object') return []
  return Object.values(value).flatMap(texts)
}

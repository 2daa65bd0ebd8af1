import { closest } from '../../lib/did-you-mean.ts'
import type { Json } from '../../lib/json.ts'
import type { Pointer } from '../../model/location.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { AdapterSettings, Placeholder, Project, ResolvedTarget } from '../../model/project.ts'
import { or } from '../schema/issue-text.ts'
import { isSecretName, secretsIn } from './secret-detection.ts'
import { isTemplate, type Part, parseTemplate, type Template } from './template.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * A target with its variables filled in from the environment, and every value of it that must
 * never be shown. Settings that name a secret stay as they are written: `unlockTarget` reads those.
 * Problems: `unknown-target`; `missing-variable`, once for each variable, at the settings that use
 * it; `invalid-value` where a variable holds the wrong kind of text.
 */
export function resolveTarget(project: Project, name: string, env: Env): Result<ResolvedTarget> {
  const filled = fillTarget(project, name, env, new Map())
  return filled.ok ? ok(filled.value.target) : filled
}

/** A secret that a setting names. */
export interface Reference {
  readonly name: string
  readonly key: string | null
  readonly at: Pointer
}

/** By `idOf`: what the secrets that settings name hold. */
export type Found = ReadonlyMap<string, string>

export function idOf({ name, key }: Pick<Reference, 'name' | 'key'>): string {
  return key === null ? name : `${name}#${key}`
}

/** `resolveTarget` with what is found of secrets, and the references to those that are not. */
export function fillTarget(
  project: Project,
  name: string,
  env: Env,
  found: Found,
): Result<{ readonly target: ResolvedTarget; readonly references: readonly Reference[] }> {
  const target = Object.hasOwn(project.targets, name) ? project.targets[name] : undefined
  if (target === undefined) return fail(unknownTarget(name, Object.keys(project.targets)))
  const filling = new Filling(env, found)
  const { warehouse, connections, state } = target
  const resolved = {
    ...target,
    warehouse: warehouse === null ? null : filling.adapter(warehouse),
    connections: Object.fromEntries(
      Object.entries(connections).map(([key, connection]) => [key, filling.adapter(connection)]),
    ),
    state: filling.adapter(state),
  }
  const problems = [...missingVariables(name, filling.missing), ...filling.problems]
  if (problems.length > 0) return fail(...problems)
  const { references } = filling
  return ok({ target: { ...resolved, secrets: filling.secrets() }, references })
}

/** A target that is named and not there. */
export function unknownTarget(name: string, names: readonly string[]): Problem {
  const meant = closest(name, names)
  return {
    code: 'unknown-target',
    message: `there is no target ${JSON.stringify(name)}`,
    hint: meant === null ? `known targets: ${names.join(', ')}` : `did you mean "${meant}"?`,
  }
}

interface Missing {
  readonly state: 'unset' | 'empty'
  readonly at: Pointer[]
}

/** Fills in the settings of one target, noting on the way what is missing and what is secret. */
class Filling {
  readonly missing = new Map<string, Missing>()
  readonly problems: Problem[] = []
  /** Secrets that are named and were not found. */
  readonly references: Reference[] = []
  readonly #secrets = new Set<string>()
  readonly #env: Env
  readonly #found: Found

  constructor(env: Env, found: Found) {
    this.#env = env
    this.#found = found
  }

  adapter({ type, settings, at, placeholders = [] }: AdapterSettings): AdapterSettings {
    const expects = new Map(placeholders.map((one) => [JSON.stringify(one.path), one.expects]))
    const fill = (value: Json, path: Placeholder['path'], secret: boolean): Json => {
      if (typeof value === 'string') {
        const where = { file: at.file, path: [...at.path, ...path] }
        const named = this.references.length
        const text = isTemplate(value) ? this.#expand(value, where, secret) : value
        if (this.references.length > named) return value
        this.#keep(text, secret)
        return this.#typed(text, expects.get(JSON.stringify(path)) ?? 'text', where)
      }
      if (Array.isArray(value)) return value.map((item, i) => fill(item, [...path, i], secret))
      return isObject(value) ? fillEntries(value, path, secret) : value
    }
    const fillEntries = (value: Settings, path: Placeholder['path'], secret: boolean): Settings =>
      Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key,
          fill(inner, [...path, key], secret || isSecretName(key)),
        ]),
      )
    return { type, settings: fillEntries(settings, [], false), at }
  }

  /** The longest first, for whoever replaces them in a text. */
  secrets(): readonly string[] {
    return [...this.#secrets].sort((a, b) => b.length - a.length)
  }

  #keep(text: string, secret: boolean): void {
    const found = secret ? [text, ...secretsIn(text)] : secretsIn(text)
    for (const value of found) if (value !== '') this.#secrets.add(value)
  }

  #expand(text: string, at: Pointer, secret: boolean): string {
    const template = parseTemplate(text)
    if (typeof template === 'string')
      throw new Error(`a template that was not checked: ${template}`)
    return this.#parts(template, at, secret)
  }

  #parts(template: Template, at: Pointer, secret: boolean): string {
    return template.map((part) => this.#part(part, at, secret)).join('')
  }

  #part(part: Part, at: Pointer, secret: boolean): string {
    switch (part.is) {
      case 'text':
        return part.text
      case 'variable':
        return this.#variable(part, at, secret)
      case 'secret':
        return this.#secret(part, at)
    }
  }

  #variable(part: Extract<Part, { is: 'variable' }>, at: Pointer, secret: boolean): string {
    const value = this.#env[part.name]
    if (value === undefined || value === '') {
      if (part.fallback !== null) return this.#parts(part.fallback, at, secret)
      this.#miss(part.name, value === undefined ? 'unset' : 'empty', at)
      return ''
    }
    this.#keep(value, secret || isSecretName(part.name))
    return value
  }

  #secret({ name, key }: Extract<Part, { is: 'secret' }>, at: Pointer): string {
    const value = this.#found.get(idOf({ name, key }))
    if (value === undefined) {
      this.references.push({ name, key, at })
      return ''
    }
    // The port that stands beside a password would be blotted out of every count of rows.
    if (!/^\d{1,5}$/.test(value)) this.#keep(value, true)
    return value
  }

  #miss(name: string, state: Missing['state'], at: Pointer): void {
    const known = this.missing.get(name)
    if (known === undefined) this.missing.set(name, { state, at: [at] })
    else known.at.push(at)
  }

  #typed(text: string, expects: Placeholder['expects'], at: Pointer): Json {
    if (expects === 'text') return text
    const value = typedValue(text, expects)
    if (value !== undefined) return value
    // What is missing is told once, and by its name.
    if (text !== '') this.problems.push(wrongValue(at, expects))
    return text
  }
}

type Settings = AdapterSettings['settings']

const isObject = (value: Json): value is Settings => typeof value === 'object' && value !== null

function typedValue(
  text: string,
  expects: Exclude<Placeholder['expects'], 'text'>,
): Json | undefined {
  if (expects === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
  if (expects === 'boolean')
    return text === 'true' || text === 'false' ? text === 'true' : undefined
  return expects.includes(text) ? text : undefined
}

/** The value is not shown: a variable may hold anything. */
function wrongValue(at: Pointer, expects: Exclude<Placeholder['expects'], 'text'>): Problem {
  const wanted =
    expects === 'number'
      ? 'a number'
      : expects === 'boolean'
        ? 'true or false'
        : or(expects.map((value) => JSON.stringify(value)))
  return {
    code: 'invalid-value',
    message: `"${at.path.slice(2).join('.')}" of target ${at.path[1]} must be ${wanted}, and its variable holds something else`,
    at,
  }
}

function missingVariables(
  target: string,
  missing: ReadonlyMap<string, Missing>,
): readonly Problem[] {
  return [...missing].map(([name, { state, at }]) => {
    const [first, ...others] = at
    const related = others.map((place) => ({ message: 'and here', at: place }))
    return {
      code: 'missing-variable',
      message: `target ${target} needs the variable ${name}, which is ${state === 'unset' ? 'not set' : 'set to nothing'}`,
      ...(first === undefined ? {} : { at: first }),
      ...(related.length === 0 ? {} : { related }),
      hint: `export ${name}, write it into .env, or give a fallback: \${${name}:-…}`,
    }
  })
}

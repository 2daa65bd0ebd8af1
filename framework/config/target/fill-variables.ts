import { closest } from '../../lib/did-you-mean.ts'
import type { Json } from '../../lib/json.ts'
import type { Pointer } from '../../model/location.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import {
  type AdapterSettings,
  isStated,
  type Placeholder,
  type Project,
  type ResolvedTarget,
} from '../../model/project.ts'
import { orList } from '../schema/issue-text.ts'
import { isSecretName, secretsIn } from './secret-detection.ts'
import { isTemplate, parseTemplate, type Template, type TemplatePart } from './template.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * A target with its variables filled in from the environment. Settings that refer to a secret are not
 * changed: `fillSecrets` fills those in. Problems: `unknown-target`; `missing-variable`, one for each
 * variable, at the settings that use it; `invalid-value` if a variable's value has the wrong type.
 */
export function resolveTarget(project: Project, name: string, env: Env): Result<ResolvedTarget> {
  const filled = fillTarget(project, name, env, new Map())
  return filled.ok ? ok(filled.value.target) : filled
}

/** A `${secret:NAME#key}` in a setting. */
export interface SecretReference {
  readonly name: string
  readonly key: string | null
  readonly at: Pointer
}

/** The values of secrets, by `referenceId`. */
export type SecretValues = ReadonlyMap<string, string>

export function referenceId({ name, key }: Pick<SecretReference, 'name' | 'key'>): string {
  return key === null ? name : `${name}#${key}`
}

/**
 * `resolveTarget` with known secrets filled in. `references`: the secrets that `values` does not have.
 */
export function fillTarget(
  project: Project,
  name: string,
  env: Env,
  values: SecretValues,
): Result<{ readonly target: ResolvedTarget; readonly references: readonly SecretReference[] }> {
  const target = Object.hasOwn(project.targets, name) ? project.targets[name] : undefined
  if (target === undefined) return fail(unknownTarget(name, Object.keys(project.targets)))
  const filler = new TargetFiller(env, values)
  const { warehouse, connections, state } = target
  const resolved = {
    ...target,
    warehouse: isStated(warehouse) ? filler.adapter(warehouse) : warehouse,
    connections: Object.fromEntries(
      Object.entries(connections).map(([key, connection]) => [key, filler.adapter(connection)]),
    ),
    state: filler.adapter(state),
  }
  const problems = [...missingVariables(name, filler.missing), ...filler.problems]
  if (problems.length > 0) return fail(...problems)
  const { references } = filler
  return ok({ target: { ...resolved, secrets: filler.secrets() }, references })
}

/** A target without the adapters whose variables can't be filled in; an unknown one is null. */
export function soundTarget(project: Project, name: string, env: Env): ResolvedTarget | null {
  const target = Object.hasOwn(project.targets, name) ? project.targets[name] : undefined
  if (target === undefined) return null
  const secrets: string[] = []
  const filled = (settings: AdapterSettings): AdapterSettings | null => {
    const filler = new TargetFiller(env, new Map())
    const adapter = filler.adapter(settings)
    secrets.push(...filler.secrets())
    return filler.missing.size + filler.problems.length > 0 ? null : adapter
  }
  const connections = Object.entries(target.connections).flatMap(([key, settings]) => {
    const adapter = filled(settings)
    return adapter === null ? [] : [[key, adapter] as const]
  })
  return {
    ...target,
    warehouse: isStated(target.warehouse) ? filled(target.warehouse) : target.warehouse,
    connections: Object.fromEntries(connections),
    secrets,
  }
}

/** The problem of a target that does not exist. */
export function unknownTarget(name: string, names: readonly string[]): Problem {
  const suggestion = closest(name, names)
  return {
    code: 'unknown-target',
    message: `there is no target ${JSON.stringify(name)}`,
    hint:
      suggestion === null ? `known targets: ${names.join(', ')}` : `did you mean "${suggestion}"?`,
  }
}

interface MissingVariable {
  readonly state: 'unset' | 'empty'
  readonly at: Pointer[]
}

/** Fills in the settings of one target. Collects missing variables and secret values on the way. */
class TargetFiller {
  readonly missing = new Map<string, MissingVariable>()
  readonly problems: Problem[] = []
  /** References to secrets that are not among the known values. */
  readonly references: SecretReference[] = []
  readonly #secrets = new Set<string>()
  readonly #env: Env
  readonly #values: SecretValues

  constructor(env: Env, values: SecretValues) {
    this.#env = env
    this.#values = values
  }

  adapter({ type, settings, at, placeholders = [] }: AdapterSettings): AdapterSettings {
    const expects = new Map(placeholders.map((one) => [JSON.stringify(one.path), one.expects]))
    const fill = (value: Json, path: Placeholder['path'], isSecret: boolean): Json => {
      if (typeof value === 'string') {
        const location = { file: at.file, path: [...at.path, ...path] }
        const before = this.references.length
        const text = isTemplate(value) ? this.#expand(value, location, isSecret) : value
        if (this.references.length > before) return value
        this.#addSecrets(text, isSecret)
        return this.#typed(text, expects.get(JSON.stringify(path)) ?? 'text', location)
      }
      if (Array.isArray(value)) return value.map((item, i) => fill(item, [...path, i], isSecret))
      return isObject(value) ? fillEntries(value, path, isSecret) : value
    }
    const fillEntries = (value: Settings, path: Placeholder['path'], isSecret: boolean): Settings =>
      Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key,
          fill(inner, [...path, key], isSecret || isSecretName(key)),
        ]),
      )
    const origins = Object.entries(settings).flatMap(([key, value]) => {
      if (typeof value !== 'string' || !isSecretName(key) || !isTemplate(value)) return []
      const origin = originOf(parsedTemplate(value), this.#env)
      return origin === null ? [] : [[key, origin] as const]
    })
    const filled = { type, settings: fillEntries(settings, [], false), at }
    return origins.length === 0 ? filled : { ...filled, origins: Object.fromEntries(origins) }
  }

  /** The secret values, longest first: a secret may contain another one. */
  secrets(): readonly string[] {
    return [...this.#secrets].sort((a, b) => b.length - a.length)
  }

  #addSecrets(text: string, isSecret: boolean): void {
    const found = isSecret ? [text, ...secretsIn(text)] : secretsIn(text)
    for (const value of found) if (value !== '') this.#secrets.add(value)
  }

  #expand(text: string, at: Pointer, isSecret: boolean): string {
    return this.#parts(parsedTemplate(text), at, isSecret)
  }

  #parts(template: Template, at: Pointer, isSecret: boolean): string {
    return template.map((part) => this.#part(part, at, isSecret)).join('')
  }

  #part(part: TemplatePart, at: Pointer, isSecret: boolean): string {
    switch (part.is) {
      case 'text':
        return part.text
      case 'variable':
        return this.#variable(part, at, isSecret)
      case 'secret':
        return this.#secret(part, at)
    }
  }

  #variable(
    part: Extract<TemplatePart, { is: 'variable' }>,
    at: Pointer,
    isSecret: boolean,
  ): string {
    const value = this.#env[part.name]
    if (value === undefined || value === '') {
      if (part.fallback !== null) return this.#parts(part.fallback, at, isSecret)
      this.#addMissing(part.name, value === undefined ? 'unset' : 'empty', at)
      return ''
    }
    this.#addSecrets(value, isSecret || isSecretName(part.name))
    return value
  }

  #secret({ name, key }: Extract<TemplatePart, { is: 'secret' }>, at: Pointer): string {
    const value = this.#values.get(referenceId({ name, key }))
    if (value === undefined) {
      this.references.push({ name, key, at })
      return ''
    }
    // Do not redact short numbers: a port stored in a secret would also match row counts.
    if (!/^\d{1,5}$/.test(value)) this.#addSecrets(value, true)
    return value
  }

  #addMissing(name: string, state: MissingVariable['state'], at: Pointer): void {
    const known = this.missing.get(name)
    if (known === undefined) this.missing.set(name, { state, at: [at] })
    else known.at.push(at)
  }

  #typed(text: string, expects: Placeholder['expects'], at: Pointer): Json {
    if (expects === 'text') return text
    const value = typedValue(text, expects)
    if (value !== undefined) return value
    // An empty text means that a variable is missing, which is reported already.
    if (text !== '') this.problems.push(wrongValue(at, expects))
    return text
  }
}

function parsedTemplate(text: string): Template {
  const template = parseTemplate(text)
  if (typeof template === 'string')
    throw new Error(`an invalid template passed validation: ${template}`)
  return template
}

/** The name of the variable or the secret that is the whole value; null if the value has several parts. */
function originOf(template: Template, env: Env): string | null {
  const [part, ...more] = template
  if (part === undefined || part.is === 'text' || more.length > 0) return null
  if (part.is === 'secret') return `secret ${referenceId(part)}`
  if (env[part.name] === undefined || env[part.name] === '') {
    return part.fallback === null ? null : originOf(part.fallback, env)
  }
  return part.name
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

/** Does not show the value, which may be a secret. */
function wrongValue(at: Pointer, expects: Exclude<Placeholder['expects'], 'text'>): Problem {
  const wanted =
    expects === 'number'
      ? 'a number'
      : expects === 'boolean'
        ? 'true or false'
        : orList(expects.map((value) => JSON.stringify(value)))
  return {
    code: 'invalid-value',
    message: `"${at.path.slice(2).join('.')}" of target ${at.path[1]} must be ${wanted}, but its variable has another value`,
    at,
  }
}

function missingVariables(
  target: string,
  missing: ReadonlyMap<string, MissingVariable>,
): readonly Problem[] {
  return [...missing].map(([name, { state, at }]) => {
    const [first, ...others] = at
    const related = others.map((location) => ({ message: 'also used here', at: location }))
    return {
      code: 'missing-variable',
      message: `target ${target} needs the variable ${name}, which is ${state === 'unset' ? 'not set' : 'empty'}`,
      ...(first === undefined ? {} : { at: first }),
      ...(related.length === 0 ? {} : { related }),
      hint: `export ${name}, add it to .env, or give it a default: \${${name}:-…}`,
    }
  })
}

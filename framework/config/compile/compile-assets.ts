import { closest } from '../../lib/did-you-mean.ts'
import { parseDuration } from '../../lib/duration.ts'
import { type Asset, type Freshness, KIND_NAMES, type Policy } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'
import { assetName, type CommonSettings, NOT_FOR_EXTERNAL } from '../schema/fields.ts'
import { or } from '../schema/issue-text.ts'
import { isCommon, isKind, type KindSchema, type kindSchemas } from '../schema/kind-schemas.ts'
import { type Subject, validate } from '../schema/validate.ts'
import { type Declared, type Fragment, Interner, type Trait } from './compiled-file.ts'
import { checkDefaults, defaultsFor } from './defaults.ts'
import { type Mapping, mappingOf } from './mapping.ts'
import { poolUses } from './pools.ts'

export interface CompiledAssets {
  readonly declared: Declared
  /** null when there are problems. */
  readonly columns: Omit<Fragment, 'head' | 'cut'> | null
  readonly problems: readonly Problem[]
}

/**
 * `defaults:` and `assets:` of one file, validated, with defaults filled in. Problems: those of
 * `validate`, `missing-kind`, `unknown-kind`, `not-for-external`, `duplicate-dependency`.
 */
export async function compileAssets(
  file: string,
  body: Mapping,
  schemaOf: ReturnType<typeof kindSchemas>,
): Promise<CompiledAssets> {
  const subject = (name: string, path: readonly string[]): Subject => ({
    name,
    at: { file, path },
    show: true,
  })
  const defaults = mappingOf(body.defaults, subject(`${file}, defaults`, ['defaults']), NO_DASH)
  const assets = mappingOf(body.assets, subject(`${file}, assets`, ['assets']), NO_LIST)
  const entries = Object.entries(assets.value).map(([name, value]) => {
    const about = { ...subject(name, ['assets', name]), asset: name }
    const settings = mappingOf(value, about, NO_DASH)
    return { name, subject: about, ...settings }
  })

  const kindOf = (settings: Mapping) => settings.kind ?? defaults.value.kind
  const used = new Set([defaults.value, ...entries.map(({ value }) => value)].map(kindOf))
  const schemas = new Map<unknown, KindSchema>()
  for (const kind of used) if (isKind(kind)) schemas.set(kind, await schemaOf(kind))

  const shared = checkDefaults(file, defaults.value, [...schemas.values()])
  const problems = [...defaults.problems, ...assets.problems, ...shared.problems]
  const columns = new Columns()
  const check = ({ value, subject }: (typeof entries)[number]): CheckedAsset => {
    const schema = schemas.get(kindOf(value))
    if (schema === undefined) return failed(kindProblems(value, defaults.value, subject))
    const judged = new Set([...shared.judged].filter((key) => !Object.hasOwn(value, key)))
    return checkAsset(value, defaultsFor(defaults.value, schema), schema, { ...subject, judged })
  }
  for (const entry of entries) {
    // What an asset lacks is not its fault where what it says, or the defaults, can't be read.
    const isReadable = entry.problems.length === 0 && defaults.problems.length === 0
    const checked = isReadable ? check(entry) : failed(entry.problems)
    const misnamed = nameProblems(entry.subject)
    if (misnamed.length === 0 || isReadable) problems.push(...checked.problems)
    problems.push(...misnamed)
    columns.add(entry.name, dependenciesOf(entry.value), checked.settings)
  }
  const { names, deps } = columns
  const pools = poolUses(defaults.value, assets.value)
  const declared = { file, names, deps, pools }
  if (problems.length > 0) return { declared, columns: null, problems }
  return { declared, columns: { ...declared, ...columns.compiled() }, problems }
}

const NO_DASH = 'write "key: value" lines below it, without "- "'
const NO_LIST = 'write "name: {…}" lines below it, without "- "'

type Settings = Readonly<Record<string, unknown>> & CommonSettings

interface CheckedAsset {
  /** null when there are problems with it. */
  readonly settings: Settings | null
  readonly problems: readonly Problem[]
}

const failed = (problems: readonly Problem[]): CheckedAsset => ({ settings: null, problems })

function checkAsset(
  own: Mapping,
  inherited: Mapping,
  { kind, schema }: KindSchema,
  subject: Subject,
): CheckedAsset {
  const foreign = Object.keys(own).filter((key) => kind === 'external' && NOT_FOR_EXTERNAL.has(key))
  const settings = Object.entries({ ...inherited, kind, ...own })
  const wanted = Object.fromEntries(settings.filter(([key]) => !foreign.includes(key)))
  const { value, problems } = validate(schema, wanted, subject)
  const found = [
    ...problems,
    ...foreign.map((key) => notForExternal(key, subject)),
    ...repeatedDependencies(own, subject),
  ]
  return { settings: (value as Settings | undefined) ?? null, problems: found }
}

/** The columns of a fragment, as they grow. */
export class Columns {
  readonly names: string[] = []
  readonly deps: (readonly string[])[] = []
  readonly #descriptions: string[] = []
  readonly #trait: number[] = []
  readonly #spec: number[] = []
  readonly #traits = new Interner<Trait>()
  readonly #specs = new Interner<Asset['spec']>()

  add(name: string, deps: readonly string[], settings: Settings | null): void {
    this.names.push(name)
    this.deps.push(deps)
    if (settings === null) return
    const own = Object.entries(settings).filter(
      ([key, value]) => !isCommon(key) && value !== undefined,
    )
    this.#descriptions.push(settings.description?.trim() ?? '')
    this.#trait.push(this.#traits.numberOf(traitOf(settings)))
    this.#spec.push(this.#specs.numberOf(Object.fromEntries(own) as Asset['spec']))
  }

  /** Adds an asset as it stands in other columns. */
  take(from: Omit<Fragment, 'head' | 'cut'>, at: number): void {
    this.names.push(from.names[at]!)
    this.deps.push(from.deps[at]!)
    this.#descriptions.push(from.descriptions[at]!)
    this.#trait.push(this.#traits.numberOf(from.traits[from.trait[at]!]!))
    this.#spec.push(this.#specs.numberOf(from.specs[from.spec[at]!]!))
  }

  compiled() {
    return {
      descriptions: this.#descriptions,
      traits: this.#traits.values,
      trait: this.#trait,
      specs: this.#specs.values,
      spec: this.#spec,
    }
  }
}

function traitOf(settings: CommonSettings): Trait {
  const { kind, group = null, owners = [], tags = [] } = settings
  const pairs = Array.isArray(tags) ? Object.fromEntries(tags.map((tag) => [tag, ''])) : tags
  return { kind, group, owners, tags: pairs, policy: policyOf(settings) }
}

function policyOf(settings: CommonSettings): Policy {
  return {
    freshness: freshnessOf(settings.freshness),
    dataVersion: settings.data_version ?? 'default',
    volatileColumns: settings.volatile_columns ?? [],
    onDrift: settings.on_drift ?? 'default',
    onCode: settings.on_code ?? 'full_refresh',
    codeVersion: settings.code_version ?? null,
    retries: settings.retries ?? null,
    timeout: settings.timeout === undefined ? null : parseDuration(settings.timeout),
    pool: settings.pool ?? null,
    checks: { block: settings.checks?.block ?? 'error' },
  }
}

function freshnessOf(freshness: CommonSettings['freshness']): Freshness | null {
  if (freshness === undefined) return null
  if ('cron' in freshness) return freshness
  return { maxAge: parseDuration(freshness.max_age) ?? 0 }
}

function dependenciesOf({ deps }: Mapping): readonly string[] {
  return Array.isArray(deps) ? deps.filter((name) => typeof name === 'string') : []
}

function nameProblems(subject: Subject): readonly Problem[] {
  const parsed = assetName.safeParse(subject.asset)
  if (parsed.success) return []
  const form =
    'a name has letters, digits and _, does not start with a digit, and may have parts with "." between'
  return [
    {
      code: 'invalid-name',
      message: `${JSON.stringify(subject.asset)} is no name for an asset`,
      at: { ...subject.at, key: true },
      hint: subject.name.includes(':') ? 'write a space after the colon' : form,
    },
  ]
}

/** Why an asset has no kind that is known; nothing when `defaults:` are to blame. */
function kindProblems(own: Mapping, defaults: Mapping, subject: Subject): readonly Problem[] {
  const { kind } = own
  const about = { asset: subject.name }
  if (kind === undefined) {
    if (defaults.kind !== undefined) return []
    const hint = `add "kind: ${KIND_NAMES.join('|')}" to it, or for the whole file under defaults`
    const message = `${subject.name}: "kind" is missing`
    return [{ code: 'missing-kind', message, at: { ...subject.at, key: true }, hint, ...about }]
  }
  const at = { ...subject.at, path: [...subject.at.path, 'kind'] }
  const meant = typeof kind === 'string' ? closest(kind, KIND_NAMES) : null
  const hint = meant === null ? `one of ${or(KIND_NAMES)}` : `did you mean "${meant}"?`
  const message = `${subject.name}: there is no kind ${JSON.stringify(kind)}`
  return [{ code: 'unknown-kind', message, at, hint, ...about }]
}

function notForExternal(key: string, subject: Subject): Problem {
  return {
    code: 'not-for-external',
    message: `${subject.name}: "${key}" has no effect on an external asset, which is built by somebody else`,
    at: { ...subject.at, path: [...subject.at.path, key], key: true },
    hint: 'remove it',
    asset: subject.name,
  }
}

function repeatedDependencies(own: Mapping, subject: Subject): readonly Problem[] {
  const seen = new Set<unknown>()
  const deps: readonly unknown[] = Array.isArray(own.deps) ? own.deps : []
  return deps.flatMap((name, index) => {
    if (typeof name !== 'string' || !seen.has(name)) {
      seen.add(name)
      return []
    }
    return [
      {
        code: 'duplicate-dependency',
        message: `${subject.name} names ${name} twice in its deps`,
        at: { ...subject.at, path: [...subject.at.path, 'deps', index] },
        hint: 'remove one of the two',
        asset: subject.name,
      },
    ]
  })
}

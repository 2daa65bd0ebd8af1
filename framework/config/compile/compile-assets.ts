import type { z } from 'zod'
import { closest } from '../../lib/did-you-mean.ts'
import type { KindName } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'
import { assetName, isCommonKey, MAX_NAME } from '../schema/fields.ts'
import type { KindSchema, KindSchemas } from '../schema/kind-schemas.ts'
import { closestKey, type Subject, validate } from '../schema/validate.ts'
import { wrongKeys } from '../schema/wrong-keys.ts'
import { type LeftOut, NOTHING_LEFT_OUT } from '../sound/left-out.ts'
import { CompiledAssetsBuilder, type ValidatedAsset } from './compiled-assets-builder.ts'
import type { CompiledAssets, DeclaredAssets } from './compiled-file.ts'
import { checkDefaults, defaultsFor } from './defaults.ts'
import { type Mapping, requireMapping } from './mapping.ts'
import { poolUses } from './pools.ts'

export interface AssetsResult {
  readonly declared: DeclaredAssets
  /** Without the assets that have problems, unless the rest of the asset is valid. */
  readonly compiled: CompiledAssets
  readonly leftOut: LeftOut
  readonly problems: readonly Problem[]
}

/**
 * Validates `defaults:` and `assets:` of one file and fills in the defaults. Problems: those of
 * `validate`, `missing-kind`, `unknown-kind`, `key-without-effect`, `duplicate-dependency`.
 */
export async function compileAssets(
  file: string,
  body: Mapping,
  kinds: KindSchemas,
  unnamed: KindName | null,
): Promise<AssetsResult> {
  const subject = (name: string, path: readonly string[]): Subject => ({
    name,
    at: { file, path },
    mayShowValue: true,
  })
  const defaultsSubject = subject(`${file}, defaults`, ['defaults'])
  const defaults = requireMapping(body.defaults, defaultsSubject, MAPPING_HINT)
  const assets = requireMapping(body.assets, subject(`${file}, assets`, ['assets']), ASSETS_HINT)
  const entries = Object.entries(assets.value).map(([name, value]) => {
    const assetSubject = { ...subject(name, ['assets', name]), asset: name }
    return { name, subject: assetSubject, ...requireMapping(value, assetSubject, MAPPING_HINT) }
  })

  const kindOf = (settings: Mapping) => settings.kind ?? defaults.value.kind ?? unnamed
  const used = new Set([defaults.value, ...entries.map(({ value }) => value)].map(kindOf))
  const schemas = new Map<unknown, KindSchema>()
  for (const kind of used) if (kinds.isKind(kind)) schemas.set(kind, await kinds.of(kind))

  const checkedDefaults = checkDefaults(file, defaults.value, kinds, [...schemas.values()])
  const problems = [...defaults.problems, ...assets.problems, ...checkedDefaults.problems]
  const check = ({ value, subject }: (typeof entries)[number]): CheckedAsset => {
    const schema = schemas.get(kindOf(value))
    if (schema === undefined) {
      return withProblems(kindProblems(value, defaults.value, kinds.names, subject))
    }
    const inherited = [...checkedDefaults.keys].filter((key) => !Object.hasOwn(value, key))
    return checkAsset(value, defaultsFor(defaults.value, schema), schema, {
      ...subject,
      checkedElsewhere: new Set(inherited),
    })
  }
  const all: Entry[] = entries.map((entry) => {
    // Without its own mapping or the defaults, every required key would be reported as missing.
    const isReadable = entry.problems.length === 0 && defaults.problems.length === 0
    const checked = isReadable ? check(entry) : withProblems(entry.problems)
    const invalidName = nameProblems(entry.subject)
    if (invalidName.length === 0 || isReadable) problems.push(...checked.problems)
    problems.push(...invalidName)
    const { settings, without } = checked
    const { name, value } = entry
    const isSound = settings !== null && invalidName.length === 0
    return {
      name,
      value,
      deps: dependenciesOf(value),
      settings: isSound ? settings : null,
      without,
    }
  })
  const pools = poolUses(defaults.value, assets.value)
  const declared = {
    file,
    names: all.map(({ name }) => name),
    deps: all.map(({ deps }) => deps),
    pools,
  }
  const compiled = { file, pools, ...soundAssets(all) }
  if (problems.length === 0) return { declared, compiled, leftOut: NOTHING_LEFT_OUT, problems }
  const anything = assets.problems.length > 0
  return { declared, compiled, leftOut: { ...leftOutOf(file, all), anything }, problems }
}

/** An asset with what could be validated of it. */
interface Entry {
  readonly name: string
  readonly value: Mapping
  readonly deps: readonly string[]
  /** null: it is left out. */
  readonly settings: ValidatedAsset | null
  /** The keys that `settings` leaves out. */
  readonly without: ReadonlySet<string>
}

function soundAssets(all: readonly Entry[]): Omit<CompiledAssets, 'file' | 'pools'> {
  const builder = new CompiledAssetsBuilder()
  for (const { name, value, deps, settings } of all) {
    if (settings !== null) builder.add(name, deps, settings, new Set(Object.keys(value)))
  }
  const { names, deps } = builder
  return { names, deps, ...builder.arrays() }
}

function leftOutOf(file: string, all: readonly Entry[]): LeftOut {
  const assets = all.filter(({ settings }) => settings === null)
  const partly = all.filter(({ settings, without }) => settings !== null && without.size > 0)
  return {
    ...NOTHING_LEFT_OUT,
    assets: assets.map(({ name, deps }) => ({ name, deps, file })),
    keys: new Map(partly.map(({ name, without }) => [name, without])),
    texts: assets.map(({ name, value: { deps: _, ...keys } }) => JSON.stringify({ [name]: keys })),
  }
}

const MAPPING_HINT = 'write "key: value" lines below it, without "- "'
const ASSETS_HINT = 'write "name: {…}" lines below it, without "- "'

interface CheckedAsset {
  /** Without the keys that are wrong; null if it is not valid without them either. */
  readonly settings: ValidatedAsset | null
  /** The keys that are wrong. */
  readonly without: ReadonlySet<string>
  readonly problems: readonly Problem[]
}

const NO_KEYS: ReadonlySet<string> = new Set()

const withProblems = (problems: readonly Problem[]): CheckedAsset => ({
  settings: null,
  without: NO_KEYS,
  problems,
})

function checkAsset(
  own: Mapping,
  inherited: Mapping,
  { kind, schema, without, because }: KindSchema,
  subject: Subject,
): CheckedAsset {
  const ineffective = Object.keys(own).filter((key) => without.has(key))
  const settings = Object.entries({ ...inherited, kind, ...own })
  const effective = Object.fromEntries(settings.filter(([key]) => !ineffective.includes(key)))
  const { value, problems } = validate(schema, effective, subject)
  const rest =
    value === undefined
      ? validRest(effective, schema)
      : { settings: value as ValidatedAsset, without: NO_KEYS }
  return {
    ...rest,
    problems: [
      ...problems,
      ...ineffective.map((key) => keyWithoutEffect(key, kind, because, subject)),
      ...duplicateDependencies(own, subject),
    ],
  }
}

/**
 * An asset without the keys that are wrong in it. One of its kind, or one that may be meant as such, changes what the
 * asset is, so nothing can be said without it.
 */
function validRest(
  settings: Mapping,
  schema: z.ZodObject,
): Pick<CheckedAsset, 'settings' | 'without'> {
  const known = Object.keys(schema.shape)
  const wrong = wrongKeys(schema, settings) ?? ['kind']
  const meant = wrong.map((key) => closestKey(key, known) ?? key)
  const isOfKind = (key: string) =>
    key === 'kind' || (Object.hasOwn(schema.shape, key) && !isCommonKey(key))
  if (meant.some(isOfKind)) return { settings: null, without: NO_KEYS }
  const without = new Set([...wrong, ...meant])
  const rest = Object.entries(settings).filter(([key]) => !without.has(key))
  const parsed = schema.safeParse(Object.fromEntries(rest))
  return { settings: parsed.success ? (parsed.data as ValidatedAsset) : null, without }
}

function dependenciesOf({ deps }: Mapping): readonly string[] {
  return Array.isArray(deps) ? deps.filter((name) => typeof name === 'string') : []
}

function nameProblems(subject: Subject): readonly Problem[] {
  const { name } = subject
  const parsed = assetName.safeParse(name)
  if (parsed.success) return []
  return [
    {
      code: 'invalid-name',
      message: `${JSON.stringify(name)} is not a valid asset name`,
      at: { ...subject.at, key: true },
      hint: nameHint(name),
    },
  ]
}

function nameHint(name: string): string {
  if (name.length > MAX_NAME) return `use at most ${MAX_NAME} characters`
  if (name.includes(':')) return 'write a space after the colon'
  if (/^(and|or|not)$/i.test(name)) return `${name} is a word of selections: use another name`
  return 'use letters, digits and _, with "." between parts; no part starts with a digit'
}

/** A missing or unknown kind. A kind that comes from `defaults:` is reported there. */
function kindProblems(
  own: Mapping,
  defaults: Mapping,
  known: readonly KindName[],
  subject: Subject,
): readonly Problem[] {
  const { kind } = own
  const asset = { asset: subject.name }
  if (kind === undefined) {
    if (defaults.kind !== undefined) return []
    const hint = `add "kind: ${known.join('|')}" to the asset, or to "defaults:" for all assets of the file`
    const message = `${subject.name}: "kind" is missing`
    return [{ code: 'missing-kind', message, at: { ...subject.at, key: true }, hint, ...asset }]
  }
  const at = { ...subject.at, path: [...subject.at.path, 'kind'] }
  const suggestion = typeof kind === 'string' ? closest(kind, known) : null
  const hint =
    suggestion === null ? `the kinds are ${known.join(', ')}` : `did you mean "${suggestion}"?`
  const message = `${subject.name}: unknown kind ${JSON.stringify(kind)}`
  return [{ code: 'unknown-kind', message, at, hint, ...asset }]
}

function keyWithoutEffect(key: string, kind: KindName, because: string, subject: Subject): Problem {
  return {
    code: 'key-without-effect',
    message: `${subject.name}: "${key}" has no effect on assets of kind ${kind}: ${because}`,
    at: { ...subject.at, path: [...subject.at.path, key], key: true },
    hint: 'remove it',
    asset: subject.name,
  }
}

function duplicateDependencies(own: Mapping, subject: Subject): readonly Problem[] {
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
        message: `${subject.name}: duplicate dependency ${name}`,
        at: { ...subject.at, path: [...subject.at.path, 'deps', index] },
        hint: 'remove one of the two',
        asset: subject.name,
      },
    ]
  })
}

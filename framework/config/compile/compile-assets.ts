import { closest } from '../../lib/did-you-mean.ts'
import type { KindName } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'
import { assetName } from '../schema/fields.ts'
import type { KindSchema, KindSchemas } from '../schema/kind-schemas.ts'
import { type Subject, validate } from '../schema/validate.ts'
import { CompiledAssetsBuilder, type ValidatedAsset } from './compiled-assets-builder.ts'
import type { CompiledAssets, DeclaredAssets } from './compiled-file.ts'
import { checkDefaults, defaultsFor } from './defaults.ts'
import { type Mapping, requireMapping } from './mapping.ts'
import { poolUses } from './pools.ts'

export interface AssetsResult {
  readonly declared: DeclaredAssets
  /** null when there are problems. */
  readonly compiled: CompiledAssets | null
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
  const builder = new CompiledAssetsBuilder()
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
  for (const entry of entries) {
    // Without its own mapping or the defaults, every required key would be reported as missing.
    const isReadable = entry.problems.length === 0 && defaults.problems.length === 0
    const checked = isReadable ? check(entry) : withProblems(entry.problems)
    const invalidName = nameProblems(entry.subject)
    if (invalidName.length === 0 || isReadable) problems.push(...checked.problems)
    problems.push(...invalidName)
    const own = new Set(Object.keys(entry.value))
    builder.add(entry.name, dependenciesOf(entry.value), checked.settings, own)
  }
  const { names, deps } = builder
  const pools = poolUses(defaults.value, assets.value)
  const declared = { file, names, deps, pools }
  if (problems.length > 0) return { declared, compiled: null, problems }
  return { declared, compiled: { ...declared, ...builder.arrays() }, problems }
}

const MAPPING_HINT = 'write "key: value" lines below it, without "- "'
const ASSETS_HINT = 'write "name: {…}" lines below it, without "- "'

interface CheckedAsset {
  /** null when there are problems. */
  readonly settings: ValidatedAsset | null
  readonly problems: readonly Problem[]
}

const withProblems = (problems: readonly Problem[]): CheckedAsset => ({ settings: null, problems })

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
  return {
    settings: (value as ValidatedAsset | undefined) ?? null,
    problems: [
      ...problems,
      ...ineffective.map((key) => keyWithoutEffect(key, kind, because, subject)),
      ...duplicateDependencies(own, subject),
    ],
  }
}

function dependenciesOf({ deps }: Mapping): readonly string[] {
  return Array.isArray(deps) ? deps.filter((name) => typeof name === 'string') : []
}

function nameProblems(subject: Subject): readonly Problem[] {
  const parsed = assetName.safeParse(subject.asset)
  if (parsed.success) return []
  const form = 'use letters, digits and _, with "." between parts; no part starts with a digit'
  return [
    {
      code: 'invalid-name',
      message: `${JSON.stringify(subject.asset)} is not a valid asset name`,
      at: { ...subject.at, key: true },
      hint: subject.name.includes(':') ? 'write a space after the colon' : form,
    },
  ]
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

import { parseDuration } from '../../lib/duration.ts'
import { type Asset, type Freshness, NO_POLICY, type Policy } from '../../model/asset.ts'
import { type CommonSettings, isCommonKey } from '../schema/fields.ts'
import { type CompiledAssets, Interner, type Trait } from './compiled-file.ts'

/** The settings of an asset, with defaults filled in, as the schema of its kind parsed them. */
export type ValidatedAsset = Readonly<Record<string, unknown>> & CommonSettings

/** Builds the arrays of `CompiledAssets` asset by asset. */
export class CompiledAssetsBuilder {
  readonly names: string[] = []
  readonly deps: (readonly string[])[] = []
  readonly #descriptions: string[] = []
  readonly #trait: number[] = []
  readonly #spec: number[] = []
  readonly #traits = new Interner<Trait>()
  readonly #specs = new Interner<Asset['spec']>()

  /** Adds an asset. With null for `settings`, only its name and dependencies: the file is invalid. */
  add(name: string, deps: readonly string[], settings: ValidatedAsset | null): void {
    this.names.push(name)
    this.deps.push(deps)
    if (settings === null) return
    const ofKind = Object.entries(settings).filter(
      ([key, value]) => !isCommonKey(key) && value !== undefined,
    )
    this.#descriptions.push(settings.description?.trim() ?? '')
    this.#trait.push(this.#traits.numberOf(traitOf(settings)))
    this.#spec.push(this.#specs.numberOf(Object.fromEntries(ofKind) as Asset['spec']))
  }

  /** Adds the asset at index `i` of other compiled assets. */
  copy(from: CompiledAssets, i: number): void {
    this.names.push(from.names[i]!)
    this.deps.push(from.deps[i]!)
    this.#descriptions.push(from.descriptions[i]!)
    this.#trait.push(this.#traits.numberOf(from.traits[from.trait[i]!]!))
    this.#spec.push(this.#specs.numberOf(from.specs[from.spec[i]!]!))
  }

  arrays(): Omit<CompiledAssets, 'file' | 'names' | 'deps' | 'pools'> {
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
    dataVersion: settings.data_version ?? NO_POLICY.dataVersion,
    volatileColumns: settings.volatile_columns ?? NO_POLICY.volatileColumns,
    onDrift: settings.on_drift ?? NO_POLICY.onDrift,
    onCode: settings.on_code ?? NO_POLICY.onCode,
    codeVersion: settings.code_version ?? NO_POLICY.codeVersion,
    retries: settings.retries ?? NO_POLICY.retries,
    timeout: settings.timeout === undefined ? null : parseDuration(settings.timeout),
    pool: settings.pool ?? NO_POLICY.pool,
    checks: { block: settings.checks?.block ?? NO_POLICY.checks.block },
  }
}

function freshnessOf(freshness: CommonSettings['freshness']): Freshness | null {
  if (freshness === undefined) return null
  if ('cron' in freshness) return freshness
  return { maxAge: parseDuration(freshness.max_age) ?? 0 }
}

import { parseDuration } from '../../lib/duration.ts'
import { type Asset, type Freshness, NO_POLICY, type Policy } from '../../model/asset.ts'
import {
  type CommonSettings,
  isCommonKey,
  isPolicyKey,
  type PolicySettings,
} from '../schema/fields.ts'
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

  /** Adds an asset. `own`: the keys that are not from `defaults:`. */
  add(
    name: string,
    deps: readonly string[],
    settings: ValidatedAsset,
    own: ReadonlySet<string>,
  ): void {
    this.names.push(name)
    this.deps.push(deps)
    const ofKind = Object.entries(settings).filter(
      ([key, value]) => !isCommonKey(key) && value !== undefined,
    )
    this.#descriptions.push(settings.description?.trim() ?? '')
    this.#trait.push(this.#traits.numberOf(traitOf(settings, own)))
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

function traitOf(settings: CommonSettings, own: ReadonlySet<string>): Trait {
  const { kind, group = null, owners = [], tags = [] } = settings
  const pairs = Array.isArray(tags) ? Object.fromEntries(tags.map((tag) => [tag, ''])) : tags
  const given = Object.keys(settings)
    .filter((key) => isPolicyKey(key) && settings[key] !== undefined)
    .map((key) => [key, own.has(key) ? 'asset' : 'defaults'] as const)
  const policyFrom = given.length === 0 ? {} : { policyFrom: Object.fromEntries(given) }
  return { kind, group, owners, tags: pairs, policy: policyOf(settings), ...policyFrom }
}

/** The policy that settings make, with defaults for what they leave out. */
function policyOf(settings: CommonSettings): Policy {
  return { ...NO_POLICY, ...partialPolicyOf(settings) }
}

/** Only what the settings say. */
export function partialPolicyOf(settings: PolicySettings): Partial<Policy> {
  const { freshness, timeout, checks } = settings
  const all = {
    freshness: freshness === undefined ? undefined : freshnessOf(freshness),
    dataVersion: settings.data_version,
    volatileColumns: settings.volatile_columns,
    onDrift: settings.on_drift,
    onCode: settings.on_code,
    codeVersion: settings.code_version,
    retries: settings.retries,
    timeout: timeout === undefined ? undefined : parseDuration(timeout),
    pool: settings.pool,
    checks: checks?.block === undefined ? undefined : { block: checks.block },
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function freshnessOf(freshness: NonNullable<CommonSettings['freshness']>): Freshness {
  if ('cron' in freshness) return freshness
  return { maxAge: parseDuration(freshness.max_age) ?? 0 }
}

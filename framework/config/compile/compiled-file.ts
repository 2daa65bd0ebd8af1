import type { Asset } from '../../model/asset.ts'
import type { Project } from '../../model/project.ts'
import type { Trait } from '../../model/tables/asset-table.ts'
import type { SplitHashes } from '../cache/split-by-asset.ts'

/** The keys of `assets.yaml` besides `defaults` and `assets`. */
export interface ProjectSection {
  readonly settings: Pick<
    Project,
    'name' | 'defaultTarget' | 'targets' | 'policies' | 'jobs' | 'pools' | 'selectors' | 'dbt'
  >
  readonly include: readonly string[]
}

export type { Trait } from '../../model/tables/asset-table.ts'

/** The part of a file that other files are checked against. */
export interface DeclaredAssets {
  readonly file: string
  readonly names: readonly string[]
  /** The dependencies of each asset, in the order of `names`. */
  readonly deps: readonly (readonly string[])[]
  readonly pools: readonly PoolUse[]
}

/** A `pool:` key. */
export interface PoolUse {
  readonly pool: string
  /** The asset that has the key; null for `defaults:`. */
  readonly asset: string | null
}

/**
 * The assets of a file as parallel arrays in the order of `names`. Assets share equal traits and
 * specs: `trait` holds indexes into `traits`, `spec` into `specs`.
 */
export interface CompiledAssets extends DeclaredAssets {
  readonly traits: readonly Trait[]
  readonly trait: readonly number[]
  readonly descriptions: readonly string[]
  readonly specs: readonly Asset['spec'][]
  readonly spec: readonly number[]
}

/** A valid YAML file, compiled. Plain JSON, kept small because the cache stores it. */
export interface CompiledFile extends CompiledAssets {
  /** null for a file that `include:` names. */
  readonly project: ProjectSection | null
  /** Hashes of the file's text by asset; null if the text can't be split. */
  readonly split: SplitHashes | null
}

/** The assets of a compiled file, in its order. Equal traits and specs are shared objects. */
export function assetsOf(compiled: CompiledAssets): readonly Asset[] {
  const { file, deps, traits, trait, descriptions, specs, spec } = compiled
  return compiled.names.map((name, i) => {
    const { kind, group, owners, tags, policy, policyFrom } = traits[trait[i]!]!
    return {
      name,
      kind,
      deps: deps[i]!,
      group,
      owners,
      tags,
      description: descriptions[i]!,
      policy,
      ...(policyFrom === undefined ? {} : { policyFrom }),
      spec: specs[spec[i]!]!,
      file,
    }
  })
}

/** Numbers distinct values in order of first use. Values with equal JSON have one number. */
export class Interner<T> {
  readonly values: T[] = []
  readonly #numbers = new Map<string, number>()

  numberOf(value: T): number {
    const key = JSON.stringify(value)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.values.length)
    return this.values.push(value) - 1
  }
}

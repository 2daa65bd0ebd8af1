import type { Asset } from '../../model/asset.ts'
import type { Project } from '../../model/project.ts'
import type { Trait } from '../../model/tables/asset-table.ts'
import type { CutHashes } from '../cache/split-by-asset.ts'

/** What `assets.yaml` says besides assets. */
export interface Head {
  readonly project: Pick<
    Project,
    'name' | 'defaultTarget' | 'targets' | 'jobs' | 'pools' | 'selectors' | 'dbt'
  >
  readonly include: readonly string[]
}

export type { Trait } from '../../model/tables/asset-table.ts'

/** The names that a file declares and what each reads: all that must be known of other files. */
export interface Declared {
  readonly file: string
  readonly names: readonly string[]
  /** Beside `names`. */
  readonly deps: readonly (readonly string[])[]
  /** The pools that it names, each once for an asset of its own or for its `defaults:`. */
  readonly pools: readonly PoolUse[]
}

/** A pool by its name, and where a file names it. */
export interface PoolUse {
  readonly pool: string
  readonly asset: string | null
}

/**
 * One YAML file, compiled: valid, and plain JSON in columns, as small to read back as may be. The
 * columns stand beside `names`; `trait` holds indexes into `traits`, `spec` into `specs`.
 */
export interface Fragment extends Declared {
  readonly head: Head | null
  readonly traits: readonly Trait[]
  readonly trait: readonly number[]
  readonly descriptions: readonly string[]
  readonly specs: readonly Asset['spec'][]
  readonly spec: readonly number[]
  /** What its text was cut into; null where one part may depend on another. */
  readonly cut: CutHashes | null
}

/** The assets of a fragment, in the order of the file. Equal traits and specs are shared objects. */
export function assetsOf(fragment: Fragment): readonly Asset[] {
  const { file, deps, traits, trait, descriptions, specs, spec } = fragment
  return fragment.names.map((name, i) => {
    const { kind, group, owners, tags, policy } = traits[trait[i]!]!
    return {
      name,
      kind,
      deps: deps[i]!,
      group,
      owners,
      tags,
      description: descriptions[i]!,
      policy,
      spec: specs[spec[i]!]!,
      file,
    }
  })
}

/** Numbers distinct values in the order they come: equal JSON, equal number. */
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

import type { Asset } from './asset.ts'

/**
 * An asset that a kind finds in a project of its own, such as a model of dbt. One with the name of a declared
 * asset of its kind is that asset: it adds what the YAML leaves out.
 */
export interface FoundAsset extends Omit<Asset, 'policy'> {
  /** Settings that its own project gives it, as below `assets:`; null for none. */
  readonly settings: Readonly<Record<string, unknown>> | null
  /** The keys of its kind that YAML needs to declare it: none for a model of dbt whose name says which. */
  readonly declares: Asset['spec']
}

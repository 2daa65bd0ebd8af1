import { type Asset, NO_POLICY, type Policy } from '../../framework/model/asset.ts'

/** The default policy of `config/`, except that nothing is retried. */
export const POLICY: Policy = { ...NO_POLICY, retries: 0 }

/** An asset with default settings, overridden by `more`. */
export function plainAsset(name: string, more: Partial<Asset> = {}): Asset {
  return {
    name,
    kind: 'dbt',
    deps: [],
    group: null,
    owners: [],
    tags: {},
    description: '',
    policy: POLICY,
    spec: {},
    file: 'assets.yaml',
    ...more,
  }
}

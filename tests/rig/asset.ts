import type { Asset, Policy } from '../../framework/model/asset.ts'

/** The default policy of `config/`, except that nothing is retried. */
export const POLICY: Policy = {
  freshness: null,
  dataVersion: 'default',
  volatileColumns: [],
  onDrift: 'default',
  onCode: 'full_refresh',
  codeVersion: null,
  retries: 0,
  timeout: null,
  pool: null,
  checks: { block: 'error' },
}

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

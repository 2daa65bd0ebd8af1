import type { Asset, Policy } from '../../framework/model/asset.ts'

/** What `config/` fills in where nobody said anything, but no second try. */
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

/** An asset of which nothing is declared but its name and what `more` says. */
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

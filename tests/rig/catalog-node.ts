import type { CatalogNode } from '../../framework/kinds/dbt/manifest/catalog.ts'
import type { About } from '../../framework/kinds/dbt/manifest/worker-manifest.ts'

/** What a node shows that dbt says nothing of. */
export const NO_WORDS: About = {
  description: '',
  tags: [],
  group: null,
  owners: [],
  settings: null,
}

/** A model of dbt's catalog: by default a table in the package `shop`. */
export function catalogNode(
  name: string,
  parents: readonly string[],
  more: Partial<CatalogNode> = {},
): CatalogNode {
  return {
    id: `model.shop.${name}`,
    name,
    package: 'shop',
    version: null,
    latest: true,
    file: `dbt/models/${name}.sql`,
    form: 'stored',
    accumulates: 'no',
    relation: `main.${name}`,
    writes: null,
    reads: [],
    parents,
    parts: [0],
    codeVersion: 'v',
    clock: false,
    data: false,
    about: NO_WORDS,
    ...more,
  }
}

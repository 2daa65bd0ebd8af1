import type { CatalogNode } from '../../framework/kinds/dbt/manifest/catalog.ts'

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
    ...more,
  }
}

import type { Catalog, CatalogNode } from './catalog.ts'
import { addressOf, fileAddress } from './file-address.ts'

/** The asset of each node. */
export type NamedNodes = Iterable<readonly [asset: string, node: CatalogNode]>

/**
 * The assets by the address of their rows: `schema.table`, or a file. Those of `others` come first; of two nodes at
 * one address, the first.
 */
export function addressesOf(
  named: NamedNodes,
  others: ReadonlyMap<string, string>,
): Map<string, string> {
  const addresses = new Map(others)
  for (const [asset, { relation, writes }] of named) {
    for (const address of [relation, writes && fileAddress(writes)]) {
      if (address && !addresses.has(address)) addresses.set(address, asset)
    }
  }
  return addresses
}

/** The names of assets with the unique_ids of their nodes, and of the sources whose rows they deliver. */
export function namedIds(
  named: NamedNodes,
  { sources }: Catalog,
  byAddress: ReadonlyMap<string, string>,
): readonly (readonly [name: string, id: string])[] {
  return [
    ...sources.flatMap((source) => {
      const name = byAddress.get(addressOf(source))
      return name === undefined ? [] : [[name, source.id] as const]
    }),
    ...[...named].map(([asset, { id }]) => [asset, id] as const),
  ]
}

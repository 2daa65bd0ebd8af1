import { groupBy } from '../../lib/group-by.ts'
import type { Product } from '../../ports/batch.ts'
import type { Site } from '../../ports/site.ts'
import type { Kinds } from '../../staleness/define.ts'
import type { World } from '../../staleness/world.ts'

/**
 * The contents of assets now, by name. What can't be read, and what was written to while it was read, is left out
 * (SEMANTICS 1, 43).
 */
export async function measureAssets(
  world: World,
  indices: readonly number[],
  kinds: Kinds,
  site: Site,
): Promise<ReadonlyMap<string, Product>> {
  const products = new Map<string, Product>()
  for (const [name, group] of groupBy(indices, (i) => world.kind(i))) {
    const kind = await kinds(name)
    const subjects = group.map((i) => ({ asset: world.asset(i), definition: world.definition(i)! }))
    if (kind.measureAll !== undefined) {
      const measured = await kind.measureAll(subjects, site)
      if (!measured.ok) continue
      for (const [asset, product] of measured.value) products.set(asset, product)
      continue
    }
    for (const subject of subjects) {
      const product = await kind.measure(subject, site)
      if (product.ok) products.set(subject.asset.name, product.value)
    }
  }
  return products
}

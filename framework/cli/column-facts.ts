import type { ColumnFacts } from '../model/columns.ts'
import type { Definition } from '../model/definition.ts'
import type { AllColumnFacts } from '../plan/known-columns.ts'
import type { Site } from '../ports/site.ts'
import type { Kinds } from '../staleness/define.ts'

/** What the files of a project say of the columns of its assets, from all of its kinds. */
export async function columnFacts(
  kinds: Kinds,
  site: Site,
  definitions: ReadonlyMap<string, Definition>,
): Promise<AllColumnFacts> {
  const facts = new Map<string, ColumnFacts>()
  for (const name of site.project.assets.kinds()) {
    const { columns } = await kinds(name)
    for (const [asset, one] of columns?.read(site, definitions) ?? []) facts.set(asset, one)
  }
  return facts
}

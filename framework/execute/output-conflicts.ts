import { outputConflicts } from '../graph/conflicts.ts'
import type { Asset, KindName } from '../model/asset.ts'
import type { Problem } from '../model/problem.ts'
import type { Kind } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import type { DefinedProject, Kinds } from '../staleness/define.ts'

/** Every kind that the project has assets of. */
export async function kindsOf(site: Site, kinds: Kinds): Promise<ReadonlyMap<KindName, Kind>> {
  const names = [...site.project.assets.kinds()]
  return new Map(await Promise.all(names.map(async (name) => [name, await kinds(name)] as const)))
}

/**
 * The outputs that two assets, or one asset on two targets, would both write (SEMANTICS 22). Examines
 * every asset, so a command calls it only if it has something to build. Problems: those of
 * `outputConflicts`.
 */
export async function projectOutputConflicts(
  { definitions }: Pick<DefinedProject, 'definitions'>,
  kinds: Kinds,
  site: Site,
): Promise<readonly Problem[]> {
  const { assets, targets } = site.project
  const all = await kindsOf(site, kinds)
  const writes = (kind: KindName) => all.get(kind)?.writes
  const outputsOf = (asset: Asset) =>
    (definitions.get(asset.name)?.outputs ?? []).filter((file) => file !== '')
  return outputConflicts(assets.all, {
    targets: Object.keys(targets),
    files: (asset, target) => {
      const known = writes(asset.kind)?.files(asset, target)
      // What dbt writes is known for the current target only.
      return known ?? (target === site.target.name ? outputsOf(asset) : [])
    },
    targetHint: (asset) => writes(asset.kind)?.targetHint ?? null,
    relation: (asset) => {
      const definition = definitions.get(asset.name)
      // Several external assets may name the same table.
      return definition === undefined || definition.form === 'external' ? null : definition.relation
    },
  })
}

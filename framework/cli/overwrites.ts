import { outputConflicts } from '../graph/conflicts.ts'
import type { Problem } from '../model/problem.ts'
import type { Kind } from '../ports/kind.ts'
import type { DefinedProject, Kinds } from '../staleness/observe.ts'
import type { Workspace } from './workspace.ts'

/**
 * What the assets of a project would overwrite of each other, or of their like on another target. It
 * looks at every asset, so a command asks once it has something to build: one that builds nothing
 * overwrites nothing. Problems: those of `conflicts`.
 */
export async function overwrites(
  { site, kinds }: Pick<Workspace, 'site' | 'kinds'>,
  { definitions }: Pick<DefinedProject, 'definitions'>,
): Promise<readonly Problem[]> {
  const { assets, targets } = site.project
  const made = await kindsOf(assets, kinds)
  return outputConflicts(assets, {
    targets: Object.keys(targets),
    files: (asset, target) => made.get(asset.kind)?.writes?.files(asset, target) ?? [],
    targetHint: (asset) => made.get(asset.kind)?.writes?.targetHint ?? null,
    relation: (asset) => {
      const definition = definitions.get(asset.name)
      // Two names for one external table are no conflict.
      return definition === undefined || definition.form === 'external' ? null : definition.relation
    },
  })
}

async function kindsOf(
  assets: readonly { readonly kind: Kind['name'] }[],
  kinds: Kinds,
): Promise<ReadonlyMap<Kind['name'], Kind>> {
  const names = new Set(assets.map(({ kind }) => kind))
  return new Map(
    await Promise.all([...names].map(async (name) => [name, await kinds(name)] as const)),
  )
}

import { stableJson } from '../../../lib/json.ts'
import type { Asset } from '../../../model/asset.ts'
import type { Problem } from '../../../model/problem.ts'
import type { Context } from '../../context.ts'
import { Mistakes } from '../../mistakes.ts'
import type { Output } from '../../output.ts'
import { openWorkspace, type Workspace } from '../../workspace.ts'
import { examine } from '../check/examine.ts'

/**
 * Why the project is not the same any more after an import from `dbt: {models: all}`: it has mistakes, or an asset has
 * another name, other dependencies or another policy. `before`: the project as it was. Of a project with declared
 * models nothing is compared, because it is to change.
 */
export async function differences(
  context: Context,
  target: string | null,
  output: Output,
  before: Workspace,
): Promise<readonly Problem[]> {
  if (before.project.dbt?.models !== 'all') return []
  const mistakes = new Mistakes()
  const how = { reach: 'declarations', mistakes } as const
  const opened = await openWorkspace(context, target, output, how)
  if (!opened.ok) return opened.problems
  try {
    await examine(opened.value, mistakes, false)
    return mistakes.problems.length > 0
      ? mistakes.problems.map(afterImport)
      : assetDifferences(before.project.assets.all, opened.value.project.assets.all)
  } finally {
    await opened.value.close()
  }
}

function afterImport(problem: Problem): Problem {
  const { at: _, related: __, ...rest } = problem
  return { ...rest, message: `not imported, because then ${problem.message}` }
}

function assetDifferences(before: readonly Asset[], after: readonly Asset[]): readonly Problem[] {
  const now = new Map(after.map((asset) => [asset.name, asset]))
  for (const asset of before) {
    const other = now.get(asset.name)
    now.delete(asset.name)
    const key =
      other === undefined ? 'name' : KEYS.find((one) => one.of(asset) !== one.of(other))?.key
    if (key !== undefined) return [differs(asset.name, key)]
  }
  const [more] = now.keys()
  return more === undefined ? [] : [differs(more, 'name')]
}

const KEYS: readonly { readonly key: string; readonly of: (asset: Asset) => string }[] = [
  { key: 'kind', of: ({ kind }) => kind },
  { key: 'deps', of: ({ deps }) => stableJson(deps.toSorted()) },
  { key: 'tags', of: ({ tags }) => stableJson(tags) },
  { key: 'group', of: ({ group }) => stableJson(group) },
  { key: 'policy', of: ({ policy }) => stableJson(policy as never) },
]

function differs(asset: string, key: string): Problem {
  return {
    code: 'import-differs',
    message: `not imported, because then ${asset} would have another ${key}`,
    hint:
      key === 'policy'
        ? 'select by name, tag:, group: or kind: in `policies:`; dbt answers the rest only with models: all'
        : 'report this with the dbt project',
    asset,
  }
}

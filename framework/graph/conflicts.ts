import type { Asset } from '../model/asset.ts'
import type { Definition } from '../model/definition.ts'
import type { Problem } from '../model/problem.ts'

/**
 * Assets that would overwrite each other: two with one relation or one output file (SEMANTICS 22).
 * Externals write nothing, so two names for one outside table are no conflict.
 */
export function conflicts(
  assets: readonly Asset[],
  definitions: ReadonlyMap<string, Definition>,
): readonly Problem[] {
  const owners = new Map<string, Asset>()
  const problems: Problem[] = []
  for (const asset of assets) {
    const definition = definitions.get(asset.name)
    if (definition === undefined || definition.form === 'external') continue
    for (const { key, what } of placesOf(definition)) {
      const owner = owners.get(key)
      if (owner === undefined) owners.set(key, asset)
      else problems.push(conflict(owner, asset, what))
    }
  }
  return problems
}

function placesOf({ relation, outputs }: Definition): readonly { key: string; what: string }[] {
  const places = outputs.map((file) => ({ key: `file ${file}`, what: file }))
  // Both warehouses fold the case of unquoted names.
  if (relation !== null) places.push({ key: `relation ${relation.toLowerCase()}`, what: relation })
  return places
}

function conflict(first: Asset, second: Asset, what: string): Problem {
  return {
    code: 'output-conflict',
    message: `${first.name} and ${second.name} both write ${what}`,
    at: { file: second.file, path: ['assets', second.name], key: true },
    related: [
      {
        message: `${first.name} is declared here`,
        at: { file: first.file, path: ['assets', first.name], key: true },
      },
    ],
    hint: 'give one of them another place',
    asset: second.name,
  }
}

import { resolve } from 'node:path'
import { outputConflicts } from '../graph/conflicts.ts'
import { stableJson } from '../lib/json.ts'
import { type KnownFolders, realPlace, writtenFault } from '../lib/real-place.ts'
import type { Asset, KindName } from '../model/asset.ts'
import { outputPathProblem } from '../model/path-problem.ts'
import type { Problem } from '../model/problem.ts'
import { isStated } from '../model/project.ts'
import type { Kind } from '../ports/kind.ts'
import type { Site } from '../ports/site.ts'
import type { DefinedProject, Kinds } from '../staleness/define.ts'

/** Every kind that the project has assets of. */
export async function kindsOf(site: Site, kinds: Kinds): Promise<ReadonlyMap<KindName, Kind>> {
  const names = [...site.project.assets.kinds()]
  return new Map(await Promise.all(names.map(async (name) => [name, await kinds(name)] as const)))
}

/**
 * The outputs that two assets, or one asset on two targets, would both write (SEMANTICS 22), and those that a link puts
 * where they may not be (SEMANTICS 50). Examines every asset, so a command calls it only if it has something to build.
 * Problems: those of `outputConflicts`; `invalid-path`.
 */
export async function projectOutputConflicts(
  { definitions }: Pick<DefinedProject, 'definitions'>,
  kinds: Kinds,
  site: Site,
): Promise<readonly Problem[]> {
  const { root, project, target: here } = site
  const all = await kindsOf(site, kinds)
  const writes = (kind: KindName) => all.get(kind)?.writes
  const outputsOf = (asset: Asset) =>
    (definitions.get(asset.name)?.outputs ?? []).filter((file) => file !== '')
  const known: KnownFolders = new Map()
  const placeOf = (file: string) => realPlace(resolve(root, file), known)
  const owners = ownersOf(site, placeOf)
  const conflicts = outputConflicts(project.assets.all, {
    targets: Object.keys(project.targets),
    files: (asset, target) => {
      const known = writes(asset.kind)?.files(asset, target)
      // What dbt writes is known for the current target only.
      return known ?? (target === here.name ? outputsOf(asset) : [])
    },
    placeOf,
    ownerOf: (place) => owners.get(place) ?? null,
    targetHint: (asset) => writes(asset.kind)?.targetHint ?? null,
    relation: (asset) => {
      const definition = definitions.get(asset.name)
      // Several external assets may name the same table.
      return definition === undefined || definition.form === 'external' ? null : definition.relation
    },
    published: (asset, name) => {
      const target = project.targets[name]!
      const shown = all.get(asset.kind)?.shownIn?.(asset, target) ?? null
      if (shown?.publishes == null) return null
      const { connection, project: within, publishes } = shown
      const { type, settings } = target.connections[connection]!
      return {
        // Variables of another target are not known, so its settings are compared as the YAML has them.
        place: stableJson([type, settings.url, settings.site, within, publishes]),
        name: `the data source ${publishes} of project ${within}`,
      }
    },
  })
  const misled = project.assets.all.flatMap((asset) => {
    const { key, files } = writes(asset.kind) ?? {}
    if (key === undefined || files === undefined) return []
    return files(asset, here.name).flatMap((file, index) => {
      const fault = writtenFault(root, file, known)
      return fault === null ? [] : [outputPathProblem(fault, asset, key, index)]
    })
  })
  return [...misled, ...conflicts]
}

/** The files of a project that no asset may replace, by their places. */
function ownersOf(
  { project, target }: Site,
  placeOf: (file: string) => string,
): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  const add = (file: unknown, owner: string) => {
    if (typeof file === 'string' && file !== '') owners.set(placeOf(file), owner)
  }
  for (const file of project.files) add(file, 'a YAML file of this project')
  add('.env', 'the file with the variables of this project')
  add(target.state.settings.path, `the state of target ${target.name}`)
  const { warehouse } = target
  if (isStated(warehouse)) add(warehouse.settings.path, `the warehouse of target ${target.name}`)
  return owners
}

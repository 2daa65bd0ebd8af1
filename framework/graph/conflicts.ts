import { posix } from 'node:path'
import type { Asset } from '../model/asset.ts'
import type { Problem } from '../model/problem.ts'

/** The outputs of a project's assets. */
export interface ProjectOutputs {
  /** The names of the project's targets. */
  readonly targets: readonly string[]
  /** The files that an asset writes on a target, as they are written. */
  readonly files: (asset: Asset, target: string) => readonly string[]
  /** Where a file is once all links are followed: equal for two spellings of one file (SEMANTICS 50). */
  readonly placeOf: (file: string) => string
  /** What else is at a place: `a YAML file of the project`; null for nothing. */
  readonly ownerOf: (place: string) => string | null
  /** How the program that writes an asset's files can read the target's name; null if it can't. */
  readonly targetHint: (asset: Asset) => string | null
  /** The relation that an asset fills on the current target; null for none. */
  readonly relation: (asset: Asset) => string | null
  /** What an asset publishes on a target; null for nothing. */
  readonly published: (asset: Asset, target: string) => PublishedOutput | null
}

export interface PublishedOutput {
  /** Equal for the same place of the same service. */
  readonly place: string
  /** For people: `the data source revenue of project Finance`. */
  readonly name: string
}

/**
 * Assets that overwrite each other's outputs (SEMANTICS 22), one problem for each pair. Problems:
 * `output-conflict` for two assets with the same file or relation, or for a file of the project itself;
 * `shared-output` for one asset with the same file on two targets.
 */
export function outputConflicts(
  assets: readonly Asset[],
  outputs: ProjectOutputs,
): readonly Problem[] {
  const writers = new Map<string, Writer>()
  const problems = new Map<string, Problem>()
  for (const asset of assets) {
    for (const { key, name, target, owner } of outputsOf(asset, outputs)) {
      if (owner !== null) problems.set(`${asset.name} ${name}`, ownedOutput(asset, name, owner))
      const writer = writers.get(key)
      if (writer === undefined) {
        writers.set(key, { asset, target, name })
        continue
      }
      if (writer.asset === asset && writer.target === target) continue
      const pair = `${writer.asset.name} ${asset.name}`
      if (problems.has(pair)) continue
      problems.set(
        pair,
        writer.asset === asset
          ? sharedOutput(asset, name, [writer.target, target], wayOut(key, name, asset, outputs))
          : outputConflict(writer, asset, name),
      )
    }
  }
  return [...problems.values()]
}

interface Writer {
  readonly asset: Asset
  readonly target: string
  readonly name: string
}

interface Output {
  /** Equal for the same file or relation. */
  readonly key: string
  readonly name: string
  readonly target: string
  /** What else is there; null for nothing. */
  readonly owner: string | null
}

function* outputsOf(
  asset: Asset,
  { targets, files, placeOf, ownerOf, relation: relationOf, published }: ProjectOutputs,
): Generator<Output> {
  for (const target of targets) {
    const shown = published(asset, target)
    // Services ignore the case of names.
    if (shown !== null) {
      const key = `published ${shown.place.toLowerCase()}`
      yield { key, name: shown.name, target, owner: null }
    }
    for (const file of files(asset, target)) {
      const place = placeOf(file)
      yield { key: `file ${place}`, name: file, target, owner: ownerOf(place) }
    }
  }
  const relation = relationOf(asset)
  // Warehouses ignore the case of unquoted names.
  if (relation !== null) {
    const key = `relation ${relation.toLowerCase()}`
    yield { key, name: relation, target: '', owner: null }
  }
}

function ownedOutput(asset: Asset, file: string, owner: string): Problem {
  return {
    code: 'output-conflict',
    message: `${asset.name} writes ${file}, which is ${owner}`,
    at: { file: asset.file, path: ['assets', asset.name], key: true },
    hint: 'give it another file',
    asset: asset.name,
  }
}

function outputConflict({ asset: first, name }: Writer, second: Asset, output: string): Problem {
  const isOneSpelling = name.toLowerCase() === output.toLowerCase()
  const what = isOneSpelling ? output : `one file: ${name} and ${output} lead to the same place`
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
    hint: 'give one of them another file or name',
    asset: second.name,
  }
}

function sharedOutput(
  asset: Asset,
  file: string,
  [one, other]: readonly [string, string],
  { what, hint }: { readonly what: string; readonly hint: string },
): Problem {
  return {
    code: 'shared-output',
    message: `${asset.name} writes ${file} on target ${one} and on target ${other}, so each target overwrites the other's ${what}`,
    at: { file: asset.file, path: ['assets', asset.name], key: true },
    hint,
    asset: asset.name,
  }
}

/** What each target overwrites, and how to keep them apart. */
function wayOut(key: string, name: string, asset: Asset, { targetHint }: ProjectOutputs) {
  if (key.startsWith('published ')) {
    return { what: 'data source', hint: 'put {target} into `project:` or `name:` of `publish:`' }
  }
  const { dir, base } = posix.parse(name)
  const perTarget = posix.join(dir, '{target}', base)
  const more = targetHint(asset)
  const hint = `put {target} into the path: ${perTarget}${more === null ? '' : `; ${more}`}`
  return { what: 'file', hint }
}

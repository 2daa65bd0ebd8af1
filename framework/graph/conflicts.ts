import { posix } from 'node:path'
import type { Asset } from '../model/asset.ts'
import type { Problem } from '../model/problem.ts'

/** The outputs of a project's assets. */
export interface ProjectOutputs {
  /** The names of the project's targets. */
  readonly targets: readonly string[]
  /** The files that an asset writes on a target, relative to the project root. */
  readonly files: (asset: Asset, target: string) => readonly string[]
  /** How the program that writes an asset's files can read the target's name; null if it can't. */
  readonly targetHint: (asset: Asset) => string | null
  /** The relation that an asset fills on the current target; null for none. */
  readonly relation: (asset: Asset) => string | null
}

/**
 * Assets that overwrite each other's outputs (SEMANTICS 22), one problem for each pair. Problems:
 * `output-conflict` for two assets with the same file or relation; `shared-output` for one asset with
 * the same file on two targets.
 */
export function outputConflicts(
  assets: readonly Asset[],
  outputs: ProjectOutputs,
): readonly Problem[] {
  const writers = new Map<string, Writer>()
  const problems = new Map<string, Problem>()
  for (const asset of assets) {
    for (const { key, name, target } of outputsOf(asset, outputs)) {
      const writer = writers.get(key)
      if (writer === undefined) {
        writers.set(key, { asset, target })
        continue
      }
      if (writer.asset === asset && writer.target === target) continue
      const pair = `${writer.asset.name} ${asset.name}`
      if (problems.has(pair)) continue
      problems.set(
        pair,
        writer.asset === asset
          ? sharedOutput(asset, name, [writer.target, target], outputs.targetHint(asset))
          : outputConflict(writer.asset, asset, name),
      )
    }
  }
  return [...problems.values()]
}

interface Writer {
  readonly asset: Asset
  readonly target: string
}

interface Output {
  /** Equal for the same file or relation. */
  readonly key: string
  readonly name: string
  readonly target: string
}

function* outputsOf(
  asset: Asset,
  { targets, files, relation: relationOf }: ProjectOutputs,
): Generator<Output> {
  for (const target of targets) {
    for (const file of files(asset, target)) yield { key: `file ${file}`, name: file, target }
  }
  const relation = relationOf(asset)
  // Warehouses ignore the case of unquoted names.
  if (relation !== null) {
    yield { key: `relation ${relation.toLowerCase()}`, name: relation, target: '' }
  }
}

function outputConflict(first: Asset, second: Asset, output: string): Problem {
  return {
    code: 'output-conflict',
    message: `${first.name} and ${second.name} both write ${output}`,
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
  targetHint: string | null,
): Problem {
  const { dir, base } = posix.parse(file)
  const perTarget = posix.join(dir, '{target}', base)
  return {
    code: 'shared-output',
    message: `${asset.name} writes ${file} on target ${one} and on target ${other}, so each target overwrites the other's file`,
    at: { file: asset.file, path: ['assets', asset.name], key: true },
    hint: `put {target} into the path: ${perTarget}${targetHint === null ? '' : `; ${targetHint}`}`,
    asset: asset.name,
  }
}

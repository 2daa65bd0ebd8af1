import { posix } from 'node:path'
import type { Asset } from '../model/asset.ts'
import type { Problem } from '../model/problem.ts'

/** What the assets of a project write. */
export interface ProjectOutputs {
  /** The targets of the project, by name. */
  readonly targets: readonly string[]
  /** The files that an asset writes on a target, relative to the project root. */
  readonly files: (asset: Asset, target: string) => readonly string[]
  /** How the program that writes an asset's files learns the target's name; null if it doesn't. */
  readonly targetHint: (asset: Asset) => string | null
  /** The relation that an asset fills on the target at hand; null for none. */
  readonly relation: (asset: Asset) => string | null
}

/**
 * What would overwrite each other (SEMANTICS 22), each two told once. Problems: `output-conflict` for
 * two assets with one file or one relation; `shared-output` for an asset with one file on two targets.
 */
export function outputConflicts(assets: readonly Asset[], writing: ProjectOutputs): readonly Problem[] {
  const owners = new Map<string, Writer>()
  const problems = new Map<string, Problem>()
  for (const asset of assets) {
    for (const { key, what, target } of outputsOf(asset, writing)) {
      const owner = owners.get(key)
      if (owner === undefined) {
        owners.set(key, { asset, target })
        continue
      }
      if (owner.asset === asset && owner.target === target) continue
      const pair = `${owner.asset.name} ${asset.name}`
      if (problems.has(pair)) continue
      problems.set(
        pair,
        owner.asset === asset
          ? sharedOutput(asset, what, [owner.target, target], writing.targetHint(asset))
          : outputConflict(owner.asset, asset, what),
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
  readonly key: string
  readonly what: string
  readonly target: string
}

function* outputsOf(asset: Asset, { targets, files, relation }: ProjectOutputs): Generator<Output> {
  for (const target of targets) {
    for (const file of files(asset, target)) yield { key: `file ${file}`, what: file, target }
  }
  const filled = relation(asset)
  // Both warehouses fold the case of unquoted names.
  if (filled !== null) {
    yield { key: `relation ${filled.toLowerCase()}`, what: filled, target: '' }
  }
}

function outputConflict(first: Asset, second: Asset, what: string): Problem {
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

function sharedOutput(
  asset: Asset,
  file: string,
  [one, other]: readonly [string, string],
  targetHint: string | null,
): Problem {
  const { dir, base } = posix.parse(file)
  const apart = posix.join(dir, '{target}', base)
  return {
    code: 'shared-output',
    message: `${asset.name} writes ${file} on target ${one} and on target ${other}, so each would undo the other's`,
    at: { file: asset.file, path: ['assets', asset.name], key: true },
    hint: `let the path tell them apart: ${apart}${targetHint === null ? '' : `; ${targetHint}`}`,
    asset: asset.name,
  }
}

import { normalize } from 'node:path'
import type { Asset } from '../../model/asset.ts'

/** A command on one target. */
export interface CommandSpec {
  readonly argv: readonly [string, ...string[]]
  /** Paths and globs, relative to the project root or absolute. */
  readonly code: readonly string[]
  /** Relative to the project root, or absolute. */
  readonly outputs: readonly string[]
  /** Names of environment variables. */
  readonly env: readonly string[]
}

/** Reads the keys of an asset, already validated by the declaration, for a target. */
export function commandSpec(asset: Asset, target: string): CommandSpec {
  const spec = asset.spec as unknown as {
    readonly run: string | readonly [string, ...string[]]
    readonly code?: readonly string[]
    readonly outputs?: readonly string[]
    readonly env?: readonly string[]
  }
  return {
    argv: typeof spec.run === 'string' ? ['sh', '-c', spec.run] : spec.run,
    code: (spec.code ?? []).map((path) => normalize(path)),
    outputs: (spec.outputs ?? []).map((path) => normalize(path.replaceAll('{target}', target))),
    env: spec.env ?? [],
  }
}

import type { Asset } from '../model/asset.ts'
import type { Problem } from '../model/problem.ts'

/** A problem of a service or a warehouse, which knows no assets, as one of an asset: at a key of it, or at all of it. */
export function atKey({ name, file }: Asset, problem: Problem, key?: string): Problem {
  const path = ['assets', name]
  return {
    at: key === undefined ? { file, path } : { file, path: [...path, key], key: true },
    ...problem,
    message: `${name}: ${problem.message}`,
    asset: name,
  }
}

import type { Asset } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'
import { isStreamProblem } from '../../model/stream-problem.ts'

/**
 * Adds the location in the asset's YAML to a connection's problem. A problem with the declaration of the
 * stream gets the location of its key and becomes a mistake: retrying cannot help. Pure.
 */
export function locateProblem(problem: Problem, asset: Asset | undefined): Problem {
  if (asset === undefined || problem.at !== undefined) return problem
  const path = ['assets', asset.name]
  if (!isStreamProblem(problem)) {
    return { ...problem, at: { file: asset.file, path, key: true } }
  }
  const { streamKey, ...rest } = problem
  return { ...rest, mistake: true, at: { file: asset.file, path: [...path, streamKey] } }
}

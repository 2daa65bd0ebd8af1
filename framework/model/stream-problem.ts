import type { Problem } from './problem.ts'

/** A key of an asset that declares its stream. */
export type StreamKey =
  | 'stream'
  | 'namespace'
  | 'sync'
  | 'primary_key'
  | 'cursor'
  | 'columns'
  | 'exclude'

/**
 * A problem with the declaration of a stream. A connection knows no YAML, so it names the key; the kind
 * turns the key into a location.
 */
export interface StreamProblem extends Problem {
  readonly asset: string
  readonly streamKey: StreamKey
}

export function isStreamProblem(problem: Problem): problem is StreamProblem {
  return 'streamKey' in problem
}

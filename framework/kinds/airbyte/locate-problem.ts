import type { Asset } from '../../model/asset.ts'
import type { Problem } from '../../model/problem.ts'

/** The YAML key that a connection's problem is about. */
const KEYS: Readonly<Record<string, string>> = {
  'unknown-stream': 'stream',
  'missing-key-column': 'primary_key',
  'missing-cursor-column': 'cursor',
  'unknown-column': 'columns',
  'column-clash': 'stream',
  'no-columns': 'stream',
  'stream-not-selected': 'stream',
  'sync-differs': 'sync',
  'primary-key-differs': 'primary_key',
  'cursor-differs': 'cursor',
}

/**
 * A connection knows no YAML: gives its problem the place where the asset says it. What can be mended
 * there is a mistake of the declaration, which no other try will pass.
 */
export function located(problem: Problem, asset: Asset | undefined): Problem {
  if (asset === undefined || problem.at !== undefined) return problem
  const key = KEYS[problem.code]
  const path = ['assets', asset.name]
  return key === undefined
    ? { ...problem, at: { file: asset.file, path, key: true } }
    : { ...problem, mistake: true, at: { file: asset.file, path: [...path, key] } }
}

import type { Problem } from '../../model/problem.ts'

/** The problem of an asset that is declared twice, in one file or in two. */
export function duplicateAsset(
  name: string,
  locations: Required<Pick<Problem, 'at' | 'related'>>,
): Problem {
  return {
    code: 'duplicate-asset',
    message: `${name} is declared twice`,
    ...locations,
    hint: 'remove or rename one of the two',
    asset: name,
  }
}

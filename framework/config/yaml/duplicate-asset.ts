import type { Problem } from '../../model/problem.ts'

/** An asset that two declarations give a meaning to, in one file or in two. */
export function duplicateAsset(
  name: string,
  places: Required<Pick<Problem, 'at' | 'related'>>,
): Problem {
  return {
    code: 'duplicate-asset',
    message: `${name} is declared twice`,
    ...places,
    hint: 'remove or rename one of the two',
    asset: name,
  }
}

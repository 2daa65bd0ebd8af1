import { closest } from '../../lib/did-you-mean.ts'
import type { Problem } from '../../model/problem.ts'
import type { Declared } from '../compile/compiled-file.ts'
import { duplicateAsset } from '../yaml/duplicate-asset.ts'

/** More suggestions than anybody reads, each of which looks at every name. */
const SUGGESTIONS = 100

/**
 * What is wrong between files: `duplicate-asset`, `unknown-dependency`. `isHidden` tells whether a
 * name may be declared in a file that could not be read; then nothing is known to be wrong with it.
 */
export function linkProblems(
  files: readonly Declared[],
  isHidden: (name: string) => boolean,
): readonly Problem[] {
  const fileOf = new Map<string, string>()
  const problems: Problem[] = []
  for (const { file, names } of files) {
    for (const name of names) {
      const first = fileOf.get(name)
      if (first === undefined) fileOf.set(name, file)
      else problems.push(declaredTwice(name, first, file))
    }
  }
  let suggestions = SUGGESTIONS
  for (const { file, names, deps } of files) {
    for (const [i, reads] of deps.entries()) {
      for (const [index, name] of reads.entries()) {
        if (fileOf.has(name) || isHidden(name)) continue
        const meant = suggestions-- > 0 ? closest(name, fileOf.keys()) : null
        problems.push(unknownDependency(names[i]!, name, file, index, meant))
      }
    }
  }
  return problems
}

function declaredTwice(name: string, first: string, second: string): Problem {
  const at = (file: string) => ({ file, path: ['assets', name], key: true }) as const
  return duplicateAsset(name, {
    at: at(second),
    related: [{ message: 'first here', at: at(first) }],
  })
}

function unknownDependency(
  asset: string,
  name: string,
  file: string,
  index: number,
  meant: string | null,
): Problem {
  return {
    code: 'unknown-dependency',
    message: `${asset} depends on ${name}, which no file declares`,
    at: { file, path: ['assets', asset, 'deps', index] },
    hint:
      meant === null
        ? `declare it under "assets:" (kind external, if somebody else builds it)`
        : `did you mean "${meant}"?`,
    asset,
  }
}

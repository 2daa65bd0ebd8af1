import { closest } from '../../lib/did-you-mean.ts'
import type { Problem } from '../../model/problem.ts'
import type { DeclaredAssets } from '../compile/compiled-file.ts'
import { duplicateAsset } from '../yaml/duplicate-asset.ts'

/** Each suggestion compares a name with all names, so their number is limited. */
export const MAX_SUGGESTIONS = 20

/**
 * Problems between files: `duplicate-asset`, `unknown-dependency`. `mayDeclare`: whether a file that
 * could not be parsed may declare a name. A dependency on such a name is not reported.
 */
export function linkProblems(
  files: readonly DeclaredAssets[],
  mayDeclare: (name: string) => boolean,
): readonly Problem[] {
  const fileOf = new Map<string, string>()
  const problems: Problem[] = []
  for (const { file, names } of files) {
    for (const name of names) {
      const first = fileOf.get(name)
      if (first === undefined) fileOf.set(name, file)
      else problems.push(duplicate(name, first, file))
    }
  }
  let suggestionsLeft = MAX_SUGGESTIONS
  for (const { file, names, deps } of files) {
    for (const [i, reads] of deps.entries()) {
      for (const [index, name] of reads.entries()) {
        if (fileOf.has(name) || mayDeclare(name)) continue
        const suggestion = suggestionsLeft-- > 0 ? closest(name, fileOf.keys()) : null
        const asset = names[i]!
        const fact = `${asset} depends on ${name}, which no file declares`
        problems.push(unknownDependency(asset, name, fact, file, index, suggestion))
      }
    }
  }
  return problems
}

function duplicate(name: string, first: string, second: string): Problem {
  const at = (file: string) => ({ file, path: ['assets', name], key: true }) as const
  return duplicateAsset(name, {
    at: at(second),
    related: [{ message: 'first declared here', at: at(first) }],
  })
}

/** The problem of the dependency `absent` at an index of `deps:`, which is no asset. `suggestion`: a name that is near. */
export function unknownDependency(
  asset: string,
  absent: string,
  message: string,
  file: string,
  index: number,
  suggestion: string | null,
): Problem {
  return {
    code: 'unknown-dependency',
    message,
    at: { file, path: ['assets', asset, 'deps', index] },
    hint:
      suggestion === null
        ? 'declare it under "assets:"; use "kind: external" if another program builds it'
        : `did you mean "${suggestion}"?`,
    asset,
    absent,
  }
}

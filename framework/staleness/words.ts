import type { StateSnapshot } from '../model/record.ts'
import { type Words, wordsSubject, wordsToken } from '../model/words.ts'

/**
 * The assets whose comments are known to hold their words: these words were set in the relation of the
 * asset's record (SEMANTICS 34). Pure.
 */
export function describedAssets(
  words: ReadonlyMap<string, Words>,
  state: StateSnapshot,
): ReadonlySet<string> {
  const described = new Set<string>()
  for (const [name, one] of words) {
    const token = state.changeTokens.get(wordsSubject(name))
    const record = token === undefined ? undefined : state.records.get(name)
    if (record !== undefined && token === wordsToken(one, record.run)) described.add(name)
  }
  return described
}

import { type Mutant, oneEdit } from './mutant.ts'

const LONG_TEXTS = ['tests/unit/lib/long-texts.test.ts']
const GLOB = ['tests/unit/lib/glob.test.ts']

/** A mutant of one edit. */
const mutant = (
  name: string,
  rule: string,
  file: string,
  edit: readonly [find: string, replace: string],
  tests: readonly string[],
): Mutant => oneEdit(name, rule, file, edit, tests)

/** What text of any size and depth may cost. */
export const BOUNDS_MUTANTS: readonly Mutant[] = [
  mutant(
    'glob-takes-the-first-place-of-a-class',
    'all ways to match are followed at once',
    'lib/glob.ts',
    ['if (moves & STAYS) next[k] = 1', 'if (moves & STAYS && lowest === -1) next[k] = 1'],
    GLOB,
  ),
  mutant(
    'glob-with-a-backward-range',
    'a range that runs backwards has no members',
    'lib/glob.ts',
    ['if (low <= high) ranges', 'ranges'],
    GLOB,
  ),
  mutant(
    'glob-longer-than-the-text',
    'a pattern that asks for more characters than there are is not followed',
    'lib/glob.ts',
    ['text.length >= shortest &&', 'text.length >= ends &&'],
    GLOB,
  ),
  mutant(
    'settings-from-the-middle-of-a-word',
    'the name of a setting is looked for once in a word',
    'config/target/secret-detection.ts',
    ['(?<![A-Za-z_])([A-Za-z_]+)', '([A-Za-z_]+)'],
    LONG_TEXTS,
  ),
  mutant(
    'deep-fallbacks',
    'fallbacks in each other end at a depth that the call stack holds',
    'config/target/template.ts',
    ['if (this.#depth > MAX_DEPTH)', 'if (this.#depth > 1_000_000)'],
    LONG_TEXTS,
  ),
  mutant(
    'templates-of-any-length',
    'code that is too long for regular expressions is not read with them',
    'kinds/dbt/code-version/tokens.ts',
    ['piece.length > LONGEST_CODE', 'piece.length > 100 * LONGEST_CODE'],
    LONG_TEXTS,
  ),
]

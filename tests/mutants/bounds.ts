import { type Mutant, oneEdit } from './mutant.ts'

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
]

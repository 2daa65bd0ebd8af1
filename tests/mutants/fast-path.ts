import type { Mutant } from './mutant.ts'
import { FAST_PATH, mutant } from './suites.ts'

/** The fast path for unchanged assets. */
export const FAST_PATH_MUTANTS: readonly Mutant[] = [
  mutant(
    'fast-path-ignores-inputs',
    'the fast path is for assets whose inputs are as recorded',
    'staleness/fast-path/unchanged.ts',
    ['if (this.#isAtRecordedVersion[input] === 0) return false', ''],
    FAST_PATH,
  ),
  mutant(
    'fast-path-ignores-journal',
    'the fast path is for assets without journal entry, force or new observation',
    'staleness/fast-path/unchanged.ts',
    [' || this.#touched[i] === 1', ''],
    FAST_PATH,
  ),
  mutant(
    'fast-path-ignores-code',
    'the fast path is for assets whose code is as recorded',
    'staleness/fast-path/unchanged.ts',
    [' || !now.equals(i, codes, row)', ''],
    FAST_PATH,
  ),
  mutant(
    'fast-path-ignores-list',
    'the fast path is for assets that read the recorded list of inputs',
    'staleness/fast-path/unchanged.ts',
    ['if (this.#rows[input] !== before.targets[first + k]) return false', ''],
    FAST_PATH,
  ),
  mutant(
    'fast-path-without-inputs',
    'the records of inputs are read for what the fast path does not answer',
    'staleness/fast-path/unchanged.ts',
    ['for (const input of graph.inputs(i)) doubtful.add(input)', ''],
    FAST_PATH,
  ),
  mutant(
    'cache-hides-policy-problems',
    'policies that do not fit are problems also if the definitions come from the cache',
    'staleness/fast-path/define-from-cache.ts',
    ['...allPolicyProblems(assets, (name) => definitions.get(name)),', ''],
    ['tests/golden/problems.test.ts'],
  ),
]

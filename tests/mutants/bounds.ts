import { type Mutant, oneEdit } from './mutant.ts'

const LONG_TEXTS = ['tests/unit/lib/long-texts.test.ts']
const YAML = ['tests/unit/config/yaml.test.ts']
const FUZZ = ['tests/fuzz/fuzz.test.ts']
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
  mutant(
    'yaml-of-any-size',
    'a YAML file with too many words is refused',
    'config/yaml/document.ts',
    ['if (count > MAX_LEXEMES)', 'if (count > 100 * MAX_LEXEMES)'],
    YAML,
  ),
  mutant(
    'texts-of-any-size',
    'a YAML file with too long a text is refused',
    'config/yaml/document.ts',
    ['lexeme.length > LONGEST_TEXT &&', 'lexeme.length > 100 * LONGEST_TEXT &&'],
    YAML,
  ),
  mutant(
    'every-bad-escape',
    'of many equal errors the first are reported',
    'config/yaml/syntax.ts',
    ['MAX_ERRORS = 1_000', 'MAX_ERRORS = 1_000_000'],
    YAML,
  ),
  mutant(
    'selectors-in-a-chain',
    'a long chain of selectors is a problem',
    'graph/selection/evaluate.ts',
    ['this.#open.length >= MAX_SELECTORS', 'this.#open.length >= 1_000 * MAX_SELECTORS'],
    ['tests/unit/graph/selectors.test.ts'],
  ),
  mutant(
    'login-that-is-not-encoded',
    'a percent sign in a login is a character',
    'connections/airbyte/settings.ts',
    ['return part', 'throw new Error(part)'],
    FUZZ,
  ),
  mutant(
    'result-without-a-status',
    "a line of the worker has its message's keys",
    'kinds/dbt/worker/worker-message.ts',
    ['isText(status) &&', ''],
    FUZZ,
  ),
  mutant(
    'variable-of-every-object',
    'a variable that no one sets is unset, whatever its name',
    'kinds/dbt/code-version/read-parts.ts',
    ['Object.hasOwn(values, name) ? JSON', 'name in values ? JSON'],
    FUZZ,
  ),
]

import { type Mutant, oneEdit } from './mutant.ts'

const BUILT = ['tests/unit/as-built.test.ts', 'tests/property/against.test.ts']
const FILES = ['tests/e2e/plan-against.test.ts']
const COLUMNS = ['tests/unit/plan-columns.test.ts']
const SHOWN = ['tests/unit/report/plan-against.test.ts']

/** A working tree against a commit (SEMANTICS 42). */
export const AGAINST_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'base-views-unknown',
    'SEMANTICS 42a: what a view of the base shows is remembered',
    'execute/as-built.ts',
    ["if (change.change === 'remember')", "if (change.change !== 'remember')"],
    BUILT,
  ),
  oneEdit(
    'base-ephemerals-unsettled',
    'SEMANTICS 42a: an ephemeral of the base has the version of its inputs',
    'execute/as-built.ts',
    [
      "definition.form === 'external' || definition.form === 'ephemeral'",
      "definition.form === 'external'",
    ],
    BUILT,
  ),
  oneEdit(
    'base-externals-absent',
    'SEMANTICS 42a: every external of the base is there',
    'execute/as-built.ts',
    ['const state = { ...unbuilt, observed }', 'const state = NOTHING'],
    BUILT,
  ),
  oneEdit(
    'base-checks-unchecked',
    'SEMANTICS 42a: every check of the base has passed',
    'execute/as-built.ts',
    ["outcome: 'pass'", "outcome: 'fail'"],
    BUILT,
  ),
  oneEdit(
    'base-words-unknown',
    'SEMANTICS 42a: the comments of the base hold its words',
    'execute/as-built.ts',
    ['wordsToken(one, RUN)]', 'wordsToken(one, RUN + 1)]'],
    BUILT,
  ),
  oneEdit(
    'base-nowhere',
    'SEMANTICS 42a: what the base built is at its relation',
    'execute/as-built.ts',
    ['relation === null ? null : { relation, columns: hash(asset) }', 'null'],
    BUILT,
  ),
  oneEdit(
    'new-externals-absent',
    'SEMANTICS 42a: an external that the base does not have counts as present',
    'execute/as-built.ts',
    ["definition.form === 'external' && isNew", "definition.form === 'stored' && isNew"],
    BUILT,
  ),
  oneEdit(
    'ignored-files-of-no-side',
    'SEMANTICS 42b: files that git ignores are the same for both',
    'cli/against/shared-files.ts',
    ['  setLinks(base, links)', '  setLinks(base, new Map())'],
    FILES,
  ),
  oneEdit(
    'ignored-files-win',
    'SEMANTICS 42b: a file of the commit is never replaced',
    'cli/against/shared-files.ts',
    [
      'if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false',
      'rmSync(path, { force: true })',
    ],
    FILES,
  ),
  oneEdit(
    'links-of-the-working-tree',
    'SEMANTICS 42b: a link into the repository leads to the file of its side',
    'cli/against/shared-files.ts',
    ["inside.startsWith('..') || inside === '' ? target : join(base, inside)", 'target'],
    FILES,
  ),
  oneEdit(
    'tip-of-the-branch',
    'SEMANTICS 42c: the commit is the merge base',
    'cli/against/base-commit.ts',
    ['const commit = merged ?? named.commit', 'const commit = named.commit'],
    FILES,
  ),
  oneEdit(
    'history-with-secrets',
    'a comparison fetches no secret',
    'cli/verbs/plan/against.ts',
    ['if (needsSecrets || ', 'if ('],
    FILES,
  ),
  oneEdit(
    'history-creates-the-state',
    'a comparison creates no state',
    'cli/verbs/plan/against.ts',
    ['isAtHand?.(settings, site) !== true', 'isAtHand === undefined'],
    FILES,
  ),
  oneEdit(
    'users-index',
    'the index of the user is not touched',
    'cli/against/git.ts',
    ['index === undefined ? clean : { ...clean, GIT_INDEX_FILE: index }', 'clean'],
    FILES,
  ),
  oneEdit(
    'trees-for-ever',
    'trees that no command uses are removed',
    'cli/against/base-tree.ts',
    ['trees.slice(KEPT)', 'trees.slice(trees.length)'],
    FILES,
  ),
  oneEdit(
    'columns-of-a-hole',
    'SEMANTICS 42d: an expression without an alias can give any columns',
    'plan/known-columns.ts',
    ['columns?.some(({ name }) => name === HOLE) === true ? null : columns', 'columns'],
    COLUMNS,
  ),
  oneEdit(
    'part-of-a-name',
    'SEMANTICS 42d: what Jinja adds to a name is not known',
    'kinds/dbt/plain-sql.ts',
    ['if (around.some((char) => PART.test(char))) isWhole = false', ''],
    COLUMNS,
  ),
  oneEdit(
    'two-columns-of-a-name',
    'SEMANTICS 42d: of two columns with one name it is not known what becomes',
    'plan/select-list.ts',
    ['return names.size === columns.length ? columns : null', 'return columns'],
    COLUMNS,
  ),
  oneEdit(
    'semi-joins',
    'SEMANTICS 42d: a semi join shows one side only',
    'plan/select-list.ts',
    ['if (/SEMI|ANTI|MARK/.test(textOf(from.join_type))) return null', ''],
    COLUMNS,
  ),
  oneEdit(
    'markup-in-a-comment',
    'a text in a comment for GitHub is no markup',
    'report/html.ts',
    [".replaceAll('<', '&lt;')", ''],
    SHOWN,
  ),
  oneEdit(
    'comment-too-long',
    'a comment has at most 65,536 characters',
    'report/plan-against-markdown.ts',
    ['text.length <= LIMIT', 'text.length > 0'],
    SHOWN,
  ),
]

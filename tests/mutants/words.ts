import { type Mutant, oneEdit } from './mutant.ts'

const RUNS = ['tests/unit/execute/set-words.test.ts']
const COMMENTS = ['tests/contract/kind-dbt-comments.test.ts']

const mutant = (
  name: string,
  rule: string,
  file: string,
  edit: readonly [find: string, replace: string],
  tests = RUNS,
) => oneEdit(name, rule, file, edit, tests)

/** Words that reach the warehouse without a build (SEMANTICS 34). */
export const WORDS_MUTANTS: readonly Mutant[] = [
  mutant('words-unset', 'other words are set (34a)', 'staleness/words.ts', [
    'record !== undefined && token === wordsToken(one, record.run)',
    'record !== undefined',
  ]),
  mutant(
    'words-out-of-scope',
    'only assets of the run get comments (34a)',
    'execute/set-words.ts',
    ['if (i === undefined || !request.inRun(i)) continue', 'if (i === undefined) continue'],
  ),
  mutant('words-of-failed', 'a failed asset is left (34a)', 'execute/set-words.ts', [
    'if (!isDone || ',
    'if (',
  ]),
  mutant('words-not-recorded', 'the next run does nothing (34a)', 'execute/set-words.ts', [
    'return [...commit, holds(worded)]',
    'return [...commit]',
  ]),
  mutant('words-without-run', 'another record makes words unknown (34b)', 'model/words.ts', [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
    '=> `${run}:${version}`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
    '=> `${run > 0}:${version}`',
  ]),
  mutant(
    'words-remembered',
    'words are forgotten before they are set (34b)',
    'execute/set-words.ts',
    [
      'const changes = [...known, ...forgotten]',
      'const changes = [...known, ...forgotten.slice(forgotten.length)]',
    ],
  ),
  mutant('words-of-adopted', 'adopted tables get their words again (34b)', 'execute/set-words.ts', [
    "committed.has(i) && record.how !== 'adopted'",
    'committed.has(i)',
  ]),
  mutant('words-kept', 'a build may leave deleted words (34c)', 'execute/set-words.ts', [
    'isBuilt && (!words.kept || world.described.has(record.asset))',
    'isBuilt',
  ]),
  mutant('comments-drift', 'comments are no drift (34d)', 'execute/set-words.ts', [
    'const commit: Change[] = record === null ? [] :',
    'const commit: Change[] = record !== undefined ? [] :',
  ]),
  mutant('drift-commented', 'drift before the comments stays drift (34d)', 'execute/set-words.ts', [
    'if (before.installed !== record.installed || token !== record.token) return null',
    'if (before.installed !== record.installed && token === undefined) return null',
  ]),
  mutant(
    'comments-void-token',
    'the token of the warehouse is taken afterwards',
    'execute/run.ts',
    [
      'if (recorded.ok && warehouse !== null) await recordWarehouseToken',
      'if (recorded.ok && works && warehouse !== null) await recordWarehouseToken',
    ],
  ),
  mutant(
    'deleted-comment',
    'comments without words are deleted (34a)',
    'kinds/dbt/worker/worker_words.py',
    ['if config.persist_relation_docs() and not node.description:', 'if False:'],
    COMMENTS,
  ),
  mutant(
    'words-of-every-materialization',
    'dbt persists words only in materializations that call persist_docs (34a)',
    'kinds/dbt/worker/worker_words.py',
    ['if node.config.materialized not in self.writers or', 'if'],
    COMMENTS,
  ),
  mutant(
    'deleted-column-comment',
    'comments of columns without words are deleted (34a)',
    'kinds/dbt/worker/worker_words.py',
    ['        delete_column_comments(each', '        str(each'],
    COMMENTS,
  ),
]

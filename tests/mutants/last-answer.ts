import { type Mutant, oneEdit } from './mutant.ts'

const KEPT = ['tests/e2e/last-answer.test.ts']
const FILE = 'cli/verbs/status/last-answer.ts'

const bundled = (mutant: Mutant): Mutant => ({ ...mutant, isBundled: true })

/** The last answer of `status` (SEMANTICS 46). */
export const LAST_ANSWER_MUTANTS: readonly Mutant[] = [
  ...[
    oneEdit(
      'answer-of-any-state',
      'what was recorded since is seen (46a)',
      FILE,
      ['stableJson(site.target), state]', 'stableJson(site.target)]'],
      KEPT,
    ),
    oneEdit(
      'answer-of-any-dbt-project',
      'a change of the dbt project is seen (46a)',
      FILE,
      ['parts.push(name, key)', 'parts.push(name)'],
      KEPT,
    ),
    oneEdit(
      'answer-of-any-yaml',
      'a change of the YAML is seen (46a)',
      FILE,
      ['parts.push(file, content)', 'parts.push(file)'],
      KEPT,
    ),
    oneEdit(
      'answer-of-any-warehouse',
      'a write to the warehouse is seen (46a)',
      FILE,
      ['hash(...parts, token)', 'hash(...parts)'],
      KEPT,
    ),
    oneEdit(
      'answer-that-ages',
      'an answer that the time can change is not kept (46b)',
      FILE,
      ['!hasAge && ', ''],
      KEPT,
    ),
    oneEdit(
      'answer-about-files',
      'an answer that depends on files is not kept (46b)',
      FILE,
      ["definition.form === 'external' && definition.relation === null", 'false'],
      KEPT,
    ),
    oneEdit(
      'answer-with-a-stale-asset',
      'an answer is kept only if everything is fresh (46a)',
      FILE,
      ["if (decisions.verdicts[i]!.state !== 'fresh') return false", ''],
      KEPT,
    ),
    oneEdit(
      'answer-with-a-warning-check',
      'an answer is kept only if all checks passed (46a)',
      FILE,
      ["?.outcome === 'pass'", "?.outcome !== 'fail'"],
      KEPT,
    ),
  ].map(bundled),
  oneEdit(
    'recent-file-proves',
    'a file that was written a moment ago proves nothing (46b)',
    'lib/file-token.ts',
    ['age <= STABLE_AFTER_NS', 'age <= -STABLE_AFTER_NS'],
    ['tests/unit/lib/file-token.test.ts'],
  ),
]

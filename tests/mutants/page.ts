import { type Mutant, oneEdit } from './mutant.ts'

const GUARD = ['tests/unit/ui/guard.test.ts']

/** The page, and what the terminal says while a run goes on and after it. */
export const PAGE_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'any-host-is-answered',
    'a request that names another host gets no answer (DNS rebinding)',
    'ui/server/guard.ts',
    ['host === undefined || !hosts.has(host.toLowerCase())', 'host === undefined'],
    GUARD,
  ),
  oneEdit(
    'other-sites-are-answered',
    'a request from a page of another site gets no answer',
    'ui/server/guard.ts',
    ['origin !== undefined && origin', 'origin === undefined && origin !== undefined && origin'],
    GUARD,
  ),
  oneEdit(
    'page-without-token',
    'with a token, only the empty page is open to all',
    'ui/server/guard.ts',
    ["token === null || path === '/'", "token === null || path.startsWith('/')"],
    GUARD,
  ),
  oneEdit(
    'any-token-of-that-length',
    'a token is compared, and not only its length',
    'ui/server/guard.ts',
    [' && timingSafeEqual(given, wanted)', ''],
    GUARD,
  ),
  oneEdit(
    'next-is-what-was-typed',
    'the command that was just typed is not next, whatever its options',
    'report/next.ts',
    ['typed !== undefined && essence(whole) === essence(typed)', 'whole === typed'],
    ['tests/unit/report/next.test.ts'],
  ),
  oneEdit(
    'next-after-a-refused-login',
    'after a refused login, doctor is next',
    'report/next.ts',
    ["style.hasAccessFault === true ? 'assets doctor' : command", 'command'],
    ['tests/unit/report/next.test.ts'],
  ),
  oneEdit(
    'any-number-is-a-time',
    'a number that no date has is damage of the state',
    'state/times.ts',
    [' && Math.abs(value) <= FURTHEST', ''],
    ['tests/e2e/damaged-times.test.ts'],
  ),
  oneEdit(
    'folded-failures',
    'a check that did not pass is shown at once and in full',
    'report/run-lines.ts',
    ['const own = hasPassed ? [] : linesOf(event, context)', 'const own: readonly string[] = []'],
    ['tests/unit/report/run-lines.test.ts'],
  ),
  oneEdit(
    'folded-warnings',
    'a check that warned has a line of its own in `runs N`',
    'report/runs.ts',
    ["outcome === 'checked' && note === 'pass'", "outcome === 'checked'"],
    ['tests/unit/report/runs.test.ts'],
  ),
  oneEdit(
    'possible-steps-are-certain',
    'the least time that is left counts only steps that run in any case',
    'plan/time-left.ts',
    ['step?.isCertain === true ? seconds : 0', 'seconds'],
    ['tests/unit/plan-time-left.test.ts'],
  ),
  oneEdit(
    'waits-for-definitions-are-lost',
    'the log of a run keeps what it waited for before it knew its steps',
    'execute/run-log.ts',
    ['if (event.batch === 0) this', 'if (event.batch < 0) this'],
    ['tests/unit/execute/run-log.test.ts'],
  ),
  oneEdit(
    'documented-columns-are-all',
    'documented columns are not said to be all of them',
    'cli/verbs/ui/column-reader.ts',
    ['list: documented, areAll: false', 'list: documented, areAll: true'],
    ['tests/unit/cli/column-reader.test.ts'],
  ),
  oneEdit(
    'unquoted-names-are-offered',
    'completion quotes a name that a selection would read as something else',
    'cli/completion/selection-word.ts',
    ['isQuoted || /^@|[\\s+,():]/.test(name)', 'isQuoted'],
    ['tests/unit/cli/completion.test.ts'],
  ),
  {
    ...oneEdit(
      'names-are-kept-for-ever',
      'the names that completion offers change with the project',
      'cli/completion/keep-names.ts',
      ['storedKey(home) === key', 'storedKey(home) !== null'],
      ['tests/e2e/completion.test.ts'],
    ),
    isBundled: true,
  },
]

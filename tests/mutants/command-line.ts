import { type Mutant, oneEdit } from './mutant.ts'

/** What a command says of its end: exit codes, and mistakes in selections. */
export const COMMAND_LINE_MUTANTS: readonly Mutant[] = [
  oneEdit(
    'empty-selection-is-done',
    'a selection that matches nothing at all is a mistake',
    'cli/selecting.ts',
    ['if (!mayBeEmpty && ', 'if (mayBeEmpty && '],
    ['tests/e2e/empty-selections.test.ts'],
  ),
  oneEdit(
    'no-stale-asset-is-a-mistake',
    'a state that nothing has at the moment is no mistake',
    'cli/selecting.ts',
    ['=== true || dependsOnState || dbt.value', '=== true || dbt.value'],
    ['tests/e2e/empty-selections.test.ts'],
  ),
  {
    ...oneEdit(
      'part-of-an-output-is-done',
      'a command that only prints says that its reader went away',
      'cli/main.ts',
      ['return EXIT.unread', 'return EXIT.done'],
      ['tests/e2e/lost-output.test.ts'],
    ),
    isBundled: true,
  },
  {
    ...oneEdit(
      'run-ends-with-its-reader',
      'a run goes on when nobody reads its output',
      'cli/outlet.ts',
      ['this.#failure ??= error.code ?? error.message', 'process.exit(0)'],
      ['tests/e2e/lost-output.test.ts'],
    ),
    isBundled: true,
  },
]

import { type Mutant, oneEdit } from './mutant.ts'

const E2E = ['tests/e2e/nothing-outlives.test.ts']

/** Programs that outlive their run, and the clock of the lease. */
export const PROCESS_MUTANTS: readonly Mutant[] = [
  {
    ...oneEdit(
      'no-supervisor',
      'a program ends with the process that started it',
      'lib/process-groups.ts',
      ["tell('+', leader)\n    }", "tell('-', leader)\n    }"],
      E2E,
    ),
    isBundled: true,
  },
  oneEdit(
    'resume-leaves-programs',
    'a resume ends what the killed run left',
    'state/lease.ts',
    ['found.run !== after)', 'found.run === after)'],
    ['tests/contract/state-sqlite.test.ts'],
  ),
  {
    ...oneEdit(
      'supervisor-only-asks',
      'the supervisor kills what ignores SIGTERM',
      'lib/process-groups.ts',
      ['kill -s KILL', 'kill -s TERM'],
      E2E,
    ),
    isBundled: true,
  },
  {
    ...oneEdit(
      'background-of-built-ends',
      'what a step that was built left in the background goes on',
      'cli/left-programs.ts',
      ['asset === null || programs.has(asset)', "asset === null || asset !== ''"],
      E2E,
    ),
    isBundled: true,
  },
  {
    ...oneEdit(
      'second-ctrl-c-leaves-programs',
      'a second Ctrl-C ends every program at once',
      'main.ts',
      ['      killGroups()\n', ''],
      E2E,
    ),
    isBundled: true,
  },
  {
    ...oneEdit(
      'lost-helper-is-retried-at-once',
      'the programs of a killed helper have ended before they are tried again',
      'kinds/command/helper-client.ts',
      [
        '    await endLeft({ by: thisProcess(), groups: new Map(groups), concerns }, setTimeout)\n',
        '',
      ],
      E2E,
    ),
    isBundled: true,
  },
  {
    ...oneEdit(
      'dbt-leaves-programs',
      "what dbt's code started ends with dbt",
      'kinds/dbt/worker/worker.ts',
      ["    signalGroup(pid, 'SIGKILL')\n", ''],
      E2E,
    ),
    isBundled: true,
  },
  oneEdit(
    'reused-pid-is-ended',
    'a process id that was given to another program is left alone',
    'lib/process-identity.ts',
    ['found === started', 'found !== started || found === started'],
    ['tests/unit/lib/left-processes.test.ts'],
  ),
  oneEdit(
    'lease-by-client-clock',
    'the lease of a state on a server is judged by its clock',
    'state/lease-row.ts',
    ['(await tx.serverTime()) ?? clock()', 'clock()'],
    ['tests/contract/state-postgres.test.ts'],
  ),
  oneEdit(
    'a-crash-leaves-doubt',
    'a transaction that a crashed server lost is aborted',
    'state/postgres/transaction.ts',
    ["INVALID_PARAMETER) return 'aborted'", "INVALID_PARAMETER) return 'in progress'"],
    ['tests/contract/state-postgres-trouble.test.ts'],
  ),
  oneEdit(
    'sockets-are-left',
    'the folder of a killed source is removed by the next one',
    'connections/postgres/embedded/socket-folder.ts',
    ['  removeSocketFolder(note)\n  const', '  const'],
    ['tests/unit/postgres/socket-folder.test.ts'],
  ),
  oneEdit(
    'future-heartbeat-is-alive',
    'a heartbeat in the future does not hold the lease until then',
    'state/lease-owner.ts',
    [
      "if (age >= 0) return age < OWNER_TIMEOUT ? 'alive' : 'dead'",
      "if (age < OWNER_TIMEOUT) return 'alive'",
    ],
    ['tests/contract/state-sqlite.test.ts'],
  ),
]

import { commonOptions, duration, flag, parsed, required, text } from '../../options.ts'
import { defineVerb, type VerbGroup } from '../../verb.ts'

const copy = defineVerb({
  name: 'copy',
  summary: 'Copy the records of a target between its `state:` and a SQLite file',
  arguments: {},
  options: {
    from: text('--from <file>', 'Copy from this SQLite file into the `state:` of the target'),
    to: text('--to <file>', 'Copy from the `state:` of the target into this SQLite file'),
    replace: flag('--replace', 'Delete the records of the target at the destination first'),
    ...commonOptions,
  },
  json: ['assets/state-copy/1'],
  acts: () => true,
  run: async (context, output, { target, from, to, replace }) => {
    const { stateCopy } = await import('./copy.ts')
    return stateCopy(context, output, { target, from, to, replace })
  },
})

const check = defineVerb({
  name: 'check',
  summary: 'Read everything in the state, or in a backup, and list all damage',
  arguments: { file: text('[file]', 'A backup to check instead of the state') },
  options: commonOptions,
  json: ['assets/state-check/1'],
  run: async (context, output, { target, file }) => {
    const { stateCheck } = await import('./check.ts')
    return stateCheck(context, output, { target, file })
  },
})

const backup = defineVerb({
  name: 'backup',
  summary: 'Write the state to a SQLite file, also while a run is going on',
  arguments: {
    file: text('[file]', 'The file to write; by default one with the time in its name'),
  },
  options: { replace: flag('--replace', 'Replace the file if it exists'), ...commonOptions },
  json: ['assets/state-backup/1'],
  acts: () => true,
  run: async (context, output, { target, file, replace }) => {
    const { stateBackup } = await import('./backup.ts')
    return stateBackup(context, output, { target, file, replace })
  },
})

const restore = defineVerb({
  name: 'restore',
  summary: 'Replace the state by a backup, and keep what it held before beside it',
  arguments: { file: required('<file>', 'A backup, or a copy of a SQLite state') },
  options: commonOptions,
  json: ['assets/state-restore/1'],
  acts: () => true,
  run: async (context, output, { target, file }) => {
    const { stateRestore } = await import('./restore.ts')
    return stateRestore(context, output, { target, file })
  },
})

const prune = defineVerb({
  name: 'prune',
  summary: 'Delete old runs from the history; records are kept',
  arguments: {},
  options: {
    olderThan: parsed(
      '--older-than <age>',
      'Delete runs that began before, such as 30d; by default the `history:` of the state',
      duration,
    ),
    dryRun: flag('--dry-run', 'Show what would be deleted'),
    ...commonOptions,
  },
  json: ['assets/state-prune/1'],
  acts: ({ dryRun }) => !dryRun,
  run: async (context, output, { target, olderThan, dryRun }) => {
    const { statePrune } = await import('./prune.ts')
    return statePrune(context, output, { target, olderThan, dryRun })
  },
})

export const state: VerbGroup = {
  name: 'state',
  summary: 'Check, back up, restore, copy or prune the state of a target',
  verbs: [check, backup, restore, copy, prune],
}

/** The problem codes of this room, with meaning and remedy. `PROBLEMS.md` is generated from them. */
export const problemCodes = {
  'disk-full':
    'The disk of the state file is full. Free some space, then run the command again; recorded results are kept.',
  'sqlite-unavailable':
    'The SQLite driver has no build for this system, or its file is missing. Install assets again.',
  'state-corrupted':
    'The state file is damaged or is not a SQLite database: SQLite or the checksum of a row says so. `assets state check` lists all damage. Restore a backup with `assets state restore`, or move the file away; then everything is built again, or recorded with `--adopt`.',
  'state-locked':
    'Another process has locked the state file for five seconds. Find out which one has it open, then run the command again.',
  'state-not-a-file': 'The path of the state is a folder. Set `path` of `state:` to a file.',
  'state-unreadable':
    'The disk reported an error while the state was read or written. Check the disk, then run the command again.',
  'state-unwritable':
    'The state file is not writable. Change the permissions of the path that the message names, or set another `path`.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}

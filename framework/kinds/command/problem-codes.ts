/** The problems of this kind: what each means, and what to do. `PROBLEMS.md` is generated from this. */
export const problemCodes = {
  'code-missing':
    'A path in `code:` does not exist, or a pattern matches no file. Correct it; paths are relative to the project root.',
  'code-unreadable':
    'A file or folder in `code:` can not be read. The message says why; allow this user to read it, or correct `code:`.',
  'command-failed':
    'The command of an asset exited with an error or was killed. Read the end of its output, correct the command and build the asset again.',
  'command-not-started':
    'The program in `run:` was not found or could not be started. Install it or correct `run:`.',
  'output-unwritable':
    "The folder of a file in `outputs:` can't be created. Allow this user to write there, or change `outputs:`.",
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}

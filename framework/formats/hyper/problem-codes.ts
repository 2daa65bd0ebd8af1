export const problemCodes = {
  'hyper-failed':
    'Hyper, the program that writes .hyper files, did not start or refused a statement. Correct what it reports, or write a .csv or .parquet file.',
  'hyper-unavailable':
    'Hyper has no build for this machine: it runs on Linux with x86-64 and glibc, and on macOS. Run there, or write a .csv or .parquet file.',
} as const

declare module '../../model/problem.ts' {
  interface ProblemCodes extends Record<keyof typeof problemCodes, string> {}
}

import type { CliResult } from './cli.ts'

/** A line of `materialize --json`. */
export interface RunEventLine {
  readonly event: string
  readonly asset?: string
  readonly outcome?: string
  readonly blocked_by?: string
  readonly reasons?: readonly { readonly reason: string; readonly message: string }[]
  readonly problem?: {
    readonly code: string
    readonly message: string
    readonly file?: string
    readonly line?: number
    readonly detail?: string
  }
}

/** The events that `materialize --json` printed. */
export function eventsOf({ stdout }: Pick<CliResult, 'stdout'>): readonly RunEventLine[] {
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RunEventLine)
}

/** Sorted names of steps by outcome: `{built: ['raw_payment'], …}`. */
export function namesByOutcome(answer: CliResult): Readonly<Record<string, readonly string[]>> {
  const names: Record<string, string[]> = {}
  for (const { event, asset, outcome } of eventsOf(answer)) {
    if (event !== 'step_finished' || asset === undefined || outcome === undefined) continue
    names[outcome] = [...(names[outcome] ?? []), asset].sort()
  }
  return names
}

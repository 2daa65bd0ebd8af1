import type { Answer } from './cli.ts'

/** A line of `materialize --json`. */
export interface Event {
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

/** The events of a run. */
export function eventsOf({ stdout }: Answer): readonly Event[] {
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event)
}

/** Names by how their step ended: `{built: ['raw_payment'], …}`, sorted. */
export function outcomes(answer: Answer): Readonly<Record<string, readonly string[]>> {
  const names: Record<string, string[]> = {}
  for (const { event, asset, outcome } of eventsOf(answer)) {
    if (event !== 'step_finished' || asset === undefined || outcome === undefined) continue
    names[outcome] = [...(names[outcome] ?? []), asset].sort()
  }
  return names
}

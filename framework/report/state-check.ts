import type { Reporter } from './reporter.ts'
import { rowLines } from './row-counts.ts'
import { oneLine } from './text.ts'

/** What `assets state check` found. */
export interface StateCheckReport {
  readonly target: string
  /** The backup that was checked; null: the state of the target. */
  readonly file: string | null
  /** Number of rows by table. */
  readonly rows: Readonly<Record<string, number>>
  readonly damage: readonly { readonly place: string; readonly detail: string }[]
}

/** Shows `assets state check`. */
export const stateCheckReporter: Reporter<StateCheckReport> = {
  text: stateCheckText,
  json: stateCheckJson,
}

function stateCheckText({ target, file, rows, damage }: StateCheckReport): string {
  const what = file ?? `the state of target ${target}`
  const { total, lines } = rowLines(rows)
  if (damage.length === 0) return [`${what} is intact: ${total}`, ...lines].join('\n')
  return [
    `${what} is damaged`,
    ...damage.map(
      ({ place, detail }) => `  ${place}: ${oneLine(detail.replace(`${place}: `, ''))}`,
    ),
    '',
    file === null
      ? 'next: assets state restore FILE, with a backup'
      : 'next: assets state check FILE, with another backup',
  ].join('\n')
}

/** `assets/state-check/1`. */
function stateCheckJson({ target, file, rows, damage }: StateCheckReport) {
  return { schema: 'assets/state-check/1', target, file, rows, damage } as const
}

import type { Reporter } from './reporter.ts'
import { counted } from './text.ts'

/** What `assets state prune` deleted, or would delete. Times are milliseconds since the epoch. */
export interface StatePruneReport {
  readonly target: string
  /** Runs that began before were deleted, except the newest. */
  readonly before: number
  readonly isDry: boolean
  readonly runs: number
  readonly steps: number
  /** The start of the oldest run that is left; null without runs. */
  readonly oldest: number | null
}

/** Shows `assets state prune`. */
export const statePruneReporter: Reporter<StatePruneReport> = {
  text: statePruneText,
  json: statePruneJson,
}

function statePruneText({ isDry, runs, steps, before }: StatePruneReport): string {
  const did = isDry ? 'would delete' : 'deleted'
  const what = `${counted(runs, 'run')} with ${counted(steps, 'step')}`
  return `${did} ${what} from before ${new Date(before).toISOString()}`
}

/** `assets/state-prune/1`. */
function statePruneJson({ target, before, isDry, runs, steps, oldest }: StatePruneReport) {
  return {
    schema: 'assets/state-prune/1',
    target,
    before: new Date(before).toISOString(),
    dry_run: isDry,
    runs,
    steps,
    oldest: oldest === null ? null : new Date(oldest).toISOString(),
  } as const
}

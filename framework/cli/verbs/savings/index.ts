import { parseDuration } from '../../../lib/duration.ts'
import type { Problem } from '../../../model/problem.ts'
import { savingsOf } from '../../../plan/savings.ts'
import { savingsReporter } from '../../../report/savings.ts'
import { type Context, EXIT } from '../../context.ts'
import type { Output } from '../../output.ts'
import { withState } from '../../with-state.ts'

export interface SavingsOptions {
  readonly target: string | null
  /** A date or an age, as typed; null for the whole history. */
  readonly since: string | null
}

/** `assets savings`: the work that past runs skipped. Problem: `unreadable-date`. */
export async function savings(
  context: Context,
  output: Output,
  options: SavingsOptions,
): Promise<number> {
  const since = options.since === null ? null : timeOf(options.since, context.clock())
  if (since !== null && Number.isNaN(since)) {
    return output.fail([unreadableDate(options.since!)], EXIT.usage)
  }
  const { target } = options
  return withState(context, output, { target, finds: false }, async (workspace, state) => {
    const target = workspace.site.target.name
    const history = await state.runs(target, Number.MAX_SAFE_INTEGER)
    if (!history.ok) return output.fail(history.problems, EXIT.failed)
    output.show(savingsReporter, {
      ...savingsOf(history.value, since ?? 0),
      project: workspace.project.name,
      target,
      since,
    })
    return EXIT.done
  })
}

/** `7d`, `12h`, `2026-03-01` or `2026-03-01T02:00Z` as milliseconds since the epoch, or NaN. */
function timeOf(text: string, now: number): number {
  const ago = parseDuration(text)
  if (ago !== null) return now - ago
  return /^\d{4}-\d\d-\d\d/.test(text) ? new Date(localMidnight(text)).getTime() : Number.NaN
}

/** JavaScript reads a date without a time as midnight in UTC. Users mean local time. */
function localMidnight(text: string): string {
  return text.length === 10 ? `${text}T00:00` : text
}

function unreadableDate(text: string): Problem {
  return {
    code: 'unreadable-date',
    message: `\`--since ${text}\` is neither a date nor a duration`,
    hint: 'use a form such as --since 7d, --since 12h or --since 2026-03-01',
  }
}

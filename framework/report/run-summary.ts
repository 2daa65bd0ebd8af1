import type { RunEvent } from '../model/event.ts'
import { type LeftoverLine, leftoverSection } from './leftovers.ts'
import { nextLines, spaced } from './next.ts'
import { outcomeTally } from './outcome.ts'
import type { Style } from './style.ts'
import { commentsOf, counted, grouped, nameLines, sentence } from './text.ts'
import { took } from './time.ts'

/** The facts of a run's summary that its last event does not contain. */
export interface RunEnd {
  /** Assets of the scope that were fresh before the run. */
  readonly fresh: number
  readonly selected: ReadonlySet<string>
  /** Failed steps, in the order in which they failed. */
  readonly failed: readonly string[]
  /** What failed besides the steps: the messages of problems. */
  readonly problems: readonly string[]
  /** What moved assets left at their old places. */
  readonly leftovers: readonly LeftoverLine[]
  /** Assets whose comments were set. */
  readonly comments: readonly string[]
}

const RESUME = 'run the same command again to continue where this run stopped'

/** The summary of `assets materialize`: outcome, counts, failed steps, the command to type next. */
export function runSummary(
  event: Extract<RunEvent, { readonly event: 'run_finished' }>,
  { fresh, selected, failed, problems, leftovers, comments }: RunEnd,
  style: Style,
): string {
  const { run, outcome, counts, seconds } = event
  const { paint } = style
  const colors = { succeeded: paint.green, failed: paint.red, cancelled: paint.yellow }
  const already = fresh === 0 ? '' : ` · ${paint.dim(`${grouped(fresh)} already fresh`)}`
  const described = comments.length === 0 ? 'nothing to do' : `${commentsOf(comments)} set`
  const outcomes = outcomeTally(counts, style) || described
  const [firstFailed] = failed
  const [only] = selected.size === 1 ? selected : []
  const about = firstFailed ?? only
  const isNothing = outcome === 'succeeded' && outcomes === described
  const next = isNothing ? null : about === undefined ? 'assets status' : `assets why ${about}`
  return [
    `run ${run} ${colors[outcome](outcome)} in ${took(seconds)}: ${outcomes}${already}`,
    ...leftoverSection(leftovers, style),
    ...(outcome === 'succeeded' ? [] : [RESUME]),
    ...failureLines(failed, problems, style),
    ...spaced(nextLines(next, style)),
  ].join('\n')
}

/** What failed: the steps, or what kept the run from succeeding although each step did. */
function failureLines(
  failed: readonly string[],
  problems: readonly string[],
  style: Style,
): readonly string[] {
  if (failed.length > 0) return ['failed', ...nameLines(failed, '  ', style)]
  const [first, ...more] = problems
  if (first === undefined) return []
  const others = more.length === 0 ? '' : `, and ${counted(more.length, 'other problem')}`
  return [`failed: ${sentence(first)}${others}`]
}

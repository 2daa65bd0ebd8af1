import type { RunEvent } from '../model/event.ts'
import { outcomeNote, outcomeTally, outcomeWord } from './outcome.ts'
import { type ProblemContext, problemText } from './problem.ts'
import type { Style } from './style.ts'
import { counted, grouped, nameLines, nextLine, pad, printable } from './text.ts'
import { timeOfDay, took } from './time.ts'

type RunStarted = Extract<RunEvent, { readonly event: 'run_started' }>

const WORD = 'unchanged'.length + 2

/**
 * The line that a finished step, a check that warns, a notice or a problem leaves behind, in
 * a log as on a terminal; null for events that leave none. `style.now` is when it happened.
 */
export function eventLine(event: RunEvent, context: ProblemContext): string | null {
  const { style } = context
  switch (event.event) {
    case 'run_started':
      return event.steps === 0 ? null : `${stamp(style)}${startLine(event)}`
    case 'step_finished': {
      const { asset, action, outcome, seconds } = event
      // What came out the same asks for no check: its asset's own line has said so.
      if (outcome.state === 'released' && action === 'check') return null
      const word = outcomeWord(outcome.state, style, pad(outcome.state, WORD))
      const column = style.width < 80 ? 18 : 28
      const idle = outcome.state === 'released' || outcome.state === 'blocked'
      const parts = [
        outcome.state === 'failed' ? '' : outcomeNote(outcome),
        idle ? '' : took(seconds),
      ]
      const line = `${stamp(style)}${word}${pad(asset, column)}  ${parts.filter(Boolean).join('  ')}`
      const problem =
        outcome.state === 'failed' ? [indented(problemText(outcome.problem, context))] : []
      return [line.trimEnd(), ...problem].join('\n')
    }
    case 'check_finished': {
      // What failed is told with its step.
      if (event.outcome !== 'warn' || event.problem === undefined) return null
      return indented(problemText(event.problem, { ...context, level: 'warning' }))
    }
    case 'notice':
      return `${stamp(style)}${printable(event.message)}`
    case 'problem':
      return problemText(event.problem, context)
    case 'step_started':
    case 'step_progress':
    case 'run_finished':
      return null
  }
}

function startLine({ run, target, place, steps }: RunStarted): string {
  const where = place === undefined ? target : `${target} (${printable(place)})`
  return `run ${run} on ${where}: ${counted(steps, 'step')}`
}

function stamp({ now, zone, paint }: Style): string {
  return `${paint.dim(timeOfDay(now, zone))}  `
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ')
}

/** What a run is summed up with, beside its last event. */
export interface RunEnd {
  /** Assets of the run that were fresh from the start. */
  readonly fresh: number
  readonly selected: ReadonlySet<string>
  /** Steps that failed, in the order in which they did. */
  readonly failed: readonly string[]
}

/** The last words of `assets materialize`: what came of it, and what to type next. */
export function runSummary(
  event: Extract<RunEvent, { readonly event: 'run_finished' }>,
  { fresh, selected, failed }: RunEnd,
  style: Style,
): string {
  const { run, outcome, counts, seconds } = event
  const { paint } = style
  const colors = { succeeded: paint.green, failed: paint.red, cancelled: paint.yellow }
  const already = fresh === 0 ? '' : ` · ${paint.dim(`${grouped(fresh)} already fresh`)}`
  const told = outcomeTally(counts, style) || 'nothing to do'
  const goOn = 'the same command goes on where this one stopped'
  const [firstFailed] = failed
  const [only] = selected.size === 1 ? selected : []
  const next = firstFailed ?? only
  return [
    `run ${run} ${colors[outcome](outcome)} in ${took(seconds)}: ${told}${already}`,
    ...(failed.length === 0 ? [] : ['failed', ...nameLines(failed, '  ', style)]),
    ...(outcome === 'succeeded' ? [] : [goOn]),
    '',
    nextLine(next === undefined ? 'assets status' : `assets why ${next}`, style),
  ].join('\n')
}

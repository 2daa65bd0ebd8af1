import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { OutcomeName } from '../model/step.ts'
import { adoptionLines } from './adoption.ts'
import { outcomeNote, outcomeWord } from './outcome.ts'
import { type ProblemContext, problemText } from './problem.ts'
import type { Style } from './style.ts'
import { clip, commentsOf, counted, displayWidth, nameLines, pad, printable } from './text.ts'
import { timeOfDay, took } from './time.ts'

type RunStarted = Extract<RunEvent, { readonly event: 'run_started' }>

const OUTCOME_WIDTH = 'unchanged'.length + 2
const INDENT = '    '

/**
 * The log line of a finished step, a check that warns, a notice or a problem; null for other events.
 * Both the log and the live view print it. `style.now` is the time of the event.
 */
export function eventLine(event: RunEvent, context: ProblemContext): string | null {
  const { style } = context
  switch (event.event) {
    case 'run_started':
      return event.steps === 0 ? null : `${timestamp(style)}${startLine(event)}`
    case 'step_finished': {
      const { asset, action, outcome, seconds } = event
      // The line of the unchanged asset already implies that its check was not needed.
      if (outcome.state === 'released' && action === 'check') return null
      const didRun = outcome.state !== 'released' && outcome.state !== 'blocked'
      const note = outcome.state === 'failed' ? '' : outcomeNote(outcome)
      const time = didRun ? took(seconds) : ''
      const together = outcome.state === 'failed' ? outcome.together : undefined
      // The line of the first of them has the names of all.
      if (together?.length === 0) return null
      const subject = together === undefined ? asset : counted(together.length, 'step')
      const names = together === undefined ? [] : nameLines(together, '    ', style)
      const line = outcomeLine(outcome.state, subject, [note, time], style)
      const problem = outcome.state === 'failed' ? [problemBelow(outcome.problem, context)] : []
      return [line, ...names, ...problem].join('\n')
    }
    case 'check_finished': {
      // A failed check is shown with its step.
      if (event.outcome !== 'warn' || event.problem === undefined) return null
      return problemBelow(event.problem, { ...context, level: 'warning' })
    }
    case 'adopted':
      return `${timestamp(style)}${adoptionLines(event, style).join('\n')}`
    case 'comments_set':
      return [
        `${timestamp(style)}${commentsOf(event.assets)} set`,
        ...nameLines(event.assets, '    ', style),
      ].join('\n')
    case 'step_note':
      return `${timestamp(style)}${event.asset}: ${printable(event.message)}`
    case 'notice':
      return `${timestamp(style)}${printable(event.message)}`
    case 'problem':
      return problemText(event.problem, context)
    case 'warning':
      return problemText(event.problem, { ...context, level: 'warning' })
    case 'batch_started':
    case 'batch_progress':
    case 'run_estimate':
    case 'step_started':
    case 'step_progress':
    // The summary shows it.
    case 'leftover':
    case 'run_finished':
      return null
  }
}

function startLine({ run, target, place, steps }: RunStarted): string {
  const destination = place === undefined ? target : `${target} (${printable(place)})`
  return `run ${run} on ${destination}: ${counted(steps, 'step')}`
}

/** The time of a log line, and two spaces. */
export function timestamp({ now, zone, paint }: Style): string {
  return `${paint.dim(timeOfDay(now, zone))}  `
}

/**
 * `02:00:12  built      raw_payment                   14,597 rows  3.2 s`: how something ended. On a terminal that is
 * too narrow for it, the note or the name is cut.
 */
export function outcomeLine(
  state: OutcomeName,
  subject: string,
  [note, time]: readonly [note: string, time: string],
  style: Style,
): string {
  const column = style.width < 80 ? 18 : 28
  const start = style.width < 40 ? '' : timestamp(style)
  const room = style.width - displayWidth(start) - OUTCOME_WIDTH
  const word = outcomeWord(state, style, pad(state, OUTCOME_WIDTH))
  const withTime = time === '' ? 0 : time.length + 2
  const shortest = Math.min(column, displayWidth(subject))
  const shown = clip(note, Math.max(0, room - 2 - shortest - withTime))
  const rest = [shown, time].filter(Boolean).join('  ')
  const left = room - 2 - displayWidth(rest)
  // Where there is no room for a name beside it, the time is left out.
  if (left < Math.min(8, shortest)) {
    return `${start}${word}${clip(subject, room)}`
  }
  const name = pad(clip(subject, left), Math.min(column, left))
  return `${start}${word}${name}  ${rest}`.trimEnd()
}

/** A problem below the line of its step. */
function problemBelow(problem: Problem, context: ProblemContext): string {
  const style = { ...context.style, width: context.style.width - INDENT.length }
  return problemText(problem, { ...context, style }).replaceAll(/^(?=.)/gm, INDENT)
}

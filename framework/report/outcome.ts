import type { Outcome, OutcomeName } from '../model/step.ts'
import type { Style } from './style.ts'
import { counted, grouped } from './text.ts'

/** All outcomes of a step, in the order in which counts are shown. */
export const OUTCOMES: readonly OutcomeName[] = [
  'built',
  'unchanged',
  'adopted',
  'released',
  'checked',
  'failed',
  'blocked',
  'cancelled',
]

/** The outcome's name, or `text`, in the outcome's colour. */
export function outcomeWord(name: OutcomeName, style: Style, text: string = name): string {
  const { paint } = style
  switch (name) {
    case 'built':
    case 'adopted':
    case 'checked':
      return paint.green(text)
    case 'unchanged':
    case 'released':
      return paint.dim(text)
    case 'failed':
      return paint.red(text)
    case 'blocked':
    case 'cancelled':
      return paint.yellow(text)
  }
}

/** Details after an outcome's name: its rows, the node that blocked it, a check's result. */
export function outcomeNote(outcome: Outcome): string {
  switch (outcome.state) {
    case 'built':
    case 'adopted':
      return outcome.rows === null ? '' : counted(outcome.rows, 'row')
    case 'unchanged':
      return 'same content as before'
    case 'released':
      return 'not needed: its inputs are unchanged'
    case 'checked': {
      const rows = outcome.failures === null ? '' : `, ${counted(outcome.failures, 'row')}`
      return outcome.result === 'pass' ? 'passed' : `warned${rows}`
    }
    case 'failed':
      return outcome.problem.message
    case 'blocked':
      return `by ${outcome.by}`
    case 'cancelled':
      return ''
  }
}

/** `3 built · 12 released`: the counts of a run that are not zero; empty when all are zero. */
export function outcomeTally(
  counts: Readonly<Partial<Record<OutcomeName, number>>>,
  style: Style,
): string {
  const parts = OUTCOMES.flatMap((name) => {
    const count = counts[name] ?? 0
    return count === 0 ? [] : [outcomeWord(name, style, `${grouped(count)} ${name}`)]
  })
  return parts.join(' · ')
}

import type { Outcome, OutcomeName } from '../model/step.ts'
import type { Style } from './style.ts'
import { counted, grouped } from './text.ts'

/** Every way a step may end, in the order in which counts are shown. */
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

/** The outcome's word in its colour. */
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

/** What there is to say about an outcome beside its word: rows, who blocked it, what was found. */
export function outcomeNote(outcome: Outcome): string {
  switch (outcome.state) {
    case 'built':
    case 'adopted':
      return outcome.rows === null ? '' : counted(outcome.rows, 'row')
    case 'unchanged':
      return 'same content as before'
    case 'released':
      return 'not needed: what it reads came out the same'
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

/** `3 built · 12 released`: the counts of a run that are not zero; empty when all are. */
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

import type { HealthFact } from '../model/health-fact.ts'
import { nextLines } from './next.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { asTyped, cell, columnOf, oneLine, tally } from './text.ts'

/** The facts of one examined thing, in the order they were found. */
export interface Examined {
  /** `tool`, `warehouse`, `connection dvd_rental`. */
  readonly about: string
  readonly facts: readonly HealthFact[]
}

export interface DoctorReport {
  readonly project: string
  readonly target: string
  readonly examined: readonly Examined[]
}

/** Shows `assets doctor`: one line per fact, with the fix below a fact that is not ok. */
export const doctorReporter: Reporter<DoctorReport> = { text: doctorText, json: doctorJson }

function doctorText({ project, target, examined }: DoctorReport, style: Style): string {
  const facts = examined.flatMap(({ facts }) => facts)
  const count = (state: HealthFact['state']) => facts.filter((fact) => fact.state === state).length
  const counts = tally([
    [count('ok'), 'ok'],
    [count('warning'), count('warning') === 1 ? 'warning' : 'warnings'],
    [count('bad'), 'bad'],
  ])
  const sections = examined.map((one) => sectionText(one, style))
  // Each fault has its fix, and the command after it is this one again.
  const next = nextLines(count('bad') === 0 ? 'assets status' : null, style)
  return [`${style.paint.bold(project)} on ${target}   ${counts}`, ...sections, ...next].join(
    '\n\n',
  )
}

function sectionText({ about, facts }: Examined, style: Style): string {
  const column = columnOf(facts.map(({ subject }) => subject))
  const lines = facts.flatMap((fact) => factLines(fact, column, style))
  return [style.paint.bold(about), ...lines].join('\n')
}

const COLORS = { ok: 'green', warning: 'yellow', bad: 'red' } as const
const STATE_WIDTH = 'warning  '.length

function factLines({ subject, state, message, hint }: HealthFact, column: number, style: Style) {
  const { paint } = style
  const word = paint[COLORS[state]](state.padEnd(STATE_WIDTH))
  const line = `  ${word}${cell(subject, column)}${oneLine(message)}`
  if (hint === undefined) return [line]
  return [
    line,
    `  ${' '.repeat(STATE_WIDTH + column)}${paint.green('fix:')} ${asTyped(oneLine(hint), style)}`,
  ]
}

/** `assets/doctor/1`. */
function doctorJson({ project, target, examined }: DoctorReport) {
  return {
    schema: 'assets/doctor/1',
    project,
    target,
    facts: examined.flatMap(({ about, facts }) => facts.map((fact) => ({ about, ...fact }))),
  } as const
}

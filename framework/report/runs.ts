import type { RunDetail, RunSummary, StepSummary } from '../model/run.ts'
import { outcomeTally, outcomeWord } from './outcome.ts'
import { type ProblemContext, problemText } from './problem.ts'
import type { Style } from './style.ts'
import {
  cell,
  clip,
  columnOf,
  counted,
  cutRows,
  displayWidth,
  nextLine,
  pad,
  sentence,
} from './text.ts'
import { ago, dateTime, took } from './time.ts'

export interface RunsReport {
  readonly project: string
  readonly target: string
  /** Newest first. */
  readonly runs: readonly RunSummary[]
}

const COMMAND = 40

/** The text of `assets runs`: one line a run, newest first. */
export function runsText({ project, target, runs }: RunsReport, style: Style): string {
  const newest = runs[0]
  if (newest === undefined) {
    return `${project} on ${target} was never built\n\n${nextLine('assets materialize', style)}`
  }
  const digits = Math.max(3, String(newest.run).length)
  const rows = runs.map((run) => [
    String(run.run).padStart(digits),
    dateTime(run.startedAt, style.zone),
    duration(run, style),
    run.outcome,
    clip(run.command, COMMAND),
  ])
  const head = ['run'.padStart(digits), 'started', 'took', 'outcome', 'command']
  const widths = head.map((title, k) =>
    Math.max(...[title, ...rows.map((row) => row[k] ?? '')].map(displayWidth)),
  )
  const line = (cells: readonly string[]) =>
    cells.map((cell, k) => pad(cell, widths[k] ?? 0)).join('  ')
  return [
    style.paint.dim(`${line(head)}  steps`),
    ...runs.map((run, k) => `${line(rows[k] ?? [])}  ${outcomeTally(run.counts, style)}`.trimEnd()),
    '',
    nextLine(`assets runs ${newest.run}`, style),
  ].join('\n')
}

/** The text of `assets runs RUN`: the run, its steps and what went wrong in them. */
export function runText(run: RunDetail, context: ProblemContext): string {
  const { style } = context
  const started = `${dateTime(run.startedAt, style.zone)}, ${ago(run.startedAt, style.now)}`
  const job = run.job === null ? '' : ` (job ${run.job})`
  const column = columnOf(run.steps.map(({ name }) => name))
  const sections = [
    [
      `run ${run.run} on ${run.target}   ${run.outcome}   ${outcomeTally(run.counts, style)}`,
      `assets ${run.command}${job}`,
      `started ${started}; ${ending(run, style)}`,
    ],
    cutRows(run.steps, style, (step) => [stepLine(step, column, style)]),
    run.steps.flatMap(({ problem }) => (problem === null ? [] : [problemText(problem, context)])),
    [nextLine(nextCommand(run), style)],
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function stepLine(step: StepSummary, column: number, style: Style): string {
  const word = outcomeWord(step.outcome, style, pad(step.outcome, 11))
  const worked = step.outcome !== 'released' && step.outcome !== 'blocked'
  const facts = [
    worked ? took((step.finishedAt - step.startedAt) / 1000) : '',
    step.rows === null ? '' : counted(step.rows, 'row'),
    step.reference ?? '',
    step.note ?? '',
    sentence(step.reasons[0]?.message ?? ''),
  ]
  return `  ${word}${cell(step.name, column)}${facts.filter(Boolean).join('  ')}`.trimEnd()
}

/** How long a run took, or has been going on for. */
function duration({ startedAt, finishedAt, outcome }: RunSummary, { now }: Style): string {
  if (finishedAt !== null) return took((finishedAt - startedAt) / 1000)
  return outcome === 'running' ? `${took((now - startedAt) / 1000)} so far` : '-'
}

function ending(run: RunSummary, style: Style): string {
  return run.finishedAt === null && run.outcome !== 'running'
    ? 'did not finish'
    : `took ${duration(run, style)}`
}

function nextCommand(run: RunDetail): string {
  const failed = run.steps.find(({ outcome }) => outcome === 'failed')
  switch (run.outcome) {
    case 'failed':
    case 'interrupted':
    case 'cancelled':
      return failed === undefined ? `assets ${run.command}` : `assets why ${failed.name}`
    case 'running':
    case 'succeeded':
      return 'assets status'
  }
}

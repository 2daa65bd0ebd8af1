import type { Problem } from '../model/problem.ts'
import type { RunDetail, RunSummary, StepSummary } from '../model/run.ts'
import { problemJson, reasonJson } from './json.ts'
import { hasAccessFault, nextLines, spaced } from './next.ts'
import { outcomeTally, outcomeWord } from './outcome.ts'
import { type ProblemContext, problemText } from './problem.ts'
import type { Reporter } from './reporter.ts'
import type { Style } from './style.ts'
import { cell, clip, columnOf, counted, cutRows, displayWidth, pad, sentence } from './text.ts'
import { ago, dateTime, isoTime, took } from './time.ts'

/** The result of `assets runs`. */
export interface RunsReport {
  readonly project: string
  readonly target: string
  /** Newest first. */
  readonly runs: readonly RunSummary[]
}

/** The result of `assets runs RUN`. */
export interface RunReport {
  readonly project: string
  readonly run: RunDetail
}

/** Shows `assets runs`. */
export const runsReporter: Reporter<RunsReport> = {
  text: runsText,
  json: ({ project, target, runs }) => runsJson(project, target, runs),
}

/** Shows `assets runs RUN`. */
export const runReporter: Reporter<RunReport> = {
  text: ({ run }, style, source) => runText(run, { style, level: 'error', source }),
  json: ({ project, run }) => runJson(project, run),
}

const COMMAND_WIDTH = 40

/** One line per run, newest first. */
export function runsText({ project, target, runs }: RunsReport, style: Style): string {
  const newest = runs[0]
  if (newest === undefined) {
    const none = `${project} on ${target} has no runs yet`
    return [none, ...nextLines('assets materialize', style)].join('\n\n')
  }
  const digits = Math.max(3, String(newest.run).length)
  const rows = runs.map((run) => [
    String(run.run).padStart(digits),
    dateTime(run.startedAt, style.zone),
    duration(run, style),
    run.outcome,
    clip(run.command, COMMAND_WIDTH),
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
    ...spaced(nextLines(`assets runs ${newest.run}`, style)),
  ].join('\n')
}

/** The run, its steps and their problems. */
export function runText(run: RunDetail, context: ProblemContext): string {
  const { style } = context
  const problems = run.steps.flatMap(({ problem }) => problem ?? [])
  const started = `${dateTime(run.startedAt, style.zone)}, ${ago(run.startedAt, style.now)}`
  const job = run.job === null ? '' : ` (job ${run.job})`
  const sections = [
    [
      `run ${run.run} on ${run.target}   ${run.outcome}   ${outcomeTally(run.counts, style)}`,
      `assets ${run.command}${job}`,
      `started ${started}; ${durationText(run, style)}`,
    ],
    stepLines(run.steps, style),
    distinctProblems(problems).map((problem) => problemText(problem, context)),
    nextLines(nextCommand(run), { ...style, hasAccessFault: hasAccessFault(problems) }),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

/** Steps that failed together have one problem, of which the first has more than the message. */
function distinctProblems(problems: readonly Problem[]): readonly Problem[] {
  const byMessage = new Map(problems.toReversed().map((one) => [`${one.code} ${one.message}`, one]))
  return problems.filter((one) => byMessage.get(`${one.code} ${one.message}`) === one)
}

/** A line for each step. Checks that passed are one line, unless all is shown. */
function stepLines(steps: readonly StepSummary[], style: Style): readonly string[] {
  const passed = style.all ? [] : steps.filter(hasPassed)
  const shown = passed.length > 1 ? steps.filter((step) => !hasPassed(step)) : steps
  const column = columnOf(shown.map(({ name }) => name))
  const lines = cutRows(shown, style, (step) => [stepLine(step, column, style)])
  if (shown === steps) return lines
  const seconds = passed.reduce((sum, step) => sum + secondsOf(step), 0)
  const word = outcomeWord('checked', style, pad('checked', 11))
  const facts = `${counted(passed.length, 'check')} passed  ${took(seconds)}`
  return [...lines, `  ${word}${facts}  ${style.paint.dim('(--all)')}`]
}

const hasPassed = ({ outcome, note }: StepSummary) => outcome === 'checked' && note === 'pass'

const secondsOf = ({ startedAt, finishedAt }: StepSummary) => (finishedAt - startedAt) / 1000

function stepLine(step: StepSummary, column: number, style: Style): string {
  const word = outcomeWord(step.outcome, style, pad(step.outcome, 11))
  const didRun = step.outcome !== 'released' && step.outcome !== 'blocked'
  const facts = [
    didRun ? took(secondsOf(step)) : '',
    step.rows === null ? '' : counted(step.rows, 'row'),
    step.reference ?? '',
    step.note ?? '',
    sentence(step.reasons[0]?.message ?? ''),
  ]
  return `  ${word}${cell(step.name, column)}${facts.filter(Boolean).join('  ')}`.trimEnd()
}

/** The duration of a run; of a live run, the time since its start. */
function duration({ startedAt, finishedAt, outcome }: RunSummary, { now }: Style): string {
  if (finishedAt !== null) return took((finishedAt - startedAt) / 1000)
  return outcome === 'running' ? `${took((now - startedAt) / 1000)} so far` : '-'
}

function durationText(run: RunSummary, style: Style): string {
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

/** `assets/runs/1`, newest first. */
export function runsJson(project: string, target: string, runs: readonly RunSummary[]) {
  return { schema: 'assets/runs/1', project, target, runs: runs.map(runSummaryJson) } as const
}

/** `assets/run/1`. */
export function runJson(project: string, run: RunDetail) {
  return {
    schema: 'assets/run/1',
    project,
    ...runSummaryJson(run),
    steps: run.steps.map(runStepJson),
  } as const
}

function runSummaryJson(run: RunSummary) {
  return {
    run: run.run,
    target: run.target,
    command: run.command,
    job: run.job,
    started_at: isoTime(run.startedAt),
    finished_at: run.finishedAt === null ? null : isoTime(run.finishedAt),
    outcome: run.outcome,
    counts: run.counts,
  }
}

function runStepJson(step: StepSummary) {
  return {
    asset: step.name,
    action: step.action,
    outcome: step.outcome,
    batch: step.batch,
    started_at: isoTime(step.startedAt),
    finished_at: isoTime(step.finishedAt),
    seconds: secondsOf(step),
    rows: step.rows,
    reasons: step.reasons.map(reasonJson),
    reference: step.reference,
    note: step.note,
    problem: step.problem === null ? null : problemJson(step.problem),
  }
}

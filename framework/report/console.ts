import type { Json } from '../lib/json.ts'
import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { RunDetail } from '../model/run.ts'
import { type CheckedReport, checkedJson, checkedText } from './check.ts'
import { type DoctorReport, doctorJson, doctorText } from './doctor.ts'
import {
  eventJson,
  listJson,
  planJson,
  problemsJson,
  runJson,
  runsJson,
  statusJson,
  whyJson,
} from './json.ts'
import { listText } from './list.ts'
import { LiveView } from './live-view.ts'
import { type MadeReport, madeJson, madeText } from './init.ts'
import { type PlanReport, planText } from './plan.ts'
import { type ProblemContext, problemsText } from './problem.ts'
import { eventLine, type RunEnd, runSummary } from './run-log.ts'
import { type RunsReport, runsText, runText } from './runs.ts'
import { type SavingsReport, savingsJson, savingsText } from './savings.ts'
import { type Answer, sqlJson, sqlText } from './source.ts'
import { type StateCopied, stateCopiedText } from './state-copy.ts'
import { type StatusReport, statusText } from './status.ts'
import { createStyle, type Style } from './style.ts'
import { nextLine } from './text.ts'
import { type VerifyReport, verifyJson, verifyText } from './verify.ts'
import { type WhyReport, whyText } from './why.ts'
import { type Sink, Writer } from './redacting-writer.ts'

export interface Stream extends Sink {
  readonly isTTY: boolean
  /** Asked anew at every redraw. */
  readonly columns: number | undefined
}

export interface ConsoleOptions {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly json: boolean
  /** Show every name where a list would be cut. */
  readonly all: boolean
  /** IANA name of the time zone of clock times; null for the machine's own. */
  readonly zone: string | null
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly later: (milliseconds: number, call: () => void) => () => void
  /** The text of a file, relative to the project root; null when it can't be read. */
  readonly source: (file: string) => string | null
}

/** A run while it is shown. */
export interface Progress {
  readonly take: (event: RunEvent) => void
  end(summary: Omit<RunEnd, 'failed'>): void
}

/**
 * Everything that is said to a person or a script: results on stdout, progress and problems on
 * stderr. With `json` the results are one document, or a line for each event of a run; problems
 * then are the document where there is no other.
 */
export class Console {
  readonly #options: ConsoleOptions
  readonly #out: Writer
  readonly #err: Writer
  #answered = false
  #target: string | undefined
  #live: LiveView | null = null

  constructor(options: ConsoleOptions) {
    this.#options = options
    this.#out = new Writer(options.stdout)
    this.#err = new Writer(options.stderr)
  }

  /** Values that must never be shown, from now on. */
  redact(secrets: readonly string[]): void {
    this.#out.hide(secrets)
    this.#err.hide(secrets)
  }

  /** From now on what is said is about this target, which is not the one meant when none is named. */
  elsewhere(target: string): void {
    this.#target = target
  }

  notice(message: string): void {
    if (this.#live === null) this.#err.line(message)
    else this.#live.take({ event: 'notice', message })
  }

  /** Shows the problems and returns the exit code, for `return console.problems(…)`. */
  problems(problems: readonly Problem[], code: number): number {
    if (this.#options.json && !this.#answered) this.#document(problemsJson(problems))
    else this.#err.line(problemsText(problems, this.#problemContext('error')))
    return code
  }

  warnings(problems: readonly Problem[]): void {
    if (problems.length > 0) this.#err.line(problemsText(problems, this.#problemContext('warning')))
  }

  status(report: StatusReport): void {
    this.#result(statusJson, statusText, report)
  }

  plan(report: PlanReport): void {
    this.#result(planJson, planText, report)
  }

  why(report: WhyReport): void {
    this.#result(whyJson, whyText, report)
  }

  list(names: readonly string[]): void {
    if (names.length > 0 || this.#options.json) this.#result(listJson, listText, names)
  }

  /** A lineage that is text already, in whichever format was asked for. */
  lineage(text: string): void {
    this.#answered = true
    if (text !== '') this.#out.line(text)
  }

  runs(report: RunsReport): void {
    this.#result(({ project, target, runs }) => runsJson(project, target, runs), runsText, report)
  }

  runDetail(report: { readonly project: string; readonly run: RunDetail }): void {
    const context = this.#problemContext('error', this.#style(this.#options.stdout))
    this.#result(
      ({ project, run }) => runJson(project, run),
      ({ run }) => runText(run, context),
      report,
    )
  }

  savings(report: SavingsReport): void {
    this.#result(savingsJson, savingsText, report)
  }

  verified(report: VerifyReport): void {
    this.#result(verifyJson, verifyText, report)
  }

  examined(report: DoctorReport): void {
    this.#result(doctorJson, doctorText, report)
  }

  checked(report: CheckedReport): void {
    this.#result(checkedJson, checkedText, report)
  }

  made(report: MadeReport): void {
    this.#result(madeJson, madeText, report)
  }

  /** A JSON Schema, which is itself what there is to say. */
  schema(schema: Json): void {
    this.#document(schema)
  }

  sqlAnswers(answers: readonly Answer[]): void {
    this.#result(sqlJson, sqlText, answers)
  }

  sourceReset(connection: string): void {
    this.#result(
      () => ({ schema: 'assets/source/1', connection, reset: true }),
      (_, style) => `the source ${connection} was made anew\n\n${nextLine('assets status', style)}`,
      null,
    )
  }

  stateCopied(copied: StateCopied): void {
    this.#result(
      (report) => ({ schema: 'assets/state-copy/1', ...report }),
      stateCopiedText,
      copied,
    )
  }

  /** Shows a run: events on stdout as JSON, or live on a terminal, or a line for each step. */
  run(): Progress {
    const failed: string[] = []
    let finished: Extract<RunEvent, { readonly event: 'run_finished' }> | null = null
    const show = this.#options.json ? this.#eventLines() : toldOnce(this.#eventTexts())
    return {
      take: (event) => {
        if (event.event === 'run_finished') finished = event
        if (event.event === 'step_finished' && event.outcome.state === 'failed') {
          failed.push(event.asset)
        }
        show(event)
      },
      end: (summary) => {
        this.end()
        if (finished === null || this.#options.json) return
        const style = this.#style(this.#options.stdout)
        this.#out.line(runSummary(finished, { ...summary, failed }, style))
      },
    }
  }

  /** What no one expected: a bug, with where it happened. */
  bug(error: unknown): void {
    this.end()
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const problem: Problem = {
      code: 'bug',
      message: 'this is a bug in assets, not in your project',
      detail: told,
      hint: 'please report it with the text above; the same command goes on where this one stopped',
    }
    this.problems([problem], 1)
  }

  /** Leaves the terminal as it was found. Safe to call twice. */
  end(): void {
    this.#live?.end()
    this.#live = null
  }

  #result<T>(
    json: (report: T) => unknown,
    text: (report: T, style: Style) => string,
    report: T,
  ): void {
    if (this.#options.json) this.#document(json(report))
    else this.#out.line(text(report, this.#style(this.#options.stdout)))
  }

  #document(document: unknown): void {
    this.#answered = true
    this.#out.line(JSON.stringify(document))
  }

  #eventLines(): (event: RunEvent) => void {
    this.#answered = true
    return (event) => this.#out.line(eventJson(event))
  }

  #eventTexts(): (event: RunEvent) => void {
    const { stderr, clock, later } = this.#options
    if (!stderr.isTTY) {
      return (event) => {
        const line = eventLine(event, this.#problemContext('error'))
        if (line !== null) this.#err.line(line)
      }
    }
    const screen = {
      write: (text: string) => this.#err.write(text),
      columns: () => stderr.columns ?? 80,
      now: clock,
      later,
    }
    const live = new LiveView(screen, () => this.#problemContext('error'))
    this.#live = live
    return (event) => live.take(event)
  }

  #style({ isTTY, columns }: Stream): Style {
    const { env, clock, zone, all } = this.#options
    return createStyle({ isTTY, columns, env, now: clock(), zone, all, target: this.#target })
  }

  #problemContext(
    level: ProblemContext['level'],
    style = this.#style(this.#options.stderr),
  ): ProblemContext {
    return { style, level, source: this.#options.source }
  }
}

/**
 * A problem that many steps share (a source that is down) is told whole at the first and in one line
 * at the others.
 */
function toldOnce(show: (event: RunEvent) => void): (event: RunEvent) => void {
  const told = new Set<string>()
  const brief = (problem: Problem): Problem => {
    const key = `${problem.code} ${problem.message} ${problem.detail ?? ''}`
    if (told.has(key)) return { code: problem.code, message: problem.message }
    told.add(key)
    return problem
  }
  return (event) => {
    if (event.event === 'problem') show({ ...event, problem: brief(event.problem) })
    else if (event.event === 'step_finished' && event.outcome.state === 'failed') {
      show({ ...event, outcome: { state: 'failed', problem: brief(event.outcome.problem) } })
    } else show(event)
  }
}

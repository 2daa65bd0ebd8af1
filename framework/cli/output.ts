import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { locateAll } from '../config/index.ts'
import { createRedactor } from '../lib/redact.ts'
import type { Problem } from '../model/problem.ts'
import type { RunDetail } from '../model/run.ts'
import type { Plan } from '../plan/plan.ts'
import type { SqlAnswer } from '../ports/connection.ts'
import {
  listJson,
  planJson,
  problemsJson,
  runJson,
  runsJson,
  statusJson,
  whyJson,
} from '../report/json.ts'
import { listText } from '../report/list.ts'
import { type PlanReport, planText } from '../report/plan.ts'
import { type ProblemContext, problemsText } from '../report/problem.ts'
import { type RunsReport, runsText, runText } from '../report/runs.ts'
import { type StatusReport, statusText } from '../report/status.ts'
import { createStyle } from '../report/style.ts'
import { nextLine } from '../report/text.ts'
import { type WhyReport, whyText } from '../report/why.ts'
import type { Context, Stream } from './context.ts'
import { RunView } from './run-view.ts'
import { findRoot } from './workspace.ts'

export interface OutputOptions {
  readonly json: boolean
  /** Show every name where a list would be cut. */
  readonly all: boolean
}

/** What `assets check` says when nothing is wrong. */
export interface Checked {
  readonly project: string
  readonly target: string
  readonly assets: number
  readonly checks: number
  /** False when dbt's project could not be read without making its Python environment first. */
  readonly comparedWithDbt: boolean
}

/**
 * Everything a verb says. Results go to stdout, progress and problems to stderr; with `--json` a
 * verb's one answer goes to stdout, be it its result or its problems. Secrets of the target are
 * struck out of both streams.
 */
export class Output {
  readonly #context: Context
  readonly #options: OutputOptions
  readonly #root: string
  #redact = (text: string) => text
  #answered = false

  constructor(context: Context, options: OutputOptions) {
    this.#context = context
    this.#options = options
    const root = findRoot(context.cwd)
    this.#root = root.ok ? root.value : context.cwd
  }

  redact(secrets: readonly string[]): void {
    this.#redact = createRedactor(secrets)
  }

  /** One line about something slow, to stderr. */
  notice(message: string): void {
    this.#write(this.#context.stderr, message)
  }

  /** Shows problems, each at its place, and returns the exit code given. */
  async problems(problems: readonly Problem[], code: number): Promise<number> {
    const located = await this.locate(problems)
    if (this.#options.json && !this.#answered) this.#answer(problemsJson(located))
    else this.#write(this.#context.stderr, problemsText(located, this.problemContext('error')))
    return code
  }

  warnings(problems: readonly Problem[]): void {
    if (problems.length === 0) return
    this.#write(this.#context.stderr, problemsText(problems, this.problemContext('warning')))
  }

  status(report: StatusReport): void {
    if (this.#options.json) this.#answer(statusJson(report))
    else this.#result(statusText(report, this.#style(this.#context.stdout)))
  }

  plan(report: PlanReport): void {
    if (this.#options.json) this.#answer(planJson(report))
    else this.#result(planText(report, this.#style(this.#context.stdout)))
  }

  why(report: WhyReport): void {
    if (this.#options.json) this.#answer(whyJson(report))
    else this.#result(whyText(report, this.#style(this.#context.stdout)))
  }

  list(names: readonly string[]): void {
    if (this.#options.json) this.#answer(listJson(names))
    else if (names.length > 0) this.#result(listText(names))
  }

  runs(report: RunsReport): void {
    if (this.#options.json) this.#answer(runsJson(report.project, report.target, report.runs))
    else this.#result(runsText(report, this.#style(this.#context.stdout)))
  }

  async runDetail(project: string, run: RunDetail): Promise<void> {
    if (this.#options.json) this.#answer(runJson(project, run))
    else this.#result(runText(run, this.problemContext('error', this.#context.stdout)))
  }

  checked({ project, target, assets, checks, comparedWithDbt }: Checked): void {
    if (this.#options.json) {
      const facts = { project, target, assets, checks, compared_with_dbt: comparedWithDbt }
      this.#answer({ schema: 'assets/check/1', ...facts })
      return
    }
    const style = this.#style(this.#context.stdout)
    const compared = comparedWithDbt
      ? `${checks} checks of dbt, dependencies compared with dbt`
      : 'not compared with dbt: its Python environment is made by the first materialize'
    this.#result(
      [
        `${project} on ${target}: ${assets} assets, no problems`,
        `  ${compared}`,
        '',
        nextLine('assets plan', style),
      ].join('\n'),
    )
  }

  sqlAnswers(answers: readonly SqlAnswer[]): void {
    if (this.#options.json) {
      this.#answer({ schema: 'assets/sql/1', statements: answers })
      return
    }
    for (const { columns, rows, affected } of answers) {
      if (columns.length === 0) this.#result(affected === null ? 'done' : `${affected} rows`)
      else this.#result(table(columns, rows))
    }
  }

  sourceReset(connection: string): void {
    if (this.#options.json) this.#answer({ schema: 'assets/source/1', connection, reset: true })
    else {
      const next = nextLine('assets status', this.#style(this.#context.stdout))
      this.#result(`${connection} is as new\n\n${next}`)
    }
  }

  /** The view of a run: NDJSON, live lines on a terminal, or one line a step. */
  run(plan: Plan, command: string): RunView {
    this.#answered = true
    return new RunView({
      json: this.#options.json,
      terminal: this.#context.stderr.isTTY && this.#context.env.TERM !== 'dumb',
      plan,
      command,
      out: (text) => this.#write(this.#context.stdout, text),
      err: (text) => this.#context.stderr.write(this.#redact(text)),
      style: (stream) => this.#style(this.#context[stream]),
      problemContext: () => this.problemContext('error'),
      locate: (problems) => this.locate(problems),
      clock: this.#context.clock,
    })
  }

  /** A thrown error is a bug of ours: its stack is the report. */
  bug(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#write(
      this.#context.stderr,
      `error  this is a bug in assets, not a mistake of yours\n${text}\n  nothing that was committed is lost: run the same command again`,
    )
  }

  locate(problems: readonly Problem[]): Promise<readonly Problem[]> {
    return locateAll(problems, this.#root)
  }

  problemContext(level: 'error' | 'warning', stream = this.#context.stderr): ProblemContext {
    return { style: this.#style(stream), level, source: (file) => this.#source(file) }
  }

  #style(stream: Stream) {
    const { env, clock } = this.#context
    const { isTTY, columns } = stream
    const zone = env.TZ || Intl.DateTimeFormat().resolvedOptions().timeZone
    return createStyle({
      isTTY: isTTY === true,
      columns,
      env,
      now: clock(),
      zone,
      all: this.#options.all,
    })
  }

  #source(file: string): string | null {
    try {
      return readFileSync(join(this.#root, file), 'utf8')
    } catch {
      return null
    }
  }

  #answer(value: unknown): void {
    this.#answered = true
    this.#write(this.#context.stdout, JSON.stringify(value))
  }

  #result(text: string): void {
    this.#answered = true
    this.#write(this.#context.stdout, text)
  }

  #write(stream: Stream, text: string): void {
    stream.write(`${this.#redact(text)}\n`)
  }
}

/** Rows of SQL as aligned columns; NULL is shown as an empty place, as psql does. */
function table(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const lines = [columns, ...rows.map((row) => row.map((cell) => cell ?? ''))]
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)))
  const show = (line: readonly string[]) =>
    line
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd()
  const [head = '', ...body] = lines.map(show)
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [head, rule, ...body, `(${rows.length} rows)`].join('\n')
}

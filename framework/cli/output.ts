import { createRedactor } from '../lib/redact.ts'
import type { RunEvent } from '../model/event.ts'
import type { Problem } from '../model/problem.ts'
import type { RunDetail, RunSummary } from '../model/run.ts'
import type { Plan } from '../plan/plan.ts'
import type { SqlAnswer } from '../ports/connection.ts'
import type { PlanReport } from '../report/plan.ts'
import type { StatusReport } from '../report/status.ts'
import type { WhyReport } from '../report/why.ts'
import type { Context } from './context.ts'

export interface Progress {
  readonly take: (event: RunEvent) => void
  end(summary: { readonly selected: ReadonlySet<string>; readonly fresh: number }): void
}

export interface Output {
  redact(secrets: readonly string[]): void
  notice(message: string): void
  problems(problems: readonly Problem[], code: number): number
  warnings(problems: readonly Problem[]): void
  status(report: StatusReport): void
  plan(report: PlanReport): void
  why(report: WhyReport): void
  list(names: readonly string[]): void
  runs(report: { project: string; target: string; runs: readonly RunSummary[] }): void
  runDetail(report: { project: string; run: RunDetail }): void
  checked(report: {
    project: string
    target: string
    assets: number
    checks: number
    comparedWithDbt: boolean
  }): void
  sqlAnswers(answers: readonly SqlAnswer[]): void
  sourceReset(connection: string): void
  run(plan: Plan, target: string): Progress
  bug(error: unknown): void
  end(): Promise<void>
}

export function createOutput(context: Context, _options: { json: boolean; all: boolean }): Output {
  let redact = (text: string) => text
  const out = (value: unknown) =>
    context.stdout.write(`${redact(typeof value === 'string' ? value : JSON.stringify(value))}\n`)
  const err = (text: string) => context.stderr.write(`${redact(text)}\n`)
  return {
    redact: (secrets) => {
      redact = createRedactor(secrets)
    },
    notice: err,
    problems: (problems, code) => {
      for (const p of problems) err(JSON.stringify(p))
      return code
    },
    warnings: (problems) => {
      for (const p of problems) err(JSON.stringify(p))
    },
    status: (r) => {
      for (const a of r.assets)
        out(
          `${a.name} ${a.verdict.state} ${'reasons' in a.verdict ? a.verdict.reasons.map((x) => `${x.reason}: ${x.message}`).join(' | ') : ''}`,
        )
      for (const a of r.checks)
        if (a.verdict.state !== 'fresh')
          out(
            `${a.name} ${a.verdict.state} ${'reasons' in a.verdict ? a.verdict.reasons.map((x) => `${x.reason}: ${x.message}`).join(' | ') : ''}`,
          )
    },
    plan: (r) => {
      for (const s of r.steps)
        out(
          `${s.batch} ${s.asset} ${s.action} ${s.verdict} ${s.reasons.map((x) => x.message).join(' | ')}`,
        )
    },
    why: out,
    list: (names) => out(names.join('\n')),
    runs: out,
    runDetail: out,
    checked: out,
    sqlAnswers: out,
    sourceReset: out,
    run: () => ({
      take: (e) => {
        if (e.event === 'step_finished')
          err(
            `${e.asset} ${e.outcome.state} ${e.seconds} ${'rows' in e.outcome ? e.outcome.rows : ''} ${'problem' in e.outcome ? JSON.stringify(e.outcome.problem) : ''}`,
          )
        else err(JSON.stringify(e))
      },
      end: () => {},
    }),
    bug: (e) => err(e instanceof Error ? (e.stack ?? e.message) : String(e)),
    end: async () => {},
  }
}

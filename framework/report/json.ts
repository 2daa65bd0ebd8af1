import type { RunEvent } from '../model/event.ts'
import type { Location, Pointer } from '../model/location.ts'
import type { Problem } from '../model/problem.ts'
import type { Materialization } from '../model/record.ts'
import type { RunDetail, RunSummary, StepSummary } from '../model/run.ts'
import type { Outcome } from '../model/step.ts'
import type { Reason, Verdict } from '../model/verdict.ts'
import type { TimedStep } from '../plan/estimate.ts'
import type { PlanReport } from './plan.ts'
import { placeOf, sortProblems } from './problem.ts'
import type { StatusCheck, StatusReport } from './status.ts'
import { isoTime } from './time.ts'
import type { WhyNode, WhyReport } from './why.ts'

// The shapes of DESIGN section 6: keys may be added, none renamed or left out. Times are ISO 8601
// in UTC. What is optional there is absent here when there is none; what may be null is null.

/** `assets/status/1`. */
export function statusJson(report: StatusReport) {
  const count = (state: Verdict['state']) =>
    report.assets.filter(({ verdict }) => verdict.state === state).length
  return {
    schema: 'assets/status/1',
    project: report.project,
    target: report.target,
    observed_at: isoTime(report.observedAt),
    offline: report.offline,
    counts: {
      fresh: count('fresh'),
      stale: count('stale'),
      pending: count('pending'),
      building: count('building'),
    },
    assets: report.assets.map(({ name, kind, group, verdict, last }) => ({
      name,
      kind,
      group,
      ...verdictJson(verdict),
      last: last === null ? null : buildJson(last),
    })),
    checks: report.checks.map(checkJson),
  } as const
}

function checkJson({ name, reads, severity, verdict, last }: StatusCheck) {
  return {
    name,
    reads,
    severity,
    ...verdictJson(verdict),
    last:
      last === null
        ? null
        : {
            run: last.run,
            at: isoTime(last.finishedAt),
            outcome: last.outcome,
            failures: last.failures,
          },
  }
}

function verdictJson(verdict: Verdict) {
  return {
    verdict: verdict.state,
    reasons: verdict.state === 'stale' ? verdict.reasons.map(reasonJson) : [],
    pending_on: verdict.state === 'pending' || verdict.state === 'waiting' ? verdict.on : [],
    ...(verdict.state === 'building' ? { building_run: verdict.run } : {}),
  }
}

function buildJson(record: Materialization) {
  return {
    run: record.run,
    at: isoTime(record.finishedAt),
    code_version: record.codeVersion,
    data_version: record.dataVersion,
    rows: record.rows,
  }
}

function reasonJson({ reason, asset, check, from, to, parts, message }: Reason) {
  return {
    reason,
    ...(asset === undefined ? {} : { asset }),
    ...(check === undefined ? {} : { check }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(parts === undefined ? {} : { parts }),
    message,
  }
}

/** `assets/plan/1`. */
export function planJson(report: PlanReport) {
  return {
    schema: 'assets/plan/1',
    project: report.project,
    target: report.target,
    steps: report.steps.map(stepJson),
    fresh: report.fresh,
    may_replace: report.mayReplace,
    waiting: report.waiting,
    absent: report.absent,
    estimate:
      report.estimate === null
        ? null
        : { low_s: report.estimate.low, high_s: report.estimate.high, untimed: report.untimed },
    critical_path: report.criticalPath.map(({ asset, seconds }) => ({
      asset,
      estimate_s: seconds,
    })),
    skipped_s: report.skippedSeconds,
    command: report.command,
  } as const
}

function stepJson(step: TimedStep) {
  return {
    asset: step.asset,
    action: step.action,
    full: step.full,
    verdict: step.verdict,
    reasons: step.reasons.map(reasonJson),
    pending_on: step.pendingOn,
    batch: step.batch,
    estimate_s: step.estimateSeconds,
    ...(step.pool === undefined ? {} : { pool: step.pool }),
    ...(step.waivedBy === undefined ? {} : { waived_by: step.waivedBy }),
  }
}

/** `assets/why/1`: flat, causes by name. */
export function whyJson(report: WhyReport) {
  return {
    schema: 'assets/why/1',
    asset: report.asset,
    target: report.target,
    verdict: report.verdict.state,
    offline: report.offline !== null,
    ...(report.offline === null ? {} : { seen_at: isoTime(report.offline.seenAt) }),
    nodes: report.nodes.map(whyNodeJson),
    compared: report.compared,
    next: report.next,
  } as const
}

function whyNodeJson(node: WhyNode) {
  const { asset, verdict, reasons, causes, last, before, root, declared } = node
  return {
    asset,
    verdict: verdict.state,
    reasons: reasons.map(reasonJson),
    causes,
    pending_on: verdictJson(verdict).pending_on,
    last: last === null || 'check' in last ? null : buildJson(last),
    before: before === null ? null : buildJson(before),
    root,
    ...(declared === null ? {} : { file: declared.file, line: declared.line }),
  }
}

/** `assets/list/1`. */
export function listJson(names: readonly string[]) {
  return { schema: 'assets/list/1', assets: names } as const
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
    seconds: (step.finishedAt - step.startedAt) / 1000,
    rows: step.rows,
    reasons: step.reasons.map(reasonJson),
    reference: step.reference,
    note: step.note,
    problem: step.problem === null ? null : problemJson(step.problem),
  }
}

/** `assets/problems/1`, in the order in which they are shown. */
export function problemsJson(problems: readonly Problem[]) {
  return {
    schema: 'assets/problems/1',
    problems: sortProblems(problems).map(problemJson),
  } as const
}

/** One problem, as every document shows it. */
export function problemJson({ code, message, at, related, detail, hint, asset }: Problem) {
  return {
    code,
    message,
    ...(at === undefined ? {} : placeJson(at)),
    ...(asset === undefined ? {} : { asset }),
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(related === undefined
      ? {}
      : { related: related.map((one) => ({ message: one.message, ...placeJson(one.at) })) }),
  }
}

function placeJson(at: Location | Pointer) {
  const place = placeOf(at)
  if (place === null) return { file: at.file }
  return {
    file: place.file,
    line: place.line,
    column: place.column,
    ...(place.endLine === undefined ? {} : { end_line: place.endLine }),
    ...(place.endColumn === undefined ? {} : { end_column: place.endColumn }),
  }
}

/** One line of `materialize --json`, without its newline. */
export function eventJson(event: RunEvent): string {
  return JSON.stringify(eventFields(event))
}

function eventFields(event: RunEvent) {
  switch (event.event) {
    case 'run_started': {
      const { run, target, place, at, steps } = event
      const where = place === undefined ? {} : { place }
      return { event: event.event, run, target, ...where, at: isoTime(at), steps }
    }
    case 'step_started': {
      const { asset, reasons, batch } = event
      return { event: event.event, asset, reasons: reasons.map(reasonJson), batch }
    }
    case 'step_finished': {
      const { asset, action, outcome, seconds } = event
      return { event: event.event, asset, action, ...outcomeJson(outcome), seconds }
    }
    case 'check_finished': {
      const { check, assets, outcome, failures, problem } = event
      const told = problem === undefined ? {} : { problem: problemJson(problem) }
      return { event: event.event, check, assets, outcome, failures, ...told }
    }
    case 'run_finished': {
      const { run, outcome, counts, seconds } = event
      return { event: event.event, run, outcome, counts, seconds }
    }
    case 'problem':
      return { event: event.event, problem: problemJson(event.problem) }
    case 'step_progress':
    case 'notice':
      return event
  }
}

function outcomeJson(outcome: Outcome) {
  const none = { outcome: outcome.state, data_version: null, rows: null }
  switch (outcome.state) {
    case 'built':
    case 'unchanged':
    case 'adopted':
      return { outcome: outcome.state, data_version: outcome.version, rows: outcome.rows }
    case 'failed':
      return { ...none, problem: problemJson(outcome.problem) }
    case 'blocked':
      return { ...none, blocked_by: outcome.by }
    case 'checked':
      return { ...none, result: outcome.result, failures: outcome.failures }
    case 'released':
    case 'cancelled':
      return none
  }
}

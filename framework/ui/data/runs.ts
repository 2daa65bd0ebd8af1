import type { RunEvent } from '../../model/event.ts'
import type { RunDetail, RunSavings, RunSummary, StepSummary } from '../../model/run.ts'
import type { Watched } from '../../ports/state.ts'

// What the page shows of runs. Times are milliseconds since the epoch.

export interface PageRun {
  readonly run: number
  readonly command: string
  readonly job: string | null
  readonly startedAt: number
  readonly finishedAt: number | null
  readonly outcome: RunSummary['outcome']
  readonly counts: RunSummary['counts']
  readonly savings: RunSavings | null
}

export interface PageStep {
  readonly name: string
  readonly action: StepSummary['action']
  readonly outcome: StepSummary['outcome']
  readonly batch: number
  readonly startedAt: number
  readonly finishedAt: number
  readonly rows: number | null
  /** Why it ran, in sentences. */
  readonly reasons: readonly string[]
  readonly reference: string | null
  /** What went wrong, or the result of a check, or what blocked it. */
  readonly note: string | null
}

/** An event of a run as it was logged. */
export interface PageRunEvent {
  readonly seq: number
  readonly at: number
  readonly event: { readonly event: string } & Readonly<Record<string, unknown>>
}

export interface PageRunDetail extends PageRun {
  readonly steps: readonly PageStep[]
  readonly events: readonly PageRunEvent[]
  /** How far the run and each of its running steps and calls are. */
  readonly progress: readonly PageProgress[]
}

/** The events that replace earlier ones. */
export type PageProgress = Extract<
  RunEvent,
  { readonly event: 'step_progress' | 'batch_progress' | 'run_estimate' }
>
export type StepProgress = Extract<RunEvent, { readonly event: 'step_progress' }>

/** All runs of a target, newest first. Pure. */
export function runsDocument(runs: readonly RunSummary[]): { readonly runs: readonly PageRun[] } {
  return { runs: runs.map(pageRun) }
}

/** One run, and what it logged. Pure. */
export function runDocument(run: RunDetail, { events, progress }: Watched): PageRunDetail {
  return {
    ...pageRun(run),
    steps: run.steps.map(pageStep),
    events: events.flatMap(({ seq, at, text }) => {
      const event = parsed(text)
      return event === null ? [] : [{ seq, at, event: event as PageRunEvent['event'] }]
    }),
    progress: (parsed(progress?.text ?? '[]') ?? []) as PageRunDetail['progress'],
  }
}

function pageRun(summary: RunSummary): PageRun {
  const { run, command, job, startedAt, finishedAt, outcome, counts, savings } = summary
  return { run, command, job, startedAt, finishedAt, outcome, counts, savings }
}

function pageStep(step: StepSummary): PageStep {
  const { reasons, problem, note, ...rest } = step
  return {
    name: rest.name,
    action: rest.action,
    outcome: rest.outcome,
    batch: rest.batch,
    startedAt: rest.startedAt,
    finishedAt: rest.finishedAt,
    rows: rest.rows,
    reasons: reasons.map(({ message }) => message),
    reference: rest.reference,
    note: problem?.message ?? note,
  }
}

/** null for text that is damaged. */
function parsed(text: string): object | null {
  try {
    return JSON.parse(text) as object
  } catch {
    return null
  }
}

import { fail, type Problem, type Result } from '../../model/problem.ts'
import type { Arrival, SyncRequest } from '../../ports/connection.ts'
import { chooseJob, ownReference, refreshReason, type StreamStep } from './choose-job.ts'
import { compareSetup } from './compare-setup.ts'
import type { ConnectionSetup } from './connection-setup.ts'
import type { AirbyteContext } from './context.ts'
import { type AirbyteJob, type JobReference, jobState, mayRun } from './job.ts'
import { type JobProgress, jobText, readProgress, streamProgress } from './job-progress.ts'
import { readConnectors, readResults } from './job-results.ts'
import { connectionInactive, needsRefresh } from './problems.ts'
import { startJob } from './start-job.ts'
import { readRowCounts, streamOutcomes } from './stream-outcomes.ts'
import { waitForJob } from './wait-for-job.ts'

/** By asset. */
type Arrivals = ReadonlyMap<string, Arrival>

/** A job that has ended, or the arrivals of a sync that stopped before its job ended. */
type Waited =
  | { readonly ok: true; readonly job: AirbyteJob }
  | { readonly ok: false; readonly arrivals: Arrivals }

/**
 * Loads all streams with one job and returns the outcome of each, by asset. Streams whose setup in Airbyte
 * differs from their asset, or that need a full load, are reported as failed before any job is started.
 */
export async function sync(context: AirbyteContext, request: SyncRequest): Promise<Arrivals> {
  const { api } = context
  const { streams, signal, report } = request
  request.onWait(`Airbyte connection ${api.settings.name}: asking for its jobs`)
  const setup = await api.setup()
  const jobs = setup.ok ? await api.jobs(signal) : setup
  if (!setup.ok || !jobs.ok) {
    return signal.aborted ? allCancelled(streams, '') : allFailed(streams, jobs)
  }
  const refused = refusals(streams, setup.value, jobs.value, context)
  const accepted = streams.filter(({ step }) => !refused.has(step.name))
  for (const [name, problem] of refused) await report({ step: 'failed', name, problem })
  // Shared steps are only built along with others. If all others were refused, no job is needed.
  const needsJob = accepted.some(({ step }) => !isOnlyShared(step))
  return needsJob
    ? new RunningSync(context, request, accepted, setup.value).run(jobs.value)
    : new Map(accepted.map(({ step }) => [step.name, { is: 'as_recorded' }]))
}

class RunningSync {
  readonly #context: AirbyteContext
  readonly #request: SyncRequest
  readonly #streams: readonly StreamStep[]
  readonly #setup: ConnectionSetup
  readonly #startedAt: number
  /** Jobs that ended without loading every stream. */
  readonly #rejected = new Set<number>()

  constructor(
    context: AirbyteContext,
    request: SyncRequest,
    streams: readonly StreamStep[],
    setup: ConnectionSetup,
  ) {
    this.#context = context
    this.#request = request
    this.#streams = streams
    this.#setup = setup
    this.#startedAt = context.clock()
  }

  async run(known: readonly AirbyteJob[]): Promise<Arrivals> {
    const { api, ownJobs, clock } = this.#context
    const { signal, report } = this.#request
    for (const { step } of this.#streams) await report({ step: 'started', name: step.name })
    let jobs = known
    for (;;) {
      if (signal.aborted) return allCancelled(this.#streams, '')
      const { adopt } = api.settings
      const rejected = this.#rejected
      const criteria = { streams: this.#streams, adopt, ownJobs, rejected, now: clock() }
      const choice = chooseJob(jobs, criteria)
      switch (choice.choice) {
        case 'use': {
          const arrivals = await this.#outcomes(choice.job)
          const isOwn = ownReference(choice.job.id, criteria) !== null
          if (isComplete(arrivals) || isOwn) return arrivals
          this.#rejected.add(choice.job.id)
          break
        }
        case 'wait': {
          const own = ownReference(choice.job.id, criteria)
          const waited = await this.#wait(choice.job, own)
          if (!waited.ok) return waited.arrivals
          // A failure of our own job is the result. After any other job, choose again.
          if (own !== null && jobState(waited.job) !== 'succeeded') {
            return this.#outcomes(waited.job)
          }
          break
        }
        case 'start': {
          const waited = await this.#start(choice.after)
          if (waited !== null) return waited.ok ? this.#outcomes(waited.job) : waited.arrivals
        }
      }
      const listed = await api.jobs(signal)
      if (!listed.ok) {
        return signal.aborted ? allCancelled(this.#streams, '') : this.#allFailed(listed)
      }
      jobs = listed.value
    }
  }

  /** Starts a job and waits for its end; null if another client started one first. */
  async #start(after: number): Promise<Waited | null> {
    const { api, timers, ownJobs } = this.#context
    const { signal } = this.#request
    const started = await startJob(api, after, timers, signal)
    if (!started.ok) {
      const stopped = signal.aborted ? await this.#cancelUnseenJob(after) : null
      return { ok: false, arrivals: stopped ?? this.#allFailed(started) }
    }
    if (started.value.is === 'overtaken') return null
    const { job, ours } = started.value
    const forced = this.#streams.some(({ step }) =>
      step.reasons.some(({ reason }) => reason === 'forced'),
    )
    const reference = ours ? { job: job.id, ours, forced } : null
    if (reference !== null) ownJobs.set(job.id, reference)
    return this.#wait(job, reference)
  }

  async #wait(job: AirbyteJob, own: JobReference | null): Promise<Waited> {
    const { api, timers, clock, notice, internal } = this.#context
    const { signal, report, onWait } = this.#request
    onWait(`Airbyte job ${job.id}: ${job.status}`)
    const reference = own ?? { job: job.id, ours: false, forced: false }
    for (const { step } of this.#streams) {
      await report({ step: 'reference', name: step.name, reference: { ...reference } })
    }
    const result = await waitForJob(job, {
      api,
      timers,
      clock,
      signal,
      since: this.#startedAt,
      progress: (id) =>
        readProgress(internal, id, api.settings.connectionId, this.#setup.workspaceId),
      onPoll: (now, progress) => this.#reportProgress(now, progress),
      onLost: (message) => onWait(`Airbyte job ${job.id}: the last poll failed (${message})`),
      notice,
    })
    switch (result.is) {
      case 'ended':
        return { ok: true, job: result.job }
      case 'lost':
        return { ok: false, arrivals: this.#allFailed(fail(result.problem)) }
      case 'interrupted': {
        const detail = await this.#cancelIfOwn(job.id, own)
        return { ok: false, arrivals: allCancelled(this.#streams, detail) }
      }
    }
  }

  /** After an interrupt: cancels our own job if it still runs. Returns what happened, as text. */
  async #cancelIfOwn(job: number, own: JobReference | null): Promise<string> {
    const { api } = this.#context
    if (own === null) return `Airbyte job ${job} keeps running: it was started outside assets`
    // Airbyte cancels any job that runs on the connection, so check that ours is the one.
    const now = await api.job(job)
    if (now.polled !== 'job') return `Airbyte job ${job} keeps running: it could not be cancelled`
    if (!mayRun(now.job)) return `Airbyte job ${job} had already ended: ${now.job.status}`
    return (await api.cancel(job))
      ? `Airbyte job ${job} was cancelled`
      : `Airbyte job ${job} keeps running: it could not be cancelled`
  }

  /** After an interrupt during the request for a job: the job may have started anyway. */
  async #cancelUnseenJob(after: number): Promise<Arrivals> {
    const jobs = await this.#context.api.jobs()
    const newer = jobs.ok ? jobs.value.filter(({ id }) => id > after) : []
    const [only] = newer
    if (only === undefined || newer.length > 1) return allCancelled(this.#streams, '')
    const own = { job: only.id, ours: true, forced: false }
    return allCancelled(this.#streams, await this.#cancelIfOwn(only.id, own))
  }

  async #outcomes(job: AirbyteJob): Promise<Arrivals> {
    const { api, internal, ownJobs } = this.#context
    const { connectionId } = api.settings
    const results = await readResults(internal, job.id, connectionId, this.#setup.workspaceId)
    const rowCounts = await readRowCounts(job, results, this.#streams, this.#request.countSyncRows)
    if (!rowCounts.ok) return this.#allFailed(rowCounts)
    const connectors =
      results === null
        ? { source: null, destination: null }
        : await readConnectors(internal, job.id)
    const own = ownReference(job.id, { ownJobs, streams: this.#streams })
    const ended = { job, results, rowCounts: rowCounts.value, connectors, own }
    return streamOutcomes(ended, this.#streams, api.settings)
  }

  async #reportProgress(job: AirbyteJob, progress: JobProgress | null): Promise<void> {
    const { report, onWait } = this.#request
    const { schema } = this.#context.api.settings
    const streams = this.#streams.map(({ stream }) => stream)
    onWait(jobText(job, progress, streams, schema))
    if (progress === null) return
    for (const { step, stream } of this.#streams) {
      const one = streamProgress(job.id, progress, stream, schema)
      if (one !== null) await report({ step: 'progress', name: step.name, ...one })
    }
  }

  #allFailed(result: Result<unknown>): Arrivals {
    return allFailed(this.#streams, result)
  }
}

/** The problems of streams that no sync can load, by asset. */
function refusals(
  streams: readonly StreamStep[],
  setup: ConnectionSetup,
  jobs: readonly AirbyteJob[],
  { api }: AirbyteContext,
): ReadonlyMap<string, Problem> {
  const { settings } = api
  const refused = new Map<string, Problem>()
  for (const one of streams) {
    const { asset, stream } = one.stream
    const reason = refreshReason(one, jobs)
    if (reason !== null) refused.set(asset, needsRefresh(settings, asset, stream, reason))
    if (setup.status !== 'active') {
      refused.set(asset, connectionInactive(settings, setup.statusReason))
    }
  }
  const declared = streams.map(({ stream }) => stream)
  for (const problem of compareSetup(declared, setup, settings).problems) {
    refused.set(problem.asset!, problem)
  }
  return refused
}

function isOnlyShared({ reasons }: StreamStep['step']): boolean {
  return reasons.length > 0 && reasons.every(({ reason }) => reason === 'shared')
}

function isComplete(arrivals: Arrivals): boolean {
  return [...arrivals.values()].every(({ is }) => is === 'loaded' || is === 'as_recorded')
}

/** All streams fail with the first problem of the result; without one they were cancelled. */
function allFailed(streams: readonly StreamStep[], result: Result<unknown>): Arrivals {
  if (result.ok) return allCancelled(streams, '')
  const problem = result.problems[0]!
  return new Map(
    streams.map(({ step }) => [
      step.name,
      { is: 'failed', problem: { ...problem, asset: step.name } },
    ]),
  )
}

function allCancelled(streams: readonly StreamStep[], detail: string): Arrivals {
  return new Map(streams.map(({ step }) => [step.name, { is: 'cancelled', detail }]))
}

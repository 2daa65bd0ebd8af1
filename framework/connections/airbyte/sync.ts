import { fail, type Problem, type Result } from '../../model/problem.ts'
import type { Arrival, SyncRequest } from '../../ports/connection.ts'
import type { Clock } from '../../ports/site.ts'
import { compare } from './agreement.ts'
import type { Api, AskInternally } from './api.ts'
import { arrivals, askWarehouse } from './arrivals.ts'
import { choose, type Member, ownOf, refreshReason } from './choose.ts'
import { follow } from './follow.ts'
import { type Job, mayRun, type Reference, standingOf } from './job.ts'
import { inactive, needsRefresh } from './problems.ts'
import { readAttempts, readConnectors, readResults } from './results.ts'
import type { Setup } from './setup.ts'
import type { Timing } from './timing.ts'
import { trigger } from './trigger.ts'

/** What a sync is brought about with. */
export interface Means {
  readonly api: Api
  readonly internal: AskInternally
  readonly timing: Timing
  readonly clock: Clock
  readonly notice: (message: string) => void
  /** Jobs that this process started. */
  readonly own: Map<number, Reference>
}

type Arrivals = ReadonlyMap<string, Arrival>

/**
 * Brings all streams by one job and gives what became of each. Streams that Airbyte is set up for
 * otherwise, or would have to load in full, fail before anything is touched.
 */
export async function sync(means: Means, request: SyncRequest): Promise<Arrivals> {
  const { api } = means
  const { streams, signal, report } = request
  const setup = await api.setup()
  const jobs = setup.ok ? await api.jobs(signal) : setup
  if (!setup.ok || !jobs.ok) {
    return signal.aborted ? allCancelled(streams, '') : allFailed(streams, jobs)
  }
  const refused = refusals(streams, setup.value, jobs.value, means)
  const members = streams.filter(({ step }) => !refused.has(step.name))
  for (const [name, problem] of refused) await report({ step: 'failed', name, problem })
  // Nobody asks for a call when all that did was refused.
  const isIdle = members.every(({ step }) => isOnlyShared(step))
  return isIdle
    ? new Map(members.map(({ step }) => [step.name, { is: 'as_recorded' }]))
    : new Sync(means, request, members, setup.value).run(jobs.value)
}

/** One sync under way. */
class Sync {
  readonly #means: Means
  readonly #request: SyncRequest
  readonly #members: readonly Member[]
  readonly #setup: Setup
  readonly #since: number
  /** Jobs that did not bring every stream. */
  readonly #passed = new Set<number>()

  constructor(means: Means, request: SyncRequest, members: readonly Member[], setup: Setup) {
    this.#means = means
    this.#request = request
    this.#members = members
    this.#setup = setup
    this.#since = means.clock()
  }

  async run(known: readonly Job[]): Promise<Arrivals> {
    const { api, own } = this.#means
    const { signal, report } = this.#request
    for (const { step } of this.#members) await report({ step: 'started', name: step.name })
    let jobs = known
    for (;;) {
      if (signal.aborted) return allCancelled(this.#members, '')
      const { adopt } = api.settings
      const choosing = { members: this.#members, adopt, own, passed: this.#passed }
      const choice = choose(jobs, choosing)
      switch (choice.choice) {
        case 'take': {
          const brought = await this.#outcomes(choice.job)
          if (isComplete(brought) || ownOf(choice.job.id, choosing) !== null) return brought
          this.#passed.add(choice.job.id)
          break
        }
        case 'follow': {
          const ended = await this.#follow(choice.job, ownOf(choice.job.id, choosing))
          if (!ended.ok) return ended.arrivals
          // Somebody else's may not serve, or fail; what comes of ours is what comes of this.
          const isOurs = ownOf(choice.job.id, choosing) !== null
          if (isOurs && standingOf(ended.job) !== 'succeeded') return this.#outcomes(ended.job)
          break
        }
        case 'start': {
          const started = await this.#start(choice.after)
          if (!started.ok) return started.arrivals
          if (started.job !== null) return this.#outcomes(started.job)
        }
      }
      const again = await api.jobs(signal)
      if (!again.ok)
        return signal.aborted ? allCancelled(this.#members, '') : this.#allFailed(again)
      jobs = again.value
    }
  }

  /** Starts a job and waits for its end; null when somebody else's was faster. */
  async #start(after: number): Promise<{ readonly ok: true; readonly job: Job | null } | Unended> {
    const { api, timing, own } = this.#means
    const { signal } = this.#request
    const triggered = await trigger(api, after, timing, signal)
    if (!triggered.ok) {
      const stopped = signal.aborted ? await this.#stopNewer(after) : null
      return { ok: false, arrivals: stopped ?? this.#allFailed(triggered) }
    }
    const { value } = triggered
    if (value.is === 'overtaken') return { ok: true, job: null }
    const { job, ours } = value
    const forced = this.#members.some(({ step }) =>
      step.reasons.some(({ reason }) => reason === 'forced'),
    )
    const reference = ours ? { job: job.id, ours, forced } : null
    if (reference !== null) own.set(job.id, reference)
    return this.#follow(job, reference)
  }

  async #follow(
    job: Job,
    ours: Reference | null,
  ): Promise<{ readonly ok: true; readonly job: Job } | Unended> {
    const { api, timing, clock, notice, internal } = this.#means
    const { signal } = this.#request
    const reference = ours ?? { job: job.id, ours: false, forced: false }
    for (const { step } of this.#members) {
      const { report } = this.#request
      await report({ step: 'reference', name: step.name, reference: { ...reference } })
    }
    const followed = await follow(job, {
      api,
      timing,
      clock,
      signal,
      since: this.#since,
      attempts: (id) => readAttempts(internal, id),
      tell: (message) => this.#tell(message),
      notice,
    })
    switch (followed.is) {
      case 'ended':
        return { ok: true, job: followed.job }
      case 'lost':
        return { ok: false, arrivals: this.#allFailed(fail(followed.problem)) }
      case 'interrupted':
        return { ok: false, arrivals: allCancelled(this.#members, await this.#stop(job.id, ours)) }
    }
  }

  /** The run was interrupted: cancels a job of ours, if it is still that which runs. Says what it did. */
  async #stop(job: number, ours: Reference | null): Promise<string> {
    const { api } = this.#means
    if (ours === null) return `Airbyte job ${job} runs on: somebody else started it`
    // A cancel hits whatever runs on the connection, so look before.
    const now = await api.job(job)
    if (now.polled !== 'job') return `Airbyte job ${job} runs on: it could not be cancelled`
    if (!mayRun(now.job)) return `Airbyte job ${job} had ${now.job.status}`
    return (await api.cancel(job))
      ? `Airbyte job ${job} was cancelled`
      : `Airbyte job ${job} runs on: it could not be cancelled`
  }

  /** Interrupted while a job was asked for: it may have begun. */
  async #stopNewer(after: number): Promise<Arrivals> {
    const jobs = await this.#means.api.jobs()
    const newer = jobs.ok ? jobs.value.filter(({ id }) => id > after) : []
    const [only] = newer
    if (only === undefined || newer.length > 1) return allCancelled(this.#members, '')
    const ours = { job: only.id, ours: true, forced: false }
    return allCancelled(this.#members, await this.#stop(only.id, ours))
  }

  async #outcomes(job: Job): Promise<Arrivals> {
    const { api, internal, own } = this.#means
    const { connectionId } = api.settings
    const results = await readResults(internal, job.id, connectionId, this.#setup.workspaceId)
    const stamps = await askWarehouse(job, results, this.#members, this.#request.countSyncRows)
    if (!stamps.ok) return this.#allFailed(stamps)
    const connectors =
      results === null
        ? { source: null, destination: null }
        : await readConnectors(internal, job.id)
    const ours = ownOf(job.id, { own, members: this.#members })
    const ended = { job, results, stamps: stamps.value, connectors, ours }
    return arrivals(ended, this.#members, api.settings)
  }

  async #tell(message: string): Promise<void> {
    const { report } = this.#request
    for (const { step } of this.#members) {
      await report({ step: 'progress', name: step.name, message })
    }
  }

  #allFailed(why: Result<unknown>): Arrivals {
    return allFailed(this.#members, why)
  }
}

interface Unended {
  readonly ok: false
  readonly arrivals: Arrivals
}

/** What keeps a stream from being brought at all, by asset. */
function refusals(
  members: readonly Member[],
  setup: Setup,
  jobs: readonly Job[],
  { api }: Means,
): ReadonlyMap<string, Problem> {
  const { settings } = api
  const refused = new Map<string, Problem>()
  for (const member of members) {
    const { asset, stream } = member.stream
    const because = refreshReason(member, jobs)
    if (because !== null) refused.set(asset, needsRefresh(settings, asset, stream, because))
    if (setup.status !== 'active') refused.set(asset, inactive(settings, setup.statusReason))
  }
  const streams = members.map(({ stream }) => stream)
  for (const problem of compare(streams, setup, settings).problems) {
    refused.set(problem.asset!, problem)
  }
  return refused
}

function isOnlyShared({ reasons }: Member['step']): boolean {
  return reasons.length > 0 && reasons.every(({ reason }) => reason === 'shared')
}

function isComplete(arrivals: Arrivals): boolean {
  return [...arrivals.values()].every(({ is }) => is === 'loaded' || is === 'as_recorded')
}

function allFailed(members: readonly Member[], why: Result<unknown>): Arrivals {
  const problem = why.ok ? null : why.problems[0]!
  return new Map(
    members.map(({ step }) => [
      step.name,
      problem === null ? CANCELLED : { is: 'failed', problem: { ...problem, asset: step.name } },
    ]),
  )
}

const CANCELLED: Arrival = { is: 'cancelled', detail: '' }

function allCancelled(members: readonly Member[], detail: string): Arrivals {
  return new Map(members.map(({ step }) => [step.name, { is: 'cancelled', detail }]))
}

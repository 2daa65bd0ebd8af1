import type { Json } from '../../lib/json.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { ApiClient, ApiReply } from './client.ts'
import { type ConnectionSetup, parseSetup } from './connection-setup.ts'
import { type AirbyteJob, parseJob } from './job.ts'
import { listOf } from './json-fields.ts'
import type { AirbyteSettings } from './settings.ts'

/** The calls of the public API that a connection needs. */
export interface AirbyteApi {
  readonly settings: AirbyteSettings
  /** Problems: those of `ApiClient.read`; unknown connection. */
  setup(): Promise<Result<ConnectionSetup>>
  /** The connection's last jobs, newest first. Problems: those of `ApiClient.read`. */
  jobs(signal?: AbortSignal): Promise<Result<readonly AirbyteJob[]>>
  /** Polls a job, with one request. */
  job(id: number, signal?: AbortSignal): Promise<PollReply>
  /** Requests a sync, once. The reply may take a minute. */
  start(signal: AbortSignal): Promise<StartReply>
  /** Cancels the connection's running job, even if that is another one. Returns whether it succeeded. */
  cancel(id: number): Promise<boolean>
}

export type PollReply =
  | { readonly polled: 'job'; readonly job: AirbyteJob }
  | { readonly polled: 'denied'; readonly problem: Problem }
  /** No valid reply. The state of the job is unknown. */
  | { readonly polled: 'lost'; readonly message: string }

export type StartReply =
  | { readonly started: 'job'; readonly job: AirbyteJob }
  /** Another job runs on the connection. */
  | { readonly started: 'conflict' }
  | { readonly started: 'inactive'; readonly detail: string }
  | { readonly started: 'busy' }
  /** No valid reply. The job may have started. */
  | { readonly started: 'unclear'; readonly message: string }
  | { readonly started: 'refused'; readonly problem: Problem | null; readonly detail: string }

/** The number of jobs that are listed. */
const JOB_LIMIT = 50
/** Milliseconds. Airbyte holds the request until the job is created, up to a minute. */
const START_TIMEOUT = 90_000

export function createApi(settings: AirbyteSettings, client: ApiClient): AirbyteApi {
  const { connectionId } = settings
  return {
    settings,
    async setup() {
      const read = await client.read({ method: 'GET', path: `/connections/${connectionId}` })
      return read.ok ? ok(parseSetup(read.value)) : read
    },
    async jobs(signal) {
      const query = { connectionId, limit: String(JOB_LIMIT), orderBy: 'createdAt|DESC' }
      const read = await client.read({ method: 'GET', path: '/jobs', query, signal })
      if (!read.ok) return fail(...read.problems)
      const jobs = listOf(read.value, 'data').flatMap((one) => parseJob(one) ?? [])
      return ok(jobs.sort((a, b) => b.id - a.id))
    },
    async job(id, signal) {
      return toPollReply(await client.send({ method: 'GET', path: `/jobs/${id}`, signal }))
    },
    async start(signal) {
      const body = { connectionId, jobType: 'sync' }
      const timeout = START_TIMEOUT
      return toStartReply(
        await client.send({ method: 'POST', path: '/jobs', body, timeout, signal }),
      )
    },
    async cancel(id) {
      const { reply } = await client.send({ method: 'DELETE', path: `/jobs/${id}` })
      return reply === 'ok'
    },
  }
}

function toPollReply(reply: ApiReply): PollReply {
  switch (reply.reply) {
    case 'ok': {
      const job = parseJob(reply.body)
      return job === null ? { polled: 'lost', message: NO_JOB } : { polled: 'job', job }
    }
    case 'denied':
      return { polled: 'denied', problem: reply.problem }
    case 'busy':
      return { polled: 'lost', message: 'too many requests' }
    case 'unclear':
      return { polled: 'lost', message: reply.message }
    case 'refused':
      return { polled: 'lost', message: `status ${reply.status} ${reply.title}`.trimEnd() }
  }
}

function toStartReply(reply: ApiReply): StartReply {
  switch (reply.reply) {
    case 'ok': {
      const job = parseJob(reply.body)
      return job === null ? { started: 'unclear', message: NO_JOB } : { started: 'job', job }
    }
    case 'denied':
      return { started: 'refused', problem: reply.problem, detail: '' }
    case 'busy':
      return { started: 'busy' }
    case 'unclear':
      return { started: 'unclear', message: reply.message }
    case 'refused': {
      const { status, title, detail } = reply
      if (status === 409 && title === 'state-conflict') return { started: 'inactive', detail }
      if (status === 409) return { started: 'conflict' }
      const parts = [`status ${status}`, title, detail].filter((part) => part !== '')
      return { started: 'refused', problem: null, detail: parts.join(', ') }
    }
  }
}

const NO_JOB = 'the response contains no job'

/** Calls the internal API; null if it gives no valid reply after `INTERNAL_ATTEMPTS`. */
export type InternalApi = (path: string, body: Json) => Promise<Json | null>

export function createInternalApi(settings: AirbyteSettings, client: ApiClient): InternalApi {
  return async (path, body) => {
    if (settings.configUrl === null) return null
    for (let attempt = 0; attempt < INTERNAL_ATTEMPTS; attempt++) {
      const reply = await client.send({ method: 'POST', api: 'internal', path, body })
      if (reply.reply === 'ok') return reply.body
      if (reply.reply === 'refused' || reply.reply === 'denied') return null
    }
    return null
  }
}

const INTERNAL_ATTEMPTS = 3

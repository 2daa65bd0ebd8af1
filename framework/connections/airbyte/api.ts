import type { Json } from '../../lib/json.ts'
import { fail, ok, type Problem, type Result } from '../../model/problem.ts'
import type { Client, Reply } from './client.ts'
import { type Job, jobOf } from './job.ts'
import { listOf } from './json-fields.ts'
import type { Settings } from './settings.ts'
import { type Setup, setupOf } from './connection-setup.ts'

/** What is asked of the public API. */
export interface Api {
  readonly settings: Settings
  /** Problems: those of `Client.read`; no such connection. */
  setup(): Promise<Result<Setup>>
  /** The connection's jobs, newest first. Problems: those of `Client.read`. */
  jobs(signal?: AbortSignal): Promise<Result<readonly Job[]>>
  /** How a job is, asked once. */
  job(id: number, signal?: AbortSignal): Promise<Polled>
  /** Asks for a sync, once. It may take a minute to answer. */
  start(signal: AbortSignal): Promise<Started>
  /** Cancels whatever runs on the connection. */
  cancel(id: number): Promise<boolean>
}

export type Polled =
  | { readonly polled: 'job'; readonly job: Job }
  | { readonly polled: 'denied'; readonly problem: Problem }
  /** A lost answer says nothing of the job. */
  | { readonly polled: 'lost'; readonly message: string }

export type Started =
  | { readonly started: 'job'; readonly job: Job }
  /** One is running already. */
  | { readonly started: 'conflict' }
  | { readonly started: 'inactive'; readonly detail: string }
  | { readonly started: 'busy' }
  /** It may have started. */
  | { readonly started: 'unclear'; readonly message: string }
  | { readonly started: 'refused'; readonly problem: Problem | null; readonly detail: string }

/** How far back jobs are looked at. */
const JOBS = 50
/** Airbyte holds the request until the job was created, up to a minute. */
const START_TIMEOUT = 90_000

export function apiOf(settings: Settings, client: Client): Api {
  const { connectionId } = settings
  return {
    settings,
    async setup() {
      const read = await client.read({ method: 'GET', path: `/connections/${connectionId}` })
      return read.ok ? ok(setupOf(read.value)) : read
    },
    async jobs(signal) {
      const query = { connectionId, limit: String(JOBS), orderBy: 'createdAt|DESC' }
      const read = await client.read({ method: 'GET', path: '/jobs', query, signal })
      if (!read.ok) return fail(...read.problems)
      const jobs = listOf(read.value, 'data').flatMap((one) => jobOf(one) ?? [])
      return ok(jobs.sort((a, b) => b.id - a.id))
    },
    async job(id, signal) {
      return polled(await client.ask({ method: 'GET', path: `/jobs/${id}`, signal }))
    },
    async start(signal) {
      const body = { connectionId, jobType: 'sync' }
      const timeout = START_TIMEOUT
      return started(await client.ask({ method: 'POST', path: '/jobs', body, timeout, signal }))
    },
    async cancel(id) {
      const { reply } = await client.ask({ method: 'DELETE', path: `/jobs/${id}` })
      return reply === 'ok'
    },
  }
}

function polled(reply: Reply): Polled {
  switch (reply.reply) {
    case 'ok': {
      const job = jobOf(reply.body)
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

function started(reply: Reply): Started {
  switch (reply.reply) {
    case 'ok': {
      const job = jobOf(reply.body)
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
      const told = [`status ${status}`, title, detail].filter((part) => part !== '')
      return { started: 'refused', problem: null, detail: told.join(', ') }
    }
  }
}

const NO_JOB = 'an answer without a job'

/** What is asked of the internal API; null when it doesn't answer. */
export type AskInternally = (path: string, body: Json) => Promise<Json | null>

export function internalApiOf(settings: Settings, client: Client): AskInternally {
  return async (path, body) => {
    if (settings.configUrl === null) return null
    for (let attempt = 0; attempt < INTERNAL_TRIES; attempt++) {
      const reply = await client.ask({ method: 'POST', api: 'internal', path, body })
      if (reply.reply === 'ok') return reply.body
      if (reply.reply === 'refused' || reply.reply === 'denied') return null
    }
    return null
  }
}

const INTERNAL_TRIES = 3

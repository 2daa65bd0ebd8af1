import { formatDuration } from '../../lib/duration.ts'
import type { Json } from '../../lib/json.ts'
import { bad, clockFact, doubtful, factOf, good, type HealthFact } from '../../model/health-fact.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Examination, Examine, HealthSubject } from '../../ports/health.ts'
import { systemTimers } from '../timers.ts'
import { createApi, createInternalApi } from './api.ts'
import { type ApiClient, createApiClient } from './client.ts'
import { compareSetup } from './compare-setup.ts'
import { parseSetup } from './connection-setup.ts'
import { createSend, type Send } from './http.ts'
import { type AirbyteJob, jobState } from './job.ts'
import { readConnectors } from './job-results.ts'
import { textOf } from './json-fields.ts'
import { notAnswering, requestRefused } from './problems.ts'
import { type AirbyteSettings, type ReplicatedSourceSettings, readSettings } from './settings.ts'

/** Examines the source that Airbyte reads changes from. The `postgres` connection implements it. */
export type ExamineSource = (
  source: Omit<ReplicatedSourceSettings, 'url'> & Record<'url' | 'connection' | 'schema', string>,
  subject: HealthSubject,
) => AsyncIterable<HealthFact>

/** Examines the login, the connection's setup and, by `examineSource`, the source. */
export function createExamine(examineSource: ExamineSource): Examine {
  return (subject) => {
    const settings = readSettings(subject.settings)
    if (!settings.ok) throw new ProblemError(...settings.problems)
    const service = { part: null, facts: examineService(settings.value, subject) }
    const source = sourceExamination(settings.value, subject, examineSource)
    return source === null ? [service] : [service, source]
  }
}

function sourceExamination(
  { source, name, schema }: AirbyteSettings,
  subject: HealthSubject,
  examineSource: ExamineSource,
): Examination | null {
  if (source === null) return null
  const { url } = source
  const named = { connection: name, schema: schema ?? 'public' }
  const facts =
    url === null ? sourceWithoutUrl(name) : examineSource({ ...source, ...named, url }, subject)
  return { part: 'source', facts }
}

async function* sourceWithoutUrl(connection: string): AsyncGenerator<HealthFact> {
  yield doubtful(
    'source',
    'url is not set, so its replication slot is not examined',
    `set url under \`source:\` of connection ${connection}; any user that may log in is enough`,
  )
}

async function* examineService(
  settings: AirbyteSettings,
  subject: HealthSubject,
): AsyncGenerator<HealthFact> {
  const { site } = subject
  const http = withServerClock(createSend(systemTimers), site.clock, subject.signal)
  const client = createApiClient(settings, http.send, systemTimers, site.clock)
  const path = `/connections/${settings.connectionId}`
  const [version, reply] = await Promise.all([
    readVersion(settings, client),
    client.send({ method: 'GET', path }),
  ])
  switch (reply.reply) {
    case 'denied':
      throw new ProblemError(reply.problem)
    case 'busy':
      throw new ProblemError(notAnswering(settings, 'status 429, too many requests'))
    case 'unclear':
      throw new ProblemError(notAnswering(settings, reply.message))
    case 'refused': {
      yield good('service', serviceText(settings, version))
      throw new ProblemError(requestRefused(settings, { method: 'GET', path }, reply))
    }
    case 'ok':
      break
  }
  yield good('service', serviceText(settings, version))
  yield good('login', loginText(settings))
  yield* http.clockFacts()
  yield* connectionFacts(reply.body, settings)
  const jobs = await createApi(settings, client).jobs(subject.signal)
  const newest = jobs.ok ? (jobs.value[0] ?? null) : null
  yield* await connectorFacts(reply.body, newest, settings, client)
  yield jobFact(newest, site.clock())
  yield* streamFacts(reply.body, settings, subject)
}

/** Wraps `send` and keeps the clock fact of the last answer that had a `date` header. */
function withServerClock(send: Send, clock: () => number, signal: AbortSignal) {
  let last: HealthFact | null = null
  return {
    send: (async (call) => {
      const asked = clock()
      const answer = await send({ ...call, signal: call.signal ?? signal })
      if (answer.got === 'json' && answer.date !== undefined) {
        last = clockFact(answer.date, { asked, answered: clock() }, 1_000)
      }
      return answer
    }) satisfies Send,
    clockFacts: (): readonly HealthFact[] => (last === null ? [] : [last]),
  }
}

/** Airbyte's version; null if the internal API does not answer. */
async function readVersion(
  { configUrl }: AirbyteSettings,
  client: ApiClient,
): Promise<string | null> {
  if (configUrl === null) return null
  const path = '/instance_configuration'
  const reply = await client.send({ method: 'GET', api: 'internal', path })
  return reply.reply === 'ok' ? textOf(reply.body, 'version') : null
}

function serviceText({ url }: AirbyteSettings, version: string | null): string {
  const { host } = new URL(url)
  return version === null ? `Airbyte at ${host} answers` : `Airbyte ${version} at ${host}`
}

function loginText({ auth }: AirbyteSettings): string {
  switch (auth.by) {
    case 'nothing':
      return 'none'
    case 'application':
      return `application ${auth.id}`
    case 'password':
      return `user ${auth.user}`
    case 'token':
      return 'access token'
  }
}

function* connectionFacts(body: Json, { connectionId }: AirbyteSettings): Generator<HealthFact> {
  const { status, statusReason } = parseSetup(body)
  const name = textOf(body, 'name') ?? connectionId
  const why = statusReason === '' ? '' : ` (${statusReason})`
  yield status === 'active'
    ? good('connection', `${name}, active`)
    : bad('connection', `${name} is ${status}${why}`, 'enable the connection in Airbyte')
}

/** The source and destination of the connection, with the connector versions of its newest job. */
async function connectorFacts(
  body: Json,
  newest: AirbyteJob | null,
  settings: AirbyteSettings,
  client: ApiClient,
): Promise<readonly HealthFact[]> {
  const internal = createInternalApi(settings, client)
  const versions = newest === null ? null : await readConnectors(internal, newest.id)
  const ends = [
    ['source', '/sources', textOf(body, 'sourceId'), versions?.source],
    ['destination', '/destinations', textOf(body, 'destinationId'), versions?.destination],
  ] as const
  const facts = ends.map(async ([end, path, id, version]): Promise<HealthFact> => {
    const reply = id === null ? null : await client.send({ method: 'GET', path: `${path}/${id}` })
    if (reply?.reply !== 'ok') {
      return doubtful(
        end,
        'unknown: this login may not read it',
        'allow the login to read the workspace',
      )
    }
    const name = textOf(reply.body, 'name') ?? ''
    const type = textOf(reply.body, `${end}Type`) ?? 'unknown type'
    return good(end, `${name}, ${version ?? type}`)
  })
  return Promise.all(facts)
}

function jobFact(job: AirbyteJob | null, now: number): HealthFact {
  if (job === null) return good('last job', 'none yet')
  const { id, type, status, startedAt } = job
  const ago = startedAt === null ? '' : `, started ${formatDuration(now - startedAt)} ago`
  const message = `${type} ${id} ${status}${ago}`
  return jobState(job) === 'failed'
    ? doubtful('last job', message, `open job ${id} in Airbyte`)
    : good('last job', message)
}

/** Whether the setup of streams in Airbyte matches their assets. */
function streamFacts(
  body: Json,
  settings: AirbyteSettings,
  { streams }: HealthSubject,
): readonly HealthFact[] {
  if (streams.length === 0) return []
  const { problems, warnings } = compareSetup(streams, parseSetup(body), settings)
  const facts = [
    ...problems.map((problem) => factOf('streams', problem)),
    ...warnings.map((warning) =>
      doubtful('streams', warning, 'change the YAML or Airbyte so that they match'),
    ),
  ]
  return facts.length > 0
    ? facts
    : [good('streams', `all ${streams.length} are set up as declared`)]
}

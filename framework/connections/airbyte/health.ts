import { formatDuration } from '../../lib/duration.ts'
import type { Json } from '../../lib/json.ts'
import { bad, clockFact, doubtful, factOf, good, type HealthFact } from '../../model/health-fact.ts'
import { ProblemError } from '../../model/problem.ts'
import type { Examination, Examine, HealthSubject } from '../../ports/health.ts'
import { compare } from './compare-setup.ts'
import { apiOf, internalApiOf } from './api.ts'
import { type Client, clientOf } from './client.ts'
import { type Send, sender } from './http.ts'
import { type Job, standingOf } from './job.ts'
import { notAnswering, refused } from './problems.ts'
import { textOf } from './json-fields.ts'
import { readConnectors } from './job-results.ts'
import { readSettings, type Settings, type SourceSettings } from './settings.ts'
import { setupOf } from './connection-setup.ts'
import { realTiming } from './timers.ts'

/** How the source that Airbyte reads changes from is looked at; another adapter knows how. */
export type ExamineSource = (
  source: Omit<SourceSettings, 'url'> & Record<'url' | 'connection' | 'schema', string>,
  patient: HealthSubject,
) => AsyncIterable<HealthFact>

/** Whether Airbyte lets us in and loads what is declared, and what it reads changes from. */
export function examineWith(examineSource: ExamineSource): Examine {
  return (patient) => {
    const settings = readSettings(patient.settings)
    if (!settings.ok) throw new ProblemError(...settings.problems)
    const service = { part: null, facts: examineService(settings.value, patient) }
    const source = sourceExamination(settings.value, patient, examineSource)
    return source === null ? [service] : [service, source]
  }
}

function sourceExamination(
  { source, name, schema }: Settings,
  patient: HealthSubject,
  examineSource: ExamineSource,
): Examination | null {
  if (source === null) return null
  const { url } = source
  const named = { connection: name, schema: schema ?? 'public' }
  const facts =
    url === null ? unseenSource(name) : examineSource({ ...source, ...named, url }, patient)
  return { part: 'source', facts }
}

async function* unseenSource(connection: string): AsyncGenerator<HealthFact> {
  yield doubtful(
    'source',
    'it has no url, so nobody looks at its slot',
    `give it one under \`source:\` of connection ${connection}: a user that may log in is enough`,
  )
}

async function* examineService(
  settings: Settings,
  patient: HealthSubject,
): AsyncGenerator<HealthFact> {
  const { site } = patient
  const heard = listening(sender(realTiming), site.clock, patient.signal)
  const client = clientOf(settings, heard.send, realTiming, site.clock)
  const path = `/connections/${settings.connectionId}`
  const [version, reply] = await Promise.all([
    readVersion(settings, client),
    client.ask({ method: 'GET', path }),
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
      throw new ProblemError(refused(settings, { method: 'GET', path }, reply))
    }
    case 'ok':
      break
  }
  yield good('service', serviceText(settings, version))
  yield good('login', loginText(settings))
  yield* heard.clock()
  yield* connectionFacts(reply.body, settings)
  const jobs = await apiOf(settings, client).jobs(patient.signal)
  const newest = jobs.ok ? (jobs.value[0] ?? null) : null
  yield* await connectorFacts(reply.body, newest, settings, client)
  yield jobFact(newest, site.clock())
  yield* agreementFacts(reply.body, settings, patient)
}

/** Passes calls on, and keeps the service's clock from the last answer that told it. */
function listening(send: Send, clock: () => number, signal: AbortSignal) {
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
    clock: (): readonly HealthFact[] => (last === null ? [] : [last]),
  }
}

/** null where the internal API tells nobody. */
async function readVersion({ configUrl }: Settings, client: Client): Promise<string | null> {
  if (configUrl === null) return null
  const path = '/instance_configuration'
  const reply = await client.ask({ method: 'GET', api: 'internal', path })
  return reply.reply === 'ok' ? textOf(reply.body, 'version') : null
}

function serviceText({ url }: Settings, version: string | null): string {
  const { host } = new URL(url)
  return version === null ? `Airbyte at ${host} answers` : `Airbyte ${version} at ${host}`
}

function loginText({ auth }: Settings): string {
  switch (auth.by) {
    case 'nothing':
      return 'none is asked for'
    case 'application':
      return `application ${auth.id}`
    case 'password':
      return `user ${auth.user}`
    case 'token':
      return 'by token'
  }
}

function* connectionFacts(body: Json, { connectionId }: Settings): Generator<HealthFact> {
  const { status, statusReason } = setupOf(body)
  const name = textOf(body, 'name') ?? connectionId
  const why = statusReason === '' ? '' : ` (${statusReason})`
  yield status === 'active'
    ? good('connection', `${name}, active`)
    : bad('connection', `${name} is ${status}${why}`, 'switch the connection on in Airbyte')
}

/** What it joins, and the versions of the connectors that ran last. */
async function connectorFacts(
  body: Json,
  newest: Job | null,
  settings: Settings,
  client: Client,
): Promise<readonly HealthFact[]> {
  const internal = internalApiOf(settings, client)
  const versions = newest === null ? null : await readConnectors(internal, newest.id)
  const ends = [
    ['source', '/sources', textOf(body, 'sourceId'), versions?.source],
    ['destination', '/destinations', textOf(body, 'destinationId'), versions?.destination],
  ] as const
  const facts = ends.map(async ([end, path, id, version]): Promise<HealthFact> => {
    const reply = id === null ? null : await client.ask({ method: 'GET', path: `${path}/${id}` })
    if (reply?.reply !== 'ok') {
      return doubtful(end, 'unknown: this login may not see it', 'let it read the workspace')
    }
    const name = textOf(reply.body, 'name') ?? ''
    const type = textOf(reply.body, `${end}Type`) ?? 'of no type'
    return good(end, `${name}, ${version ?? type}`)
  })
  return Promise.all(facts)
}

function jobFact(job: Job | null, now: number): HealthFact {
  if (job === null) return good('last job', 'none yet')
  const { id, type, status, startedAt } = job
  const ago = startedAt === null ? '' : `, begun ${formatDuration(now - startedAt)} ago`
  const message = `${type} ${id} ${status}${ago}`
  return standingOf(job) === 'failed'
    ? doubtful('last job', message, `see job ${id} in Airbyte`)
    : good('last job', message)
}

/** Whether streams are set up there as they are declared here. */
function agreementFacts(
  body: Json,
  settings: Settings,
  { streams }: HealthSubject,
): readonly HealthFact[] {
  if (streams.length === 0) return []
  const { problems, warnings } = compare(streams, setupOf(body), settings)
  const facts = [
    ...problems.map((problem) => factOf('streams', problem)),
    ...warnings.map((warning) => doubtful('streams', warning, 'make both the same')),
  ]
  return facts.length > 0
    ? facts
    : [good('streams', `all ${streams.length} are set up as declared`)]
}

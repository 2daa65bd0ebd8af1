import { afterEach, expect, test } from 'vitest'
import { createExamine } from '../../framework/connections/airbyte/health.ts'
import { good, type HealthFact } from '../../framework/model/health-fact.ts'
import type { AdapterSettings } from '../../framework/model/project.ts'
import { dedup, fakeStreamOf } from '../rig/airbyte/bench.ts'
import { CREDENTIALS, FakeAirbyte } from '../rig/airbyte/fake.ts'
import { CONNECTION_ID } from '../rig/airbyte/jobs.ts'
import { VirtualTime } from '../rig/airbyte/virtual-time.ts'
import { collectFacts, healthSubject } from '../rig/health.ts'
import { freePort } from '../rig/postgres.ts'

const STREAMS = [dedup('payment'), dedup('film')]
const HOUR = 3_600_000

let fake: FakeAirbyte | null = null
afterEach(async () => {
  await fake?.stop()
  fake = null
})

async function start(): Promise<FakeAirbyte> {
  const time = new VirtualTime(Date.now())
  fake = await FakeAirbyte.start(STREAMS.map(fakeStreamOf), time)
  return fake
}

const login = { client_id: CREDENTIALS.id, client_secret: CREDENTIALS.secret }

async function examined(
  url: string,
  settings: AdapterSettings['settings'] = {},
  clock: () => number = Date.now,
): Promise<readonly HealthFact[]> {
  const all = { url, connection_id: CONNECTION_ID, ...login, ...settings }
  const examine = createExamine(async function* (source) {
    yield good('seen', JSON.stringify(source))
  })
  const parts = examine(healthSubject(all, { streams: STREAMS, clock }))
  return (await Promise.all(parts.map(({ facts }) => collectFacts(facts)))).flat()
}

const told = (facts: readonly HealthFact[]) =>
  facts.map(({ state, subject, message }) => `${state} ${subject}: ${message}`)

test('everything is fine: service, login, clock, connection, connectors, last job, streams', async () => {
  const { url } = await start()
  const job = fake!.begin({}, 5 * HOUR)
  await fake!.finish(job)
  const { host } = new URL(url)
  expect(told(await examined(url))).toEqual([
    `ok service: Airbyte 1.8.2 at ${host}`,
    'ok login: application client-0da998a2',
    'ok clock: same as ours',
    'ok connection: dvd_rental → Snowflake, active',
    'ok source: dvd_rental RDS, source-postgres 3.6.1',
    'ok destination: DVD_RENTAL, destination-snowflake 4.0.2',
    expect.stringMatching(/^ok last job: sync 9123 succeeded, started 5h/),
    'ok streams: all 2 are set up as declared',
  ])
  expect(fake!.violations).toEqual([])
  expect(fake!.count('POST /jobs')).toBe(0)
})

test('an old Airbyte without an internal API, another clock, a failed job, an inactive connection', async () => {
  const { url } = await start()
  fake!.hasInternalApi = false
  fake!.status = 'inactive'
  await fake!.finish(fake!.begin({ ends: 'failed' }))
  const facts = await examined(url, {}, () => Date.now() + 2 * 60_000)
  expect(told(facts)).toEqual([
    expect.stringMatching(/^ok service: Airbyte at .* answers$/),
    'ok login: application client-0da998a2',
    expect.stringMatching(/^warning clock: its clock is \d+m\d*s? ?behind ours/),
    'bad connection: dvd_rental → Snowflake is inactive',
    'ok source: dvd_rental RDS, postgres',
    'ok destination: DVD_RENTAL, snowflake',
    expect.stringMatching(/^warning last job: sync 9123 failed/),
    'ok streams: all 2 are set up as declared',
  ])
})

test('streams whose setup differs are reported one by one', async () => {
  const { url } = await start()
  fake!.streams = [{ name: 'payment', syncMode: 'full_refresh_overwrite' }]
  const facts = (await examined(url)).filter(({ subject }) => subject === 'streams')
  expect(facts.map(({ state }) => state)).toEqual(['bad', 'bad'])
  expect(facts.every(({ hint }) => hint !== undefined)).toBe(true)
})

test.each([
  ['a rejected login', { client_secret: 'another-secret' }, 'airbyte-denied'],
  ['an unknown connection', { connection_id: 'nowhere' }, 'airbyte-connection-unknown'],
])('%s', async (_, settings, code) => {
  const { url } = await start()
  const error = await examined(url, settings).catch((error) => error)
  expect(error).toMatchObject({ problems: [{ code }] })
  expect(JSON.stringify(error)).not.toContain('another-secret')
})

test('nothing listens: fails after one request', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  await expect(examined(url)).rejects.toMatchObject({
    problems: [{ code: 'airbyte-not-answering' }],
  })
})

test('the source is examined, even if Airbyte is down', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const source = { url: 'postgres://a:secret-word@db/shop', disk: '20GB' }
  const examine = createExamine(async function* (given) {
    yield good('seen', `${given.slot} ${given.publication} ${given.disk} ${given.connection}`)
  })
  const settings = { url, connection_id: CONNECTION_ID, ...login, source }
  const [, part] = examine(healthSubject(settings))
  expect(part?.part).toBe('source')
  expect(await collectFacts(part!.facts)).toEqual([
    good('seen', `airbyte_slot airbyte_publication ${20 * 1024 ** 3} shop`),
  ])
})

test('a source without a url is reported as not examined', async () => {
  const examine = createExamine(() => {
    throw new Error('the source must not be examined')
  })
  const settings = { url: 'http://127.0.0.1:1', connection_id: CONNECTION_ID, source: { url: '' } }
  const [, part] = examine(healthSubject(settings))
  expect(await collectFacts(part!.facts)).toMatchObject([{ state: 'warning', subject: 'source' }])
})

import { afterEach, describe, expect, test } from 'vitest'
import { AirbyteBench, dedup } from '../rig/airbyte/bench.ts'
import { CREDENTIALS, type FakeLogin } from '../rig/airbyte/fake.ts'
import { stream } from '../rig/load.ts'

let bench: AirbyteBench

afterEach(() => bench.close())

const open = async (...options: Parameters<typeof AirbyteBench.open>) => {
  bench = await AirbyteBench.open(...options)
  return bench
}

const LOADED = ['raw_payment: loaded 1', 'raw_film: loaded 1']

describe('one sync for all streams', () => {
  test('is started, waited for and reported by stream', async () => {
    const { fake } = await open()
    fake.onSync = async () => ({ payment: 14_597, film: 0 })
    const { arrivals, reports, outcomes } = await bench.sync()
    expect(outcomes).toEqual(['raw_payment: loaded 14597', 'raw_film: loaded 0'])
    expect(fake.count('POST /jobs')).toBe(1)
    expect(arrivals.get('raw_payment')).toEqual({
      is: 'loaded',
      records: 14_597,
      source: {
        job: 9123,
        startedAt: Date.UTC(2026, 2, 2, 2),
        source: 'source-postgres 3.6.1',
        destination: 'destination-snowflake 4.0.2',
      },
      reference: 'Airbyte job 9123, 14,597 records',
      startedAt: null,
    })
    const steps = reports.map(({ step }) => step)
    expect(steps.slice(0, 4)).toEqual(['started', 'started', 'reference', 'reference'])
    expect(reports[2]).toMatchObject({
      name: 'raw_payment',
      reference: { job: 9123, ours: true, forced: false },
    })
  })

  test('reports progress, and polls at growing intervals', async () => {
    const { fake, time } = await open()
    fake.plan({ statuses: ['pending', ...Array(12).fill('running')], attempts: 2 })
    const { waits, reports } = await bench.sync()
    expect(waits[0]).toBe('Airbyte connection shop: asking for its jobs')
    expect(waits[1]).toBe('Airbyte job 9123: pending')
    expect(waits[2]).toBe('Airbyte job 9123: running, attempt 2')
    expect(waits.at(-1)).toBe('Airbyte job 9123: succeeded, 2 records, 0.0 MB')
    expect(reports.some(({ step }) => step === 'progress')).toBe(false)
    expect(time.slept[0]).toBe(2_000)
    expect(time.slept.at(-1)).toBe(30_000)
  })

  test('tells how many streams are done, and the records of each', async () => {
    const { fake } = await open()
    fake.plan({
      statuses: Array(4).fill('running'),
      running: {
        payment: { state: 'COMPLETE', records: 3 },
        film: { state: 'RUNNING', records: 41_000 },
      },
    })
    const { waits, reports } = await bench.sync()
    expect(waits).toContain('Airbyte job 9123: 1 of 2 streams, 41,003 records')
    const progress = reports.filter(({ step }) => step === 'progress')
    expect(progress.slice(0, 2)).toEqual([
      {
        step: 'progress',
        name: 'raw_payment',
        phase: 'waiting',
        message: 'Airbyte job 9123: loaded, 3 records',
        amount: { done: 3, of: null, isEstimate: false, unit: 'rows' },
      },
      {
        step: 'progress',
        name: 'raw_film',
        phase: 'running',
        message: 'Airbyte job 9123: running, 41,000 records',
        amount: { done: 41_000, of: null, isEstimate: false, unit: 'rows' },
      },
    ])
  })

  test.each<FakeLogin>(['application', 'password', 'token', 'nothing'])(
    'with the login %s',
    async (login) => {
      await open(undefined, {}, login)
      expect((await bench.sync()).outcomes).toEqual(LOADED)
    },
  )

  test('without the internal API is judged by the rows', async () => {
    const streams = [dedup('payment'), stream('film'), stream('city'), dedup('store')]
    const { fake, stamps } = await open(streams)
    fake.hasInternalApi = false
    stamps.set('raw.payment', { rows: 10, ofSync: 0 })
    stamps.set('raw.film', { rows: 4, ofSync: 4 })
    stamps.set('raw.city', { rows: 4, ofSync: 0 })
    expect((await bench.sync()).outcomes).toEqual([
      'raw_payment: loaded ?',
      'raw_film: loaded ?',
      'raw_city: airbyte-outcome-unknown',
      'raw_store: airbyte-outcome-unknown',
    ])
  })

  test('names a changed connector', async () => {
    const { fake } = await open()
    fake.begin({ statuses: ['succeeded'] })
    fake.versions.source = '3.6.2'
    const source = { job: 5, startedAt: 1, source: 'source-postgres 3.6.1', destination: null }
    const { arrivals } = await bench.sync({ all: { reasons: ['code'], source } })
    expect(arrivals.get('raw_film')).toMatchObject({
      reference: 'Airbyte job 9124, 1 record, source-postgres 3.6.1 → 3.6.2',
    })
  })
})

describe('faults during a sync', () => {
  test('a token is renewed before it expires', async () => {
    const { fake } = await open()
    fake.tokenLife = 60
    fake.plan({ statuses: Array(10).fill('running') })
    expect((await bench.sync()).outcomes).toEqual(LOADED)
    expect(fake.count('POST /applications/token')).toBeGreaterThan(2)
  })

  test('a rejected token is renewed once', async () => {
    const { fake, time } = await open()
    fake.plan({ statuses: Array(4).fill('running') })
    time.meanwhile = () => {
      if (time.slept.length === 2) fake.revokeTokens()
    }
    expect((await bench.sync()).outcomes).toEqual(LOADED)
    expect(fake.count('POST /applications/token')).toBe(2)
  })

  test.each([
    ['5xx', { answer: { status: 503 } }],
    ['429', { answer: { status: 429 } }],
    ['HTML in place of JSON', { answer: { html: 200 } }],
    ['an answer that breaks off', { answer: 'reset' }],
    ['no answer', { answer: 'silence' }],
  ] as const)('a token request that gets %s is repeated', async (_, fault) => {
    const { fake, time } = await open()
    fake.plan({ statuses: Array(6).fill('running') })
    fake.fault('POST /applications/token', fault)
    time.meanwhile = () => {
      if (fake.count('GET /jobs/{id}') !== 2) return
      fake.revokeTokens()
      fake.fault('POST /applications/token', fault)
      time.meanwhile = () => {}
    }
    expect((await bench.sync()).outcomes).toEqual(LOADED)
    expect(fake.jobs).toHaveLength(1)
  })

  test.each([
    ['5xx', { answer: { status: 503 } }],
    ['HTML in place of JSON', { answer: { html: 200 } }],
    ['an answer that breaks off', { answer: 'reset' }],
  ] as const)('an internal API that gives %s is not needed', async (_, fault) => {
    const { fake, stamps } = await open()
    fake.fault('internal', ...Array(20).fill(fault))
    stamps.set('raw.payment', { rows: 10, ofSync: 1 })
    stamps.set('raw.film', { rows: 4, ofSync: 4 })
    expect((await bench.sync()).outcomes).toEqual(['raw_payment: loaded ?', 'raw_film: loaded ?'])
  })

  test('a rejected login fails at once, and its secret is not shown', async () => {
    const { fake } = await open(undefined, { client_secret: 'another-secret' })
    const { arrivals } = await bench.sync()
    const problem = arrivals.get('raw_payment')
    expect(problem).toMatchObject({ is: 'failed', problem: { code: 'airbyte-denied' } })
    expect(JSON.stringify([...arrivals])).not.toContain('another-secret')
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('409 try-again-later waits for the running job', async () => {
    const { fake, time } = await open()
    fake.fault('GET /jobs', { answer: { status: 200, json: { data: [] } } })
    const theirs = fake.begin({ statuses: ['running', 'running'] })
    const { outcomes, arrivals } = await bench.sync()
    expect(outcomes).toEqual(LOADED)
    expect(fake.jobs).toEqual([theirs])
    expect(arrivals.get('raw_film')).toMatchObject({
      reference: 'Airbyte job 9123, started outside assets, 1 record',
      startedAt: Date.UTC(2026, 2, 2, 2),
    })
    expect(time.slept.length).toBeGreaterThan(0)
  })

  test('409 state-conflict is reported as an inactive connection', async () => {
    const { fake } = await open()
    fake.fault('POST /jobs', {
      answer: { status: 409, json: { title: 'state-conflict', detail: 'The connection is off.' } },
    })
    const { outcomes, arrivals } = await bench.sync()
    expect(outcomes).toEqual(
      Array.from(['payment', 'film'], (one) => `raw_${one}: airbyte-connection-inactive`),
    )
    const arrival = arrivals.get('raw_film')
    expect(arrival?.is === 'failed' && arrival.problem.transient).toBeUndefined()
    expect(fake.count('POST /jobs')).toBe(1)
  })

  test('an inactive connection gets no sync request', async () => {
    const { fake } = await open()
    fake.status = 'inactive'
    expect((await bench.sync()).outcomes[0]).toBe('raw_payment: airbyte-connection-inactive')
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('429 is retried for every request', async () => {
    const { fake, time } = await open()
    const busy = { answer: { status: 429 } } as const
    fake.fault('GET /connections/{id}', busy)
    fake.fault('GET /jobs', busy, busy)
    fake.fault('POST /jobs', busy, busy)
    fake.fault('GET /jobs/{id}', busy)
    expect((await bench.sync()).outcomes).toEqual(LOADED)
    expect(fake.jobs).toHaveLength(1)
    expect(time.slept.slice(0, 5)).toEqual([1_000, 1_000, 2_000, 1_000, 2_000])
  })

  test.each([
    ['5xx', { answer: { status: 503 } }],
    ['HTML in place of JSON', { answer: { html: 502 } }],
    ['HTML that calls itself a success', { answer: { html: 200 } }],
    ['an answer that breaks off', { answer: 'reset' }],
    ['no answer', { answer: 'silence' }],
    ['a redirect', { answer: { status: 302, json: {} } }],
  ] as const)('polls that get %s do not fail the job', async (_, fault) => {
    const { fake } = await open()
    fake.plan({ statuses: Array(3).fill('running') })
    fake.fault('GET /jobs/{id}', fault, fault, fault)
    const { outcomes, waits } = await bench.sync()
    expect(outcomes).toEqual(LOADED)
    expect(fake.jobs).toHaveLength(1)
    expect(waits.join()).toContain('the last poll failed')
  })

  test.each([
    ['timed out', 'silence'],
    ['broke off', 'reset'],
    ['ended at a proxy', { html: 504 }],
  ] as const)('a POST that %s but started a job is not repeated', async (_, answer) => {
    const { fake } = await open()
    fake.fault('POST /jobs', { works: true, answer })
    const { outcomes, reports } = await bench.sync()
    expect(outcomes).toEqual(LOADED)
    expect([fake.count('POST /jobs'), fake.jobs.length]).toEqual([1, 1])
    expect(reports.find(({ step }) => step === 'reference')).toMatchObject({
      reference: { job: 9123, ours: true },
    })
  })

  test.each([['silence'], ['reset'], [{ status: 500 }]] as const)(
    'a POST that started no job (%s) is repeated after listing the jobs',
    async (answer) => {
      const { fake } = await open()
      fake.fault('POST /jobs', { answer })
      expect((await bench.sync()).outcomes).toEqual(LOADED)
      expect([fake.count('POST /jobs'), fake.jobs.length]).toEqual([2, 1])
      const listed = fake.calls.indexOf('GET /jobs', fake.calls.indexOf('POST /jobs'))
      expect(listed).toBeLessThan(fake.calls.lastIndexOf('POST /jobs'))
    },
  )

  test('a POST that takes a minute is waited for', async () => {
    const { fake } = await open()
    fake.fault('POST /jobs', { late: 60_000 })
    expect((await bench.sync()).outcomes).toEqual(LOADED)
    expect(fake.calls.filter((call) => call.endsWith('/jobs'))).toEqual(['GET /jobs', 'POST /jobs'])
  })

  test('a service that stays down is a transient problem', async () => {
    const { fake } = await open()
    fake.fault('GET /connections/{id}', ...Array(7).fill({ answer: { html: 502 } }))
    const { arrivals, reports } = await bench.sync()
    expect(arrivals.get('raw_film')).toMatchObject({
      is: 'failed',
      problem: { code: 'airbyte-not-answering', transient: true, asset: 'raw_film' },
    })
    expect(reports).toEqual([])
  })

  test('status incomplete is waited for', async () => {
    const { fake } = await open()
    fake.plan({ statuses: ['running', 'incomplete', 'running'], attempts: 2 })
    expect((await bench.sync()).outcomes).toEqual(LOADED)
  })

  test('an unknown status is waited for, with one notice', async () => {
    const { fake } = await open()
    fake.plan({ statuses: ['running', 'hibernating', 'hibernating', 'running'] })
    fake.violations.length = 0
    expect((await bench.sync()).outcomes).toEqual(LOADED)
    expect(bench.notices).toEqual([
      'Airbyte job 9123 has the unknown status "hibernating": still waiting',
    ])
    fake.violations.splice(0)
  })

  test('a job that was cancelled outside assets is a failure', async () => {
    const { fake } = await open()
    fake.plan({ ends: 'cancelled' })
    const { outcomes } = await bench.sync()
    expect(outcomes).toEqual([
      'raw_payment: airbyte-sync-cancelled',
      'raw_film: airbyte-sync-cancelled',
    ])
    expect(fake.jobs).toHaveLength(1)
  })

  test('the complete streams of a failed job are loaded', async () => {
    const { fake } = await open([dedup('payment'), dedup('film'), dedup('city'), dedup('store')])
    fake.plan({
      ends: 'failed',
      failure: { message: 'The source went away.', type: 'system_error' },
      streams: {
        payment: { state: 'COMPLETE', records: 7 },
        film: { state: 'INCOMPLETE', records: 2, failure: 'film has no such column' },
        city: { state: 'INCOMPLETE', records: 0 },
        store: null,
      },
    })
    const { outcomes, arrivals } = await bench.sync()
    expect(outcomes).toEqual([
      'raw_payment: loaded 7',
      'raw_film: airbyte-stream-failed',
      'raw_city: airbyte-sync-failed',
      'raw_store: airbyte-sync-failed',
    ])
    expect(arrivals.get('raw_film')).toMatchObject({
      problem: { detail: 'film has no such column' },
    })
    expect(JSON.stringify(arrivals.get('raw_store'))).toContain('The source went away.')
  })

  test('a failed job is transient only with `retries`, and unless the failure is permanent', async () => {
    const { fake } = await open()
    const failed = (type: string) => ({ ends: 'failed', failure: { message: 'no', type } }) as const
    const isTransient = async (retries?: number) => {
      const wish = { reasons: ['expired'] as const, ...(retries === undefined ? {} : { retries }) }
      const arrival = (await bench.sync({ all: wish })).arrivals.get('raw_film')
      return arrival?.is === 'failed' && arrival.problem.transient === true
    }
    fake.plan(failed('system_error'), failed('system_error'), failed('config_error'))
    expect(await isTransient()).toBe(false)
    expect(await isTransient(2)).toBe(true)
    expect(await isTransient(2)).toBe(false)
  })

  test('a stream without a result in a succeeded job has an unknown outcome', async () => {
    const { fake } = await open()
    fake.plan({ streams: { film: null } })
    expect((await bench.sync()).outcomes).toEqual([
      'raw_payment: loaded 1',
      'raw_film: airbyte-outcome-unknown',
    ])
  })

  test('a succeeded job that ran no stream is a failure', async () => {
    const { fake } = await open()
    fake.plan({ runsNothing: true })
    const { outcomes, arrivals } = await bench.sync()
    expect(outcomes).toEqual(['raw_payment: airbyte-nothing-ran', 'raw_film: airbyte-nothing-ran'])
    expect(JSON.stringify([...arrivals])).toContain('succeeded without running a stream')
  })

  test('a job that exceeds the timeout keeps running', async () => {
    const { fake } = await open(undefined, { timeout: '10m' })
    fake.plan({ statuses: Array(1_000).fill('running') })
    const { arrivals } = await bench.sync()
    const arrival = arrivals.get('raw_film')
    expect(arrival).toMatchObject({ problem: { code: 'airbyte-deadline' } })
    expect(fake.jobs[0]!.status).toBe('running')
    expect(fake.count('DELETE /jobs/{id}')).toBe(0)
  })

  test('polls that fail until the timeout report the last response', async () => {
    const { fake } = await open(undefined, { timeout: '10m' })
    fake.fault('GET /jobs/{id}', ...Array(100).fill({ answer: { html: 502 } }))
    expect((await bench.sync()).arrivals.get('raw_film')).toMatchObject({
      problem: { code: 'airbyte-deadline', detail: expect.stringContaining('status 502') },
    })
  })

  test('no secret is in any output', async () => {
    const { fake } = await open()
    fake.fault('POST /jobs', {
      answer: { status: 400, json: { title: 'bad-request', detail: `no ${CREDENTIALS.secret}` } },
    })
    const { arrivals, reports } = await bench.sync()
    expect(arrivals.get('raw_film')).toMatchObject({ problem: { code: 'airbyte-sync-refused' } })
    const said = JSON.stringify([[...arrivals], reports, bench.notices])
    expect(said).not.toContain(CREDENTIALS.secret)
    expect(said).not.toContain('access-')
  })
})

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

/** Less than what a request for a sync is given. */
const SILENCE = 80_000

const LOADED = ['raw_payment: loaded 1', 'raw_film: loaded 1']

describe('one sync for all streams', () => {
  test('is started, waited for and told stream by stream', async () => {
    const { fake } = await open()
    fake.onSync = async () => ({ payment: 14_597, film: 0 })
    const { arrivals, reports, told } = await bench.sync()
    expect(told).toEqual(['raw_payment: loaded 14597', 'raw_film: loaded 0'])
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
    const told_ = reports.map(({ step }) => step)
    expect(told_.slice(0, 4)).toEqual(['started', 'started', 'reference', 'reference'])
    expect(reports[2]).toMatchObject({
      name: 'raw_payment',
      reference: { job: 9123, ours: true, forced: false },
    })
  })

  test('tells how it goes on, and asks less and less often', async () => {
    const { fake, time } = await open()
    fake.plan({ statuses: ['pending', ...Array(12).fill('running')], attempts: 2 })
    const { reports } = await bench.sync()
    const messages = reports.flatMap((one) =>
      one.step === 'progress' && one.name === 'raw_payment' ? [one.message] : [],
    )
    expect(messages[0]).toBe('Airbyte job 9123 running: attempt 2, 2s')
    expect(messages.at(-1)).toMatch(/^Airbyte job 9123 succeeded: \d+m\d+s, 2 rows/)
    expect(time.slept[0]).toBe(2_000)
    expect(time.slept.at(-1)).toBe(30_000)
  })

  test.each<FakeLogin>(['application', 'password', 'token', 'nothing'])(
    'with the login %s',
    async (login) => {
      await open(undefined, {}, login)
      expect((await bench.sync()).told).toEqual(LOADED)
    },
  )

  test('without the internal API rests on what the rows say', async () => {
    const streams = [dedup('payment'), stream('film'), stream('city'), dedup('store')]
    const { fake, stamps } = await open(streams)
    fake.hasInternalApi = false
    stamps.set('raw.payment', { rows: 10, ofSync: 0 })
    stamps.set('raw.film', { rows: 4, ofSync: 4 })
    stamps.set('raw.city', { rows: 4, ofSync: 0 })
    expect((await bench.sync()).told).toEqual([
      'raw_payment: loaded ?',
      'raw_film: loaded ?',
      'raw_city: airbyte-outcome-unknown',
      'raw_store: airbyte-outcome-unknown',
    ])
  })

  test('names a connector that changed', async () => {
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

describe('what goes wrong on the way', () => {
  test('a token that expires mid-poll is renewed before it does', async () => {
    const { fake } = await open()
    fake.tokenLife = 60
    fake.plan({ statuses: Array(10).fill('running') })
    expect((await bench.sync()).told).toEqual(LOADED)
    expect(fake.count('POST /applications/token')).toBeGreaterThan(2)
  })

  test('a token that is taken for none mid-poll is renewed once', async () => {
    const { fake, time } = await open()
    fake.plan({ statuses: Array(4).fill('running') })
    time.meanwhile = () => {
      if (time.slept.length === 2) fake.revokeTokens()
    }
    expect((await bench.sync()).told).toEqual(LOADED)
    expect(fake.count('POST /applications/token')).toBe(2)
  })

  test('a login that is refused is told at once, and without its secret', async () => {
    const { fake } = await open(undefined, { client_secret: 'another-secret' })
    const { arrivals } = await bench.sync()
    const problem = arrivals.get('raw_payment')
    expect(problem).toMatchObject({ is: 'failed', problem: { code: 'airbyte-denied' } })
    expect(JSON.stringify([...arrivals])).not.toContain('another-secret')
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('409 try-again-later attaches to the job that runs', async () => {
    const { fake, time } = await open()
    fake.fault('GET /jobs', { answer: { status: 200, json: { data: [] } } })
    const theirs = fake.begin({ statuses: ['running', 'running'] })
    const { told, arrivals } = await bench.sync()
    expect(told).toEqual(LOADED)
    expect(fake.jobs).toEqual([theirs])
    expect(arrivals.get('raw_film')).toMatchObject({
      reference: 'Airbyte job 9123, started by somebody else, 1 record',
      startedAt: Date.UTC(2026, 2, 2, 2),
    })
    expect(time.slept.length).toBeGreaterThan(0)
  })

  test('409 state-conflict says that the connection is off', async () => {
    const { fake } = await open()
    fake.fault('POST /jobs', {
      answer: { status: 409, json: { title: 'state-conflict', detail: 'The connection is off.' } },
    })
    const { told, arrivals } = await bench.sync()
    expect(told).toEqual(
      Array.from(['payment', 'film'], (one) => `raw_${one}: airbyte-connection-inactive`),
    )
    const arrival = arrivals.get('raw_film')
    expect(arrival?.is === 'failed' && arrival.problem.transient).toBeUndefined()
    expect(fake.count('POST /jobs')).toBe(1)
  })

  test('a connection that is off is not asked for anything', async () => {
    const { fake } = await open()
    fake.status = 'inactive'
    expect((await bench.sync()).told[0]).toBe('raw_payment: airbyte-connection-inactive')
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('429 is waited out, wherever it comes', async () => {
    const { fake, time } = await open()
    const busy = { answer: { status: 429 } } as const
    fake.fault('GET /connections/{id}', busy)
    fake.fault('GET /jobs', busy, busy)
    fake.fault('POST /jobs', busy, busy)
    fake.fault('GET /jobs/{id}', busy)
    expect((await bench.sync()).told).toEqual(LOADED)
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
  ] as const)('polls that bring %s are no failure of the job', async (_, fault) => {
    const { fake } = await open()
    fake.plan({ statuses: Array(3).fill('running') })
    fake.fault('GET /jobs/{id}', fault, fault, fault)
    const { told, reports } = await bench.sync()
    expect(told).toEqual(LOADED)
    expect(fake.jobs).toHaveLength(1)
    expect(JSON.stringify(reports)).toContain('no word of it')
  })

  test.each([
    ['timed out', 'silence'],
    ['broke off', 'reset'],
    ['ended at a proxy', { html: 504 }],
  ] as const)('a POST that %s, whose job did start, is not sent again', async (_, answer) => {
    const { fake } = await open()
    fake.fault('POST /jobs', { works: true, answer })
    const { told, reports } = await bench.sync()
    expect(told).toEqual(LOADED)
    expect([fake.count('POST /jobs'), fake.jobs.length]).toEqual([1, 1])
    expect(reports.find(({ step }) => step === 'reference')).toMatchObject({
      reference: { job: 9123, ours: true },
    })
  })

  test.each([['silence'], ['reset'], [{ status: 500 }]] as const)(
    'a POST that came to nothing (%s) is sent again once jobs were listed',
    async (answer) => {
      const { fake } = await open()
      fake.fault('POST /jobs', { answer })
      expect((await bench.sync()).told).toEqual(LOADED)
      expect([fake.count('POST /jobs'), fake.jobs.length]).toEqual([2, 1])
      const listed = fake.calls.indexOf('GET /jobs', fake.calls.indexOf('POST /jobs'))
      expect(listed).toBeLessThan(fake.calls.lastIndexOf('POST /jobs'))
    },
  )

  test('a POST that is blocked for a minute is waited for', async () => {
    const { fake } = await open()
    fake.fault('POST /jobs', { late: 60_000 })
    expect((await bench.sync()).told).toEqual(LOADED)
    expect(fake.calls.filter((call) => call.endsWith('/jobs'))).toEqual(['GET /jobs', 'POST /jobs'])
  })

  test('a service that does not come back is a problem that may pass', async () => {
    const { fake } = await open()
    fake.fault('GET /connections/{id}', ...Array(7).fill({ answer: { html: 502 } }))
    const { arrivals, reports } = await bench.sync()
    expect(arrivals.get('raw_film')).toMatchObject({
      is: 'failed',
      problem: { code: 'airbyte-not-answering', transient: true, asset: 'raw_film' },
    })
    expect(reports).toEqual([])
  })

  test('incomplete is between two attempts', async () => {
    const { fake } = await open()
    fake.plan({ statuses: ['running', 'incomplete', 'running'], attempts: 2 })
    expect((await bench.sync()).told).toEqual(LOADED)
  })

  test('an unknown status is waited for, and said once', async () => {
    const { fake } = await open()
    fake.plan({ statuses: ['running', 'hibernating', 'hibernating', 'running'] })
    fake.violations.length = 0
    expect((await bench.sync()).told).toEqual(LOADED)
    expect(bench.notices).toEqual([
      'Airbyte job 9123 is "hibernating", which is not known here: it is waited for',
    ])
    fake.violations.splice(0)
  })

  test('a job that is cancelled outside has failed', async () => {
    const { fake } = await open()
    fake.plan({ ends: 'cancelled' })
    const { told } = await bench.sync()
    expect(told).toEqual([
      'raw_payment: airbyte-sync-cancelled',
      'raw_film: airbyte-sync-cancelled',
    ])
    expect(fake.jobs).toHaveLength(1)
  })

  test('of a job that failed, what was finished counts', async () => {
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
    const { told, arrivals } = await bench.sync()
    expect(told).toEqual([
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

  test('a failure is tried again by us only where somebody says so, and it may help', async () => {
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

  test('a stream that is absent from the results of a success can’t be told', async () => {
    const { fake } = await open()
    fake.plan({ streams: { film: null } })
    expect((await bench.sync()).told).toEqual([
      'raw_payment: loaded 1',
      'raw_film: airbyte-outcome-unknown',
    ])
  })

  test('a success that ran nothing is no success', async () => {
    const { fake } = await open()
    fake.plan({ runsNothing: true })
    const { told, arrivals } = await bench.sync()
    expect(told).toEqual(['raw_payment: airbyte-nothing-ran', 'raw_film: airbyte-nothing-ran'])
    expect(JSON.stringify([...arrivals])).toContain('says succeeded, but it ran no stream')
  })

  test('a job that takes too long is left to itself', async () => {
    const { fake } = await open(undefined, { timeout: '10m' })
    fake.plan({ statuses: Array(1_000).fill('running') })
    const { arrivals } = await bench.sync()
    const arrival = arrivals.get('raw_film')
    expect(arrival).toMatchObject({ problem: { code: 'airbyte-deadline' } })
    expect(fake.jobs[0]!.status).toBe('running')
    expect(fake.count('DELETE /jobs/{id}')).toBe(0)
  })

  test('polls that stay lost until the deadline say what the last one brought', async () => {
    const { fake } = await open(undefined, { timeout: '10m' })
    fake.fault('GET /jobs/{id}', ...Array(100).fill({ answer: { html: 502 } }))
    expect((await bench.sync()).arrivals.get('raw_film')).toMatchObject({
      problem: { code: 'airbyte-deadline', detail: expect.stringContaining('status 502') },
    })
  })

  test('no secret is in anything that is told', async () => {
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

describe('interrupted', () => {
  const whilePolling = (what: () => unknown) => {
    bench.time.meanwhile = async () => {
      if (bench.time.slept.length === 2) await what()
    }
  }

  test('a job of ours is cancelled', async () => {
    const { fake } = await open()
    fake.plan({ statuses: Array(50).fill('running') })
    whilePolling(() => bench.interrupt.abort())
    expect((await bench.sync()).told[0]).toBe(
      'raw_payment: cancelled: Airbyte job 9123 was cancelled',
    )
    expect(fake.jobs[0]!.status).toBe('cancelled')
  })

  test('a job of somebody else runs on', async () => {
    const { fake } = await open()
    fake.begin({ statuses: Array(50).fill('running') })
    whilePolling(() => bench.interrupt.abort())
    expect((await bench.sync()).told[0]).toBe(
      'raw_payment: cancelled: Airbyte job 9123 runs on: somebody else started it',
    )
    expect(fake.jobs[0]!.status).toBe('running')
    expect(fake.count('DELETE /jobs/{id}')).toBe(0)
  })

  test('once ours has ended, the next one on the connection is spared', async () => {
    const { fake } = await open()
    fake.plan({ statuses: Array(50).fill('running') })
    whilePolling(async () => {
      await fake.finish(fake.jobs[0]!)
      fake.begin()
      bench.interrupt.abort()
    })
    expect((await bench.sync()).told[0]).toBe(
      'raw_payment: cancelled: Airbyte job 9123 had succeeded',
    )
    expect(fake.jobs[0]!.status).toBe('running')
  })

  test('while it is being asked for, it is cancelled if it did start', async () => {
    const { fake, time } = await open()
    fake.plan({ statuses: Array(50).fill('running') })
    fake.fault('POST /jobs', { works: true, answer: 'silence' })
    time.later(SILENCE, () => bench.interrupt.abort())
    expect((await bench.sync()).told[0]).toBe(
      'raw_payment: cancelled: Airbyte job 9123 was cancelled',
    )
    expect([fake.count('POST /jobs'), fake.jobs[0]!.status]).toEqual([1, 'cancelled'])
  })
})

describe('jobs of others, and what was left', () => {
  const HOUR = 3_600_000

  test('a job that runs is attached to, and serves', async () => {
    const { fake } = await open()
    fake.begin({ statuses: ['running', 'running'] }, 60_000)
    expect((await bench.sync({ all: { reasons: ['expired'] } })).told).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('a job that began before the tick is waited for, and a second one follows', async () => {
    const { fake, time } = await open()
    fake.begin({ statuses: ['running', 'running'] }, 60_000)
    const tick = { reasons: ['expired'] as const, freshSince: time.now }
    expect((await bench.sync({ all: tick })).told).toEqual(LOADED)
    expect([fake.count('POST /jobs'), fake.jobs.length]).toEqual([1, 2])
  })

  test('a job that began before --force is waited for, and a second one follows', async () => {
    const { fake } = await open()
    fake.begin({ statuses: ['running', 'running'] }, 60_000)
    const wish = { reasons: ['forced'] as const, source: { job: 1 } }
    const { reports } = await bench.sync({ all: wish })
    expect([fake.count('POST /jobs'), fake.jobs.length]).toEqual([1, 2])
    const references = reports.flatMap((one) => (one.step === 'reference' ? [one.reference] : []))
    expect(references.at(-1)).toEqual({ job: 9124, ours: true, forced: true })
  })

  test('a job that ended since is taken, with its own age', async () => {
    const { fake, time } = await open()
    const theirs = fake.begin({}, HOUR / 2)
    await fake.finish(theirs)
    const { told, arrivals } = await bench.sync({
      all: { reasons: ['expired'], source: { job: 7 } },
    })
    expect(told).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(0)
    expect(arrivals.get('raw_film')).toMatchObject({ startedAt: time.now - HOUR / 2 })
  })

  test('with `adopt: false` only ours serves', async () => {
    const { fake } = await open(undefined, { adopt: false })
    await fake.finish(fake.begin({}, HOUR / 2))
    await bench.sync({ all: { reasons: ['expired'], source: { job: 7 } } })
    expect(fake.count('POST /jobs')).toBe(1)
  })

  test('a foreign job that fails is followed by ours', async () => {
    const { fake } = await open()
    fake.begin({ statuses: ['running'], ends: 'failed' })
    expect((await bench.sync({ all: { reasons: ['expired'] } })).told).toEqual(LOADED)
    expect(fake.jobs).toHaveLength(2)
  })

  test('a job of somebody else that left a stream out is not enough', async () => {
    const { fake } = await open()
    await fake.finish(fake.begin({ streams: { film: null } }, 60_000))
    expect((await bench.sync()).told).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(1)
  })

  test('what a killed run left running is found by its reference', async () => {
    const { fake, time } = await open()
    const ours = fake.begin({ statuses: ['running', 'running'] }, HOUR)
    const left = { at: time.now - HOUR, reference: { job: ours.id, ours: true, forced: false } }
    const wish = { reasons: ['interrupted'] as const, source: { job: 7 }, left }
    const { told, arrivals } = await bench.sync({ all: wish })
    expect(told).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(0)
    expect(arrivals.get('raw_film')).toMatchObject({ reference: 'Airbyte job 9123, 1 record' })
  })

  test('what a killed run left done is taken, also where --force had asked for it', async () => {
    const { fake, time } = await open()
    const ours = fake.begin({}, HOUR)
    await fake.finish(ours)
    const left = { at: time.now - HOUR, reference: { job: ours.id, ours: true, forced: true } }
    const wish = { reasons: ['interrupted', 'forced'] as const, source: { job: 7 }, left }
    expect((await bench.sync({ all: wish })).told).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('with no reference known, jobs since the begin are listed', async () => {
    const { fake, time } = await open()
    const left = { at: time.now - HOUR, reference: null }
    const wish = { reasons: ['interrupted'] as const, source: { job: 7 }, left }
    await fake.finish(fake.begin({}, HOUR / 2))
    expect((await bench.sync({ all: wish })).told).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('one from before the begin is none of it', async () => {
    const { fake, time } = await open()
    const left = { at: time.now - HOUR, reference: null }
    await fake.finish(fake.begin({}, 2 * HOUR))
    await bench.sync({ all: { reasons: ['interrupted'], source: { job: 7 }, left } })
    expect(fake.count('POST /jobs')).toBe(1)
  })

  test('after a failure a new one is started, and after a lost commit the same is taken', async () => {
    const { fake, time } = await open()
    fake.plan({ ends: 'failed' })
    await bench.sync()
    const left = { at: time.now - 60_000, reference: { job: 9123, ours: true, forced: false } }
    const wish = { all: { reasons: ['failed'] as const, source: { job: 7 }, left } }
    expect((await bench.sync(wish, { connection: bench.again() })).told).toEqual(LOADED)
    expect(fake.jobs).toHaveLength(2)
    expect((await bench.sync(wish, { connection: bench.again() })).told).toEqual(LOADED)
    expect(fake.jobs).toHaveLength(2)
  })

  test('streams that are there already are not loaded again for one that is new', async () => {
    const { fake, time } = await open()
    await fake.finish(fake.begin({}, HOUR / 4))
    const { told } = await bench.sync({
      payment: { reasons: ['shared'], source: { job: 9123, startedAt: time.now - HOUR / 4 } },
    })
    expect(told).toEqual(['raw_payment: as recorded', 'raw_film: loaded 1'])
    expect(fake.count('POST /jobs')).toBe(0)
  })
})

describe('a full load of an incremental stream', () => {
  const source = { job: 9000 }

  test.each(['missing', 'drifted', 'code', 'forced'] as const)(
    'for %s names the refresh to do, and touches nothing',
    async (reason) => {
      const { fake } = await open()
      const { told, arrivals } = await bench.sync({
        payment: { reasons: [reason], full: true, source },
        film: { reasons: ['shared'], source },
      })
      expect(told).toEqual(['raw_film: as recorded', 'raw_payment: airbyte-needs-refresh'])
      expect(JSON.stringify(arrivals.get('raw_payment'))).toContain(
        'refresh stream payment in Airbyte',
      )
      expect(fake.count('POST /jobs')).toBe(0)
    },
  )

  test('is taken once somebody has refreshed it', async () => {
    const { fake } = await open()
    await fake.finish(fake.begin({ type: 'refresh' }))
    const wish = { reasons: ['missing'] as const, full: true, source }
    expect((await bench.sync({ all: wish })).told).toEqual([
      'raw_payment: loaded ?',
      'raw_film: loaded ?',
    ])
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('is not needed where a job explains what changed', async () => {
    const { fake } = await open()
    await fake.finish(fake.begin({ ends: 'failed' }))
    const wish = { reasons: ['drifted'] as const, full: true, source }
    expect((await bench.sync({ all: wish })).told).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(1)
  })
})

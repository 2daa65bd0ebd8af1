import { afterEach, describe, expect, test } from 'vitest'
import { AirbyteBench } from '../rig/airbyte/bench.ts'

let bench: AirbyteBench

afterEach(() => bench.close())

const open = async (...options: Parameters<typeof AirbyteBench.open>) => {
  bench = await AirbyteBench.open(...options)
  return bench
}

/** Less than the timeout of a request for a sync. */
const SILENCE = 80_000

const LOADED = ['raw_payment: loaded 1', 'raw_film: loaded 1']

describe('interrupted', () => {
  const whilePolling = (what: () => unknown) => {
    bench.time.meanwhile = async () => {
      if (bench.time.slept.length === 2) await what()
    }
  }

  test('our own job is cancelled', async () => {
    const { fake } = await open()
    fake.plan({ statuses: Array(50).fill('running') })
    whilePolling(() => bench.interrupt.abort())
    expect((await bench.sync()).outcomes[0]).toBe(
      'raw_payment: cancelled: Airbyte job 9123 was cancelled',
    )
    expect(fake.jobs[0]!.status).toBe('cancelled')
  })

  test('a job started outside assets keeps running', async () => {
    const { fake } = await open()
    fake.begin({ statuses: Array(50).fill('running') })
    whilePolling(() => bench.interrupt.abort())
    expect((await bench.sync()).outcomes[0]).toBe(
      'raw_payment: cancelled: Airbyte job 9123 keeps running: it was started outside assets',
    )
    expect(fake.jobs[0]!.status).toBe('running')
    expect(fake.count('DELETE /jobs/{id}')).toBe(0)
  })

  test('a job that started after ours has ended is not cancelled', async () => {
    const { fake } = await open()
    fake.plan({ statuses: Array(50).fill('running') })
    whilePolling(async () => {
      await fake.finish(fake.jobs[0]!)
      fake.begin()
      bench.interrupt.abort()
    })
    expect((await bench.sync()).outcomes[0]).toBe(
      'raw_payment: cancelled: Airbyte job 9123 had already ended: succeeded',
    )
    expect(fake.jobs[0]!.status).toBe('running')
  })

  test('an interrupt during POST cancels the job if it did start', async () => {
    const { fake, time } = await open()
    fake.plan({ statuses: Array(50).fill('running') })
    fake.fault('POST /jobs', { works: true, answer: 'silence' })
    time.later(SILENCE, () => bench.interrupt.abort())
    expect((await bench.sync()).outcomes[0]).toBe(
      'raw_payment: cancelled: Airbyte job 9123 was cancelled',
    )
    expect([fake.count('POST /jobs'), fake.jobs[0]!.status]).toEqual([1, 'cancelled'])
  })
})

describe('existing jobs', () => {
  const HOUR = 3_600_000

  test('a running job is waited for and used', async () => {
    const { fake } = await open()
    fake.begin({ statuses: ['running', 'running'] }, 60_000)
    expect((await bench.sync({ all: { reasons: ['expired'] } })).outcomes).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('a job that began before the tick is waited for, then a second one is started', async () => {
    const { fake, time } = await open()
    fake.begin({ statuses: ['running', 'running'] }, 60_000)
    const tick = { reasons: ['expired'] as const, freshSince: time.now }
    expect((await bench.sync({ all: tick })).outcomes).toEqual(LOADED)
    expect([fake.count('POST /jobs'), fake.jobs.length]).toEqual([1, 2])
  })

  test('a job that began before --force is waited for, then a second one is started', async () => {
    const { fake } = await open()
    fake.begin({ statuses: ['running', 'running'] }, 60_000)
    const wish = { reasons: ['forced'] as const, source: { job: 1 } }
    const { reports } = await bench.sync({ all: wish })
    expect([fake.count('POST /jobs'), fake.jobs.length]).toEqual([1, 2])
    const references = reports.flatMap((one) => (one.step === 'reference' ? [one.reference] : []))
    expect(references.at(-1)).toEqual({ job: 9124, ours: true, forced: true })
  })

  test('a newer job that has ended is used, with its own age', async () => {
    const { fake, time } = await open()
    const theirs = fake.begin({}, HOUR / 2)
    await fake.finish(theirs)
    const { outcomes, arrivals } = await bench.sync({
      all: { reasons: ['expired'], source: { job: 7 } },
    })
    expect(outcomes).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(0)
    expect(arrivals.get('raw_film')).toMatchObject({ startedAt: time.now - HOUR / 2 })
  })

  test('a job that began in the future proves nothing: a second one is started', async () => {
    const { fake } = await open()
    await fake.finish(fake.begin({}, -HOUR))
    const wish = { reasons: ['expired'] as const, source: { job: 7 } }
    expect((await bench.sync({ all: wish })).outcomes).toEqual(LOADED)
    expect([fake.count('POST /jobs'), fake.jobs.length]).toEqual([1, 2])
  })

  test('so does the beginning of our own job in a journal entry from the future', async () => {
    const { fake, time } = await open()
    const ours = fake.begin({}, -2 * HOUR)
    await fake.finish(ours)
    const unfinished = {
      at: time.now + HOUR,
      reference: { job: ours.id, ours: true, forced: false },
    }
    const wish = { reasons: ['expired'] as const, source: { job: 7 }, unfinished }
    await bench.sync({ all: wish })
    expect(fake.count('POST /jobs')).toBe(1)
  })

  test('with `adopt: false` only our own job is used', async () => {
    const { fake } = await open(undefined, { adopt: false })
    await fake.finish(fake.begin({}, HOUR / 2))
    await bench.sync({ all: { reasons: ['expired'], source: { job: 7 } } })
    expect(fake.count('POST /jobs')).toBe(1)
  })

  test('after a failed job started outside assets, our own is started', async () => {
    const { fake } = await open()
    fake.begin({ statuses: ['running'], ends: 'failed' })
    expect((await bench.sync({ all: { reasons: ['expired'] } })).outcomes).toEqual(LOADED)
    expect(fake.jobs).toHaveLength(2)
  })

  test('a job that did not load every stream is not enough', async () => {
    const { fake } = await open()
    await fake.finish(fake.begin({ streams: { film: null } }, 60_000))
    expect((await bench.sync()).outcomes).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(1)
  })

  test('the running job of a killed run is found by its reference', async () => {
    const { fake, time } = await open()
    const ours = fake.begin({ statuses: ['running', 'running'] }, HOUR)
    const unfinished = {
      at: time.now - HOUR,
      reference: { job: ours.id, ours: true, forced: false },
    }
    const wish = { reasons: ['interrupted'] as const, source: { job: 7 }, unfinished }
    const { outcomes, arrivals } = await bench.sync({ all: wish })
    expect(outcomes).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(0)
    expect(arrivals.get('raw_film')).toMatchObject({ reference: 'Airbyte job 9123, 1 record' })
  })

  test('the ended job of a killed run is used, even with --force', async () => {
    const { fake, time } = await open()
    const ours = fake.begin({}, HOUR)
    await fake.finish(ours)
    const unfinished = {
      at: time.now - HOUR,
      reference: { job: ours.id, ours: true, forced: true },
    }
    const wish = { reasons: ['interrupted', 'forced'] as const, source: { job: 7 }, unfinished }
    expect((await bench.sync({ all: wish })).outcomes).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('without a reference, jobs since the journal entry are used', async () => {
    const { fake, time } = await open()
    const unfinished = { at: time.now - HOUR, reference: null }
    const wish = { reasons: ['interrupted'] as const, source: { job: 7 }, unfinished }
    await fake.finish(fake.begin({}, HOUR / 2))
    expect((await bench.sync({ all: wish })).outcomes).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('a job from before the journal entry is not used', async () => {
    const { fake, time } = await open()
    const unfinished = { at: time.now - HOUR, reference: null }
    await fake.finish(fake.begin({}, 2 * HOUR))
    await bench.sync({ all: { reasons: ['interrupted'], source: { job: 7 }, unfinished } })
    expect(fake.count('POST /jobs')).toBe(1)
  })

  test('after a failure a new job is started; after a lost commit the same job is used', async () => {
    const { fake, time } = await open()
    fake.plan({ ends: 'failed' })
    await bench.sync()
    const unfinished = {
      at: time.now - 60_000,
      reference: { job: 9123, ours: true, forced: false },
    }
    const wish = { all: { reasons: ['failed'] as const, source: { job: 7 }, unfinished } }
    expect((await bench.sync(wish, { connection: bench.again() })).outcomes).toEqual(LOADED)
    expect(fake.jobs).toHaveLength(2)
    expect((await bench.sync(wish, { connection: bench.again() })).outcomes).toEqual(LOADED)
    expect(fake.jobs).toHaveLength(2)
  })

  test('loaded streams are not loaded again for a new stream', async () => {
    const { fake, time } = await open()
    await fake.finish(fake.begin({}, HOUR / 4))
    const { outcomes } = await bench.sync({
      payment: { reasons: ['shared'], source: { job: 9123, startedAt: time.now - HOUR / 4 } },
    })
    expect(outcomes).toEqual(['raw_payment: as recorded', 'raw_film: loaded 1'])
    expect(fake.count('POST /jobs')).toBe(0)
  })
})

describe('a full load of an incremental stream', () => {
  const source = { job: 9000 }

  test.each(['missing', 'drifted', 'code', 'forced'] as const)(
    'for reason %s fails with the refresh to run, and starts no job',
    async (reason) => {
      const { fake } = await open()
      const { outcomes, arrivals } = await bench.sync({
        payment: { reasons: [reason], full: true, source },
        film: { reasons: ['shared'], source },
      })
      expect(outcomes).toEqual(['raw_film: as recorded', 'raw_payment: airbyte-needs-refresh'])
      expect(JSON.stringify(arrivals.get('raw_payment'))).toContain(
        'refresh stream payment in Airbyte',
      )
      expect(fake.count('POST /jobs')).toBe(0)
    },
  )

  test('uses a refresh that was run in Airbyte', async () => {
    const { fake } = await open()
    await fake.finish(fake.begin({ type: 'refresh' }))
    const wish = { reasons: ['missing'] as const, full: true, source }
    expect((await bench.sync({ all: wish })).outcomes).toEqual([
      'raw_payment: loaded ?',
      'raw_film: loaded ?',
    ])
    expect(fake.count('POST /jobs')).toBe(0)
  })

  test('is not needed if a newer job explains the change', async () => {
    const { fake } = await open()
    await fake.finish(fake.begin({ ends: 'failed' }))
    const wish = { reasons: ['drifted'] as const, full: true, source }
    expect((await bench.sync({ all: wish })).outcomes).toEqual(LOADED)
    expect(fake.count('POST /jobs')).toBe(1)
  })
})

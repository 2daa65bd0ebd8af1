import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AirbytePipeline } from '../rig/airbyte/pipeline.ts'

// A target whose raw tables a fake Airbyte loads into DuckDB, through the command line.

let pipeline: AirbytePipeline

beforeEach(async () => {
  pipeline = await AirbytePipeline.open()
})
afterEach(() => pipeline.close())

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const posts = () => pipeline.fake.count('POST /jobs')

test('one sync loads all, none runs while fresh, and one without new records changes no descendant', async () => {
  const first = await pipeline.materialize()
  expect(first.outcomes).toEqual({
    raw_payment: 'built',
    raw_film: 'built',
    payments: 'built',
    films: 'built',
  })
  expect(posts()).toBe(1)

  pipeline.pass(10 * MINUTE)
  expect(await pipeline.materialize()).toMatchObject({ code: 0, outcomes: {} })
  expect(posts()).toBe(1)

  pipeline.pass(HOUR)
  expect(await pipeline.status()).toMatchObject({ raw_payment: 'stale', payments: 'pending' })
  const third = await pipeline.materialize()
  expect(third.outcomes).toEqual({
    raw_payment: 'unchanged',
    raw_film: 'unchanged',
    payments: 'released',
    films: 'released',
  })
  expect(posts()).toBe(2)
})

test('a sync that reads whole tables again, after one without records, changes no descendant', async () => {
  pipeline.fake.forgetsPosition = () => true
  await pipeline.materialize()
  const nothingBelow = {
    raw_payment: 'unchanged',
    raw_film: 'unchanged',
    payments: 'released',
    films: 'released',
  }
  pipeline.pass(HOUR)
  expect((await pipeline.materialize()).outcomes).toEqual(nothingBelow)
  expect((await pipeline.run(['why', 'raw_payment'])).stdout).toContain('0 records')

  const rowIds = 'select list(_airbyte_raw_id order by payment_id) from raw.payment'
  const before = await pipeline.query(rowIds)
  pipeline.pass(HOUR)
  const whole = await pipeline.materialize()
  expect(await pipeline.query(rowIds)).not.toEqual(before)
  expect((await pipeline.run(['why', 'raw_payment'])).stdout).toContain('2 records')
  expect(whole).toMatchObject({ code: 0, outcomes: nothingBelow })
  expect(whole.stderr).not.toContain('undoes')
  expect(posts()).toBe(3)
  expect(await pipeline.status()).toMatchObject({ raw_payment: 'fresh', payments: 'fresh' })
})

test('of tables that are read whole again, only one with another row is built on', async () => {
  pipeline.fake.forgetsPosition = () => true
  await pipeline.materialize()
  pipeline.pass(HOUR)
  await pipeline.materialize()
  pipeline.source.get('payment')!.push([3, 'three'])
  pipeline.pass(HOUR)
  expect((await pipeline.materialize()).outcomes).toEqual({
    raw_payment: 'built',
    raw_film: 'unchanged',
    payments: 'built',
    films: 'released',
  })
  expect(readFileSync(pipeline.path('out/payments.csv'), 'utf8')).toContain('three')
})

test('a terminal shows the progress of a sync, and why names a changed connector', async () => {
  pipeline.fake.plan({ statuses: Array(25).fill('running'), attempts: 2 })
  expect(await pipeline.watched()).toMatch(/Airbyte job 9123: running, attempt 2 .*\d+ s/)
  pipeline.fake.versions.destination = '4.0.3'
  pipeline.pass(HOUR)
  await pipeline.materialize()
  const { stdout } = await pipeline.run(['why', 'raw_payment'])
  expect(stdout).toContain('Airbyte job 9124, 0 records, destination-snowflake 4.0.2 → 4.0.3')
})

test('a changed stream builds only its own descendants', async () => {
  await pipeline.materialize()
  pipeline.source.get('payment')!.push([3, 'three'])
  pipeline.pass(HOUR)
  const { outcomes } = await pipeline.materialize()
  expect(outcomes).toEqual({
    raw_payment: 'built',
    raw_film: 'unchanged',
    payments: 'built',
    films: 'released',
  })
  expect(readFileSync(pipeline.path('out/payments.csv'), 'utf8')).toContain('three')
})

test('a sync started outside assets is used, with its own start time', async () => {
  await pipeline.materialize()
  pipeline.pass(50 * MINUTE)
  pipeline.source.get('film')!.push([9, 'nine'])
  const theirs = pipeline.fake.begin({}, 5 * MINUTE)
  expect(await pipeline.status()).toMatchObject({ raw_film: 'stale' })
  await pipeline.fake.finish(theirs)
  const { outcomes, stderr } = await pipeline.materialize()
  expect(outcomes).toEqual({
    raw_payment: 'unchanged',
    raw_film: 'built',
    payments: 'released',
    films: 'built',
  })
  expect(stderr).not.toContain('undoes')
  expect(posts()).toBe(1)
  pipeline.pass(51 * MINUTE)
  expect(await pipeline.status()).toMatchObject({ raw_film: 'fresh', films: 'fresh' })
  pipeline.pass(5 * MINUTE)
  expect(await pipeline.status()).toMatchObject({ raw_film: 'stale' })
})

test('an edited table is not mistaken for a sync', async () => {
  await pipeline.materialize()
  await pipeline.sql("update raw.film set name = 'edited' where film_id = 1")
  expect(await pipeline.status()).toMatchObject({ raw_film: 'stale', raw_payment: 'stale' })
  const { code, stderr } = await pipeline.materialize()
  expect(code).toBe(1)
  expect(stderr).toContain('refresh stream film in Airbyte')
  expect(posts()).toBe(1)
})

test('a failed stream blocks its descendants, and the same command retries it', async () => {
  pipeline.fake.plan({
    ends: 'failed',
    failure: { message: 'The source went away.', type: 'system_error' },
    streams: { payment: { state: 'COMPLETE', records: 2 } },
  })
  const failed = await pipeline.materialize()
  expect(failed).toMatchObject({ code: 1, outcomes: { raw_film: 'failed', films: 'blocked' } })
  expect(failed.stderr).toContain('The source went away.')
  const again = await pipeline.materialize()
  expect(again.code).toBe(0)
  expect(posts()).toBe(2)
})

test('the running job of a killed run is adopted instead of starting another', async () => {
  await pipeline.close()
  pipeline = await AirbytePipeline.open(Date.now())
  pipeline.fake.plan({ statuses: Array(200).fill('running') })
  await pipeline.killDuringSync()
  const [job] = pipeline.fake.jobs
  expect(job?.status).toBe('running')
  job!.left.length = 0
  pipeline.pass(MINUTE)
  const { code, outcomes } = await pipeline.materialize()
  expect([code, outcomes.raw_payment]).toEqual([0, 'built'])
  expect(posts()).toBe(1)
})

test('Ctrl-C cancels our own sync, and the same command starts another', async () => {
  pipeline.fake.plan({ statuses: Array(200).fill('running') })
  const interrupt = new AbortController()
  pipeline.fake.onCall = (route) => {
    if (route === 'GET /jobs/{id}') interrupt.abort()
  }
  const { outcomes } = await pipeline.materialize(interrupt.signal)
  expect(outcomes).toMatchObject({ raw_payment: 'cancelled', payments: 'cancelled' })
  expect(pipeline.fake.jobs[0]!.status).toBe('cancelled')
  expect((await pipeline.materialize()).outcomes).toMatchObject({ payments: 'built' })
  expect(posts()).toBe(2)
})

test('a stream whose setup differs is a problem at its key, and the others are loaded', async () => {
  const [payment] = pipeline.fake.streams
  pipeline.fake.streams = pipeline.fake.streams.map((one) =>
    one === payment ? { ...one, syncMode: 'full_refresh_overwrite' } : one,
  )
  const { code, stderr, outcomes } = await pipeline.materialize()
  expect(code).toBe(2)
  expect(outcomes).toMatchObject({ raw_payment: 'failed', raw_film: 'built', films: 'built' })
  const told = stderr.match(/\{.*sync is incremental_dedup here and full_refresh_overwrite.*\}/g)
  expect(told?.map((line) => JSON.parse(line))).toMatchObject([
    { code: 'sync-differs', file: 'assets.yaml', line: 21, column: 11 },
  ])
})

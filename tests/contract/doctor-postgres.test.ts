import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { examine } from '../../framework/connections/postgres/health/health.ts'
import {
  examineReplication,
  type ReplicatedSource,
} from '../../framework/connections/postgres/health/replication.ts'
import type { HealthFact } from '../../framework/model/health-fact.ts'
import type { ProblemError } from '../../framework/model/problem.ts'
import { collectFacts, healthSubject } from '../rig/health.ts'
import { stream } from '../rig/load.ts'
import { freePort, type PostgresRig, startPostgres } from '../rig/postgres.ts'

let server: PostgresRig
let url: string
let client: pg.Client

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  url = await server.database()
  client = new pg.Client(url)
  await client.connect()
  await client.query('create table payment (payment_id int primary key, amount numeric)')
  await client.query('create table film (film_id int, title text)')
})
afterEach(async () => {
  await client.query(
    `select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active`,
  )
  await client.query('alter system reset max_slot_wal_keep_size')
  await client.query('select pg_reload_conf()')
  await client.end()
})

const STREAMS = [stream('payment'), stream('film')]

const makeSlot = () =>
  client.query("select pg_create_logical_replication_slot('airbyte_slot', 'pgoutput')")
/** Fills whole segments of the WAL. */
const writeLog = async (segments: number) => {
  for (let n = 0; n < segments; n++) {
    await client.query('insert into film values ($1, $2)', [n, 'x'])
    await client.query('select pg_switch_wal()')
  }
}
/** Sets the limit, and waits until sessions see it. */
const keepUpTo = async (size: string) => {
  await client.query(`alter system set max_slot_wal_keep_size = '${size}'`)
  await client.query('select pg_reload_conf()')
  await expect
    .poll(async () => (await client.query('show max_slot_wal_keep_size')).rows[0], {
      timeout: 30_000,
    })
    .toEqual({ max_slot_wal_keep_size: size })
}

const GB = 1024 ** 3

const replication = (
  more: Partial<ReplicatedSource> = {},
  subject: Parameters<typeof healthSubject>[1] = {},
) =>
  collectFacts(
    examineReplication(
      {
        connection: 'shop',
        url,
        slot: 'airbyte_slot',
        publication: 'airbyte_publication',
        disk: null,
        schema: 'public',
        ...more,
      },
      healthSubject({}, { streams: STREAMS, ...subject }),
    ),
  )

const about = (facts: readonly HealthFact[], subject: string): HealthFact | undefined =>
  facts.find((fact) => fact.subject === subject)

describe('a source that Airbyte reads by change data capture', () => {
  test('nothing is set up: every missing part, with the statement that creates it', async () => {
    const facts = await replication()
    expect(facts.map(({ state, subject }) => `${state} ${subject}`)).toEqual([
      'ok server',
      'ok clock',
      'ok wal_level',
      'bad publication airbyte_publication',
      'bad slot airbyte_slot',
    ])
    expect(about(facts, 'slot airbyte_slot')?.hint).toContain(
      "select pg_create_logical_replication_slot('airbyte_slot', 'pgoutput')",
    )
    expect(JSON.stringify(facts)).not.toContain('not-a-secret')
  })

  test('a publication without some streams: the statement that adds them', async () => {
    await client.query('create publication airbyte_publication for table payment')
    await client.query('create schema "Shop"; create table "Shop"."Order" (id int)')
    const streams = [...STREAMS, { ...stream('Order'), namespace: 'Shop' }]
    const fact = about(await replication({}, { streams }), 'publication airbyte_publication')
    expect(fact).toEqual({
      subject: 'publication airbyte_publication',
      state: 'bad',
      message: 'the publication does not include public.film, "Shop"."Order"',
      hint: 'alter publication airbyte_publication add table public.film, "Shop"."Order"',
    })
    await client.query(fact!.hint!)
    expect(about(await replication({}, { streams }), 'publication airbyte_publication')).toEqual({
      subject: 'publication airbyte_publication',
      state: 'ok',
      message: 'includes all 3 streams',
    })
  })

  test('a stream without a table', async () => {
    await client.query('create publication airbyte_publication for all tables')
    const facts = await replication({}, { streams: [stream('rental')] })
    expect(about(facts, 'publication airbyte_publication')).toMatchObject({
      state: 'bad',
      message: 'the source has no table public.rental, which streams of connection shop name',
    })
  })

  test('an inactive slot whose WAL grows', async () => {
    await makeSlot()
    await keepUpTo('10GB')
    const facts = await replication({ disk: 20 * GB }, { meanwhile: () => writeLog(1) })
    expect(about(facts, 'slot airbyte_slot')).toMatchObject({
      state: 'ok',
      message: expect.stringMatching(/^pgoutput, inactive.*, reserved$/),
    })
    expect(about(facts, 'WAL of airbyte_slot')?.message).toMatch(
      /^\d.* kept on a disk of 20 GB, growing by \d.*B an hour/,
    )
    expect(about(facts, 'limit of airbyte_slot')).toMatchObject({
      state: 'ok',
      message: expect.stringMatching(/^a slot may keep 10 GB, \d.* left$/),
    })
  })

  test('no limit of the kept WAL', async () => {
    await makeSlot()
    expect(about(await replication({ disk: 20 * GB }), 'limit of airbyte_slot')).toMatchObject({
      state: 'warning',
      hint: expect.stringContaining("alter system set max_slot_wal_keep_size = '10240MB'"),
    })
  })

  test('the kept WAL takes too much of the disk', async () => {
    await makeSlot()
    await writeLog(3)
    const disk = 64 * 1024 ** 2
    expect(about(await replication({ disk }), 'WAL of airbyte_slot')).toMatchObject({
      state: 'bad',
      message: expect.stringMatching(/^\d+ MB kept on a disk of 64 MB/),
      hint: expect.stringContaining("select pg_drop_replication_slot('airbyte_slot')"),
    })
  })

  test('a lost slot', async () => {
    await makeSlot()
    await keepUpTo('1MB')
    await writeLog(4)
    await client.query('checkpoint')
    const fact = about(await replication(), 'slot airbyte_slot')
    expect(fact).toMatchObject({
      state: 'bad',
      message: 'its unread WAL was removed, so changes are lost (wal_status lost)',
      hint: expect.stringContaining('refresh the connection'),
    })
  })

  test('nothing listens, or the login is rejected', async () => {
    const nowhere = new URL(url)
    nowhere.port = String(await freePort())
    await expect(replication({ url: nowhere.href })).rejects.toMatchObject({
      problems: [{ code: 'source-unreachable' }],
    })
    const refused = new URL(url)
    refused.password = 'not-the-one'
    const error = await replication({ url: refused.href }).catch((error: ProblemError) => error)
    expect(error).toMatchObject({ problems: [{ code: 'source-refused' }] })
    expect(JSON.stringify((error as ProblemError).problems)).not.toContain('not-the-one')
  })
})

describe('a source that assets reads itself', () => {
  const [dedup, plain] = [
    { ...stream('payment'), sync: 'incremental_dedup', primaryKey: ['payment_id'] } as const,
    stream('film'),
  ]
  const examined = async (as = url, streams = [dedup, plain]) =>
    collectFacts(examine(healthSubject({ url: as }, { streams }))[0]!.facts)

  test('everything is fine: version, clock, streams and privileges, and no facts about slots', async () => {
    expect((await examined()).map(({ state, subject }) => `${state} ${subject}`)).toEqual([
      'ok server',
      'ok clock',
      'ok sessions',
      'ok streams',
      'ok privileges',
    ])
  })

  test('a user without rights: the grants that are sufficient', async () => {
    await client.query(
      "create role reader login password 'reading'; revoke usage on schema public from public",
    )
    const reader = Object.assign(new URL(url), { username: 'reader', password: 'reading' }).href
    const fact = about(await examined(reader), 'privileges')
    expect(fact).toEqual({
      subject: 'privileges',
      state: 'bad',
      message: 'reader may not read schema public, public.payment, public.film',
      hint: 'grant usage on schema public to reader; grant select on public.payment, public.film to reader',
    })
    await client.query(fact!.hint!)
    expect(about(await examined(reader), 'privileges')?.state).toBe('ok')
    await client.query('drop owned by reader; drop role reader')
  })

  test('missing streams, columns and keys', async () => {
    const streams = [
      { ...stream('fim'), stream: 'fim' },
      { ...stream('film'), sync: 'incremental_dedup', primaryKey: ['film_id'] } as const,
      { ...stream('payment'), exclude: ['amnt'] },
    ]
    const facts = await examined(url, streams as never)
    expect(facts.filter(({ state }) => state !== 'ok').map(({ subject }) => subject)).toEqual([
      'fim',
      'payment',
      'keys',
    ])
    expect(about(facts, 'fim')?.hint).toBe('did you mean film?')
  })

  test('an abandoned slot is reported', async () => {
    await makeSlot()
    const facts = await examined()
    expect(about(facts, 'slot airbyte_slot')?.state).toBe('ok')
    expect(about(facts, 'limit of airbyte_slot')?.state).toBe('warning')
  })
})

import { connect, createServer, type Server, type Socket } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { examine } from '../../framework/connections/postgres/health/health.ts'
import type { Problem } from '../../framework/model/problem.ts'
import type { Loader } from '../../framework/ports/connection.ts'
import { collectFacts, healthSubject } from '../rig/health.ts'
import { type Ended, load, stream } from '../rig/load.ts'
import { listen } from '../rig/loopback.ts'
import { memorySession } from '../rig/memory-session.ts'
import { type Pooler, pgbouncer, startPooler } from '../rig/pgbouncer.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { connectionTo, testSite } from '../rig/postgres-source.ts'

const NOWHERE = testSite('/nowhere', [])

/** Values whose text depends on settings of the session, among them the search path. */
const SCHEMA = `
create schema other; create table other.far (id int);
create table t (id int primary key, at timestamptz, day date, span interval, bytes bytea, x float8, y float4,
  far regclass, spans interval[], days daterange, price money);
insert into t select n, '2024-02-03 04:05:06.789+00'::timestamptz + n * interval '1 day', date '2024-02-03' + n,
  make_interval(years => 1, days => n, secs => 3.5), '\\x00ff'::bytea, 1 / 3.0::float8 * n, 0.1 * n, 'other.far',
  array[interval '36 hours'], daterange('2024-02-03', '2024-02-09'), n from generate_series(1, 3) n;
create table u (id int); insert into u values (1);`

/** What other clients of a pooler leave in a session that they give back. */
const LITTER = `
set datestyle = 'German'; set intervalstyle = 'sql_standard'; set timezone = 'Asia/Tokyo'; set bytea_output = 'escape';
set extra_float_digits = -5; set standard_conforming_strings = off; set search_path = other; set quote_all_identifiers = on;
set statement_timeout = '50ms'; set role nobody_in_particular`

/** The settings that pgbouncer itself keeps apart for each client. */
const TRACKED =
  "'client_encoding', 'application_name', 'DateStyle', 'TimeZone', 'standard_conforming_strings'"

let server: PostgresRig
let direct: string
let client: pg.Client

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

beforeEach(async () => {
  direct = await server.database()
  client = new pg.Client(direct)
  await client.connect()
  await client.query(SCHEMA)
  return () => client.end()
})

describe.skipIf(pgbouncer === null)('through pgbouncer (needs it installed)', () => {
  describe('in transaction mode, with two connections to the server', () => {
    let pooler: Pooler
    beforeAll(async () => {
      pooler = await startPooler(pgbouncer!, new URL(await server.database()))
    })
    afterAll(() => pooler.stop())

    test('a load reads the same rows as a direct one, whatever other clients left in the sessions', async () => {
      await client.query('create role nobody_in_particular')
      const expected = rowsOf(await loadRows(direct))
      for (let times = 0; times < 3; times++) {
        await inEverySession(pooler.over(direct), LITTER)
        expect(rowsOf(await loadRows(pooler.over(direct)))).toEqual(expected)
      }
      await inEverySession(pooler.over(direct), 'reset role')
      await client.query('drop role nobody_in_particular')
    })

    test('loads, probes and doctor leave nothing in the sessions, and the pooler keeps them', async () => {
      const url = pooler.over(direct)
      await inEverySession(url, "set intervalstyle = 'sql_standard'")
      const look = `select pg_backend_pid()::text as pid, string_agg(name || ' ' || setting, ', ' order by name) as set
        from pg_settings where source = 'session' and name not in (${TRACKED})`
      const before = await inEverySession(url, look)
      const left = 'IntervalStyle sql_standard'
      const { connection, ended } = await loadRows(url)
      expect(await answerOf(connection, ended)).toBe('unchanged')
      await collectFacts(examine(healthSubject({ url }, { streams: [stream('t')] }))[0]!.facts)
      const failing = connectionTo({ url }, NOWHERE)
      expect((await load(failing, [stream('missing')], { session: memorySession() })).size).toBe(1)
      expect(before).toMatchObject([{ set: left }, { set: left }])
      expect(await inEverySession(url, look)).toEqual(before)
    })

    test('a stream that was loaded is proved unchanged, and a change is seen', async () => {
      const { connection, ended } = await loadRows(pooler.over(direct))
      expect(await answerOf(connection, ended)).toBe('unchanged')
      await client.query('update u set id = 2')
      expect(await answerOf(connection, ended)).toBe('moved')
    })

    test('a cancelled load cancels the query on the server', async () => {
      await client.query('create view slow as select id from u, pg_sleep(30)')
      const controller = new AbortController()
      const connection = connectionTo({ url: pooler.over(direct) }, NOWHERE)
      const options = { session: memorySession(), signal: controller.signal }
      const loading = load(connection, [stream('slow'), stream('t')], options)
      await expect.poll(copies, { timeout: 60_000 }).toBeGreaterThan(0)
      controller.abort()
      const ended = await loading
      expect([...ended.values()].map(({ step }) => step)).toEqual(['cancelled', 'cancelled'])
      await expect.poll(copies, { timeout: 20_000 }).toBe(0)
    })

    test('doctor examines the source, and says that it is behind a pooler', async () => {
      const subject = healthSubject({ url: pooler.over(direct) }, { streams: [stream('t')] })
      const facts = await collectFacts(examine(subject)[0]!.facts)
      expect(facts.map(({ state, subject }) => `${state} ${subject}`)).toEqual([
        'ok server',
        'ok clock',
        'ok sessions',
        'ok streams',
        'ok privileges',
      ])
      expect(facts[0]!.message).toMatch(/, as postgres, through a pooler$/)
    })

    test('a load with more sessions than the pool has connections reads with fewer', async () => {
      await client.query('create table v (id int); insert into v values (1)')
      const connection = connectionTo({ url: pooler.over(direct), sessions: 4 }, NOWHERE)
      const streams = ['t', 'u', 'v'].map((name) => stream(name))
      const ended = await load(connection, streams, { session: memorySession() })
      expect([...ended.values()]).toMatchObject(
        ['built', 'built', 'built'].map((step) => ({ step })),
      )
    })

    test('a start-up parameter that the pooler refuses is named', async () => {
      const url = `${pooler.over(direct)}?options=-c%20geqo%3Doff`
      expect(await refusal(url)).toMatchObject({
        code: 'source-pooler',
        message: expect.stringMatching(/^the pooler of .* refuses the start-up parameter options$/),
      })
    })
  })

  test('statement mode is refused by name', async () => {
    const pooler = await startPooler(pgbouncer!, new URL(direct), { pool_mode: 'statement' })
    const problem = await refusal(pooler.over(direct))
    await pooler.stop()
    expect(problem).toMatchObject({
      code: 'source-pooler',
      message: expect.stringMatching(/is behind a pooler in statement mode/),
    })
  })

  test('a timeout of the pooler is named, also if it ends a session that waits', async () => {
    const limits = { default_pool_size: 1, idle_transaction_timeout: 1 }
    const pooler = await startPooler(pgbouncer!, new URL(direct), limits)
    // The second session gets no connection. While the first one waits for it, the timeout passes.
    const connection = connectionTo({ url: pooler.over(direct) }, NOWHERE)
    const streams = [stream('t'), stream('u')]
    const ended = await load(connection, streams, { session: memorySession() })
    await pooler.stop()
    expect(problemOf(ended, 'raw_t')).toMatchObject({
      code: 'source-timeout',
      message: expect.stringMatching(
        /^raw_t: idle_transaction_timeout of the pooler ended the read/,
      ),
    })
  })
})

describe('an address that leads to several servers', () => {
  let twin: PostgresRig
  let balancer: Server
  beforeAll(async () => {
    twin = await startPostgres()
  })
  afterAll(() => twin.stop())

  test('is refused if two sessions of one load reach different ones; one session reads', async () => {
    const [own, others] = [new URL(direct), new URL(await twin.database())]
    const names = [own, others].map(({ pathname }) => pathname.slice(1))
    const admin = new pg.Client(others.href)
    await admin.connect()
    await admin.query(SCHEMA)
    await admin.end()
    if (names[0] !== names[1]) await rename(others, names[1]!, names[0]!)
    const ports = [Number(own.port), Number(others.port)]
    let count = 0
    const sockets = new Set<Socket>()
    balancer = createServer((from) => {
      const to = connect(ports[count++ % 2]!, '127.0.0.1')
      for (const socket of [from, to]) sockets.add(socket.on('error', () => {}))
      from.pipe(to).pipe(from)
    })
    own.port = String(await listen(balancer))
    own.search = '?sslmode=disable'
    const problem = problemOf((await loadRows(own.href, { sessions: 2 })).ended, 'raw_t')
    expect(problem).toMatchObject({
      code: 'source-pooler',
      hint: expect.stringContaining('sessions: 1'),
    })
    const subject = healthSubject({ url: own.href }, { streams: [stream('t')] })
    const facts = await collectFacts(examine(subject)[0]!.facts)
    expect(facts.find(({ subject }) => subject === 'sessions')).toMatchObject({ state: 'bad' })
    const one = await loadRows(own.href, { sessions: 1 })
    expect([...one.ended.values()].map(({ step }) => step)).toEqual(['built', 'built'])
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => balancer.close(resolve))
  })

  async function rename(url: URL, from: string, to: string): Promise<void> {
    const admin = new pg.Client(Object.assign(new URL(url), { pathname: '/postgres' }).href)
    await admin.connect()
    await admin.query(`alter database ${from} rename to ${to}`)
    await admin.end()
  }
})

async function loadRows(url: string, settings: { readonly sessions?: number } = {}) {
  const session = memorySession()
  const connection = connectionTo({ url, ...settings }, NOWHERE)
  const ended = await load(connection, [stream('t'), stream('u')], { session })
  return { connection, ended, session }
}

function rowsOf({ ended, session }: Awaited<ReturnType<typeof loadRows>>) {
  expect([...ended.values()].map(({ step }) => step)).toEqual(['built', 'built'])
  return ['raw.t', 'raw.u'].map((name) => session.tables.get(name)!.rows)
}

async function answerOf(connection: Loader, ended: ReadonlyMap<string, Ended>) {
  const one = ended.get('raw_u')!
  const recorded = one.step === 'built' ? one.product.source : null
  const answer = await connection.probe([{ stream: stream('u'), recorded }])
  return answer.ok ? answer.value.get('raw_u')!.probe.answer : answer.problems[0]!.message
}

/** The problem of a probe and of a load, which must be the same. */
async function refusal(url: string): Promise<Problem> {
  const connection = connectionTo({ url }, NOWHERE)
  const probed = await connection.probe([{ stream: stream('t'), recorded: null }])
  if (probed.ok) throw new Error('it answered')
  const ended = await load(connection, [stream('t')], { session: memorySession() })
  expect(problemOf(ended, 'raw_t').code).toBe(probed.problems[0]!.code)
  return probed.problems[0]!
}

function problemOf(ended: ReadonlyMap<string, Ended>, name: string): Problem {
  const one = ended.get(name)
  if (one?.step !== 'failed') throw new Error(`${name} did not fail but was ${one?.step}`)
  return one.problem
}

/** Runs SQL in both sessions of the pooler, as a client that commits. Returns a row of each, by pid. */
async function inEverySession(url: string, sql: string): Promise<readonly { pid?: string }[]> {
  const clients = [new pg.Client(url), new pg.Client(url)]
  const rows: { pid?: string }[] = []
  for (const one of clients) await one.connect()
  for (const one of clients) await one.query('begin')
  for (const one of clients) {
    const result: unknown = await one.query(sql)
    rows.push(...((Array.isArray(result) ? result.at(-1) : result) as pg.QueryResult).rows)
  }
  for (const one of clients) await one.query('commit')
  for (const one of clients) await one.end()
  return rows.sort((a, b) => Number(a.pid) - Number(b.pid))
}

/** The number of COPYs that the server runs. */
async function copies(): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int from pg_stat_activity where datname = current_database() and state = 'active' and query like 'copy%'`,
  )
  return rows[0]!.count
}

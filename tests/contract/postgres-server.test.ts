import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../framework/model/problem.ts'
import type { Loader } from '../../framework/ports/connection.ts'
import { type Ended, load, stream } from '../rig/load.ts'
import { type MemorySession, memorySession } from '../rig/memory-session.ts'
import {
  connectionTo,
  type SourceRig,
  type SourceSuite,
  serverSuite,
  testSite,
} from '../rig/postgres-source.ts'

// What needs a real server: concurrent sessions, users, lost connections.

const NOWHERE = testSite('/nowhere', [])

describe('a server as the source', () => {
  let suite: SourceSuite
  let source: SourceRig
  let session: MemorySession

  beforeAll(async () => {
    suite = await serverSuite()
  })
  afterAll(() => suite?.stop())
  beforeEach(async () => {
    source = await suite.source()
    session = memorySession()
  })
  afterEach(() => source?.close())

  test('all streams are read from one snapshot', async () => {
    await source.exec('create table a (id int); create table b (id int); insert into a values (1)')
    session.onSpool = () => source.exec('insert into a values (2); insert into b values (2)')
    await load(source.connection, [stream('a'), stream('b')], { session })
    expect(session.tables.get('raw.a')!.rows).toEqual([{ id: '1' }])
    expect(session.tables.get('raw.b')!.rows).toEqual([])
  })

  test('a table truncated after the snapshot is not loaded as empty', async () => {
    await source.exec(`create table b (id int); insert into b values (1);
      create view v as select * from b; create view waits as select 1 as id from pg_advisory_lock_shared(42)`)
    const other = new pg.Client(source.url)
    await other.connect()
    await other.query('select pg_advisory_lock(42)')
    const connection = connectionTo({ url: source.url, sessions: 1 }, NOWHERE)
    const streams = ['waits', 'b', 'v'].map((name) => stream(name))
    const loading = load(connection, streams, { session })
    await running(source, 'copy')
    await other.query('truncate b')
    await other.query('select pg_advisory_unlock(42)')
    const ended = await loading
    await other.end()
    expect(ended.get('raw_waits')!.step).toBe('built')
    for (const name of ['raw_b', 'raw_v']) {
      expect(failed(ended, name)).toMatchObject({ code: 'source-changed', transient: true })
    }
    expect([...session.tables.keys()]).toEqual(['raw.waits'])
  })

  test('rows of transactions that overlap a load are appended once, whatever ends first', async () => {
    await source.exec('create table t (id int, at int); insert into t values (1, 9)')
    const others = [new pg.Client(source.url), new pg.Client(source.url)] as const
    for (const other of others) await other.connect()
    const [early, late] = others
    // The number of the early transaction is lower, but the load sees only the late one and its subtransaction.
    await early.query(
      'begin; insert into t values (2, 9); savepoint part; insert into t values (3, 5)',
    )
    await late.query(
      'begin; savepoint part; insert into t values (4, 9); release part; insert into t values (5, 9); commit',
    )
    const log = stream('t', { sync: 'incremental_append', cursor: 'at' })
    const ids = () => session.tables.get('raw.t')!.rows.map(({ id }) => id)
    const first = await load(source.connection, [log], { session })
    expect(ids()).toEqual(['1', '4', '5'])
    const second = await load(source.connection, [log], { session, records: first })
    expect(ids()).toEqual(['1', '4', '5'])
    await early.query('commit')
    const third = await load(source.connection, [log], { session, records: second })
    expect([...ids()].sort()).toEqual(['1', '2', '3', '4', '5'])
    await load(source.connection, [log], { session, records: third })
    expect(session.loads.map(({ mode }) => mode.how)).toEqual([
      'replace',
      'append',
      'append',
      'append',
    ])
    expect(ids().length).toBe(5)
    for (const other of others) await other.end()
  })

  test('a stream with a cursor that can not be asked for its rows fails alone', async () => {
    await source.exec(`create table base (id int); insert into base values (1); create table b (id int);
      create view t as select id, 1 / id as at from base`)
    const log = stream('t', { sync: 'incremental_append', cursor: 'at' })
    const first = await load(source.connection, [log], { session })
    await source.exec('insert into base values (0)')
    const ended = await load(source.connection, [log, stream('b')], { session, records: first })
    expect(failed(ended, 'raw_t')).toMatchObject({ code: 'source-read-failed', asset: 'raw_t' })
    expect(ended.get('raw_b')!.step).toBe('built')
  })

  test('two sessions read at once, from one snapshot', async () => {
    const other = new pg.Client(source.url)
    await other.connect()
    await other.query('select pg_advisory_lock(43)')
    for (const name of ['a', 'b']) {
      await source.exec(`create table of_${name} (id int); create view ${name} as
        select id from pg_advisory_lock_shared(43) left join of_${name} on true`)
    }
    const loading = load(source.connection, [stream('a'), stream('b')], { session })
    await expect
      .poll(async () => (await running(source, 'copy')).length, { timeout: 60_000 })
      .toBe(2)
    await source.exec('insert into of_a values (1); insert into of_b values (1)')
    await other.query('select pg_advisory_unlock(43)')
    await other.end()
    expect([...(await loading).values()].map(({ step }) => step)).toEqual(['built', 'built'])
    for (const name of ['a', 'b']) {
      expect(session.tables.get(`raw.${name}`)!.rows).toEqual([{ id: null }])
    }
  })

  test('a load with one session reads the same', async () => {
    await source.exec('create table a (id int); insert into a values (1); create table b (id int)')
    const connection = connectionTo({ url: source.url, sessions: 1 }, NOWHERE)
    const ended = await load(connection, [stream('a'), stream('b')], { session })
    expect([...ended.values()].map(({ step }) => step)).toEqual(['built', 'built'])
  })

  test('a table that the user may not read fails, and the others are loaded', async () => {
    await source.exec(`create table open (id int); create table closed (id int);
      create role reader_${suite.count} login password 'reader'; grant select on open to reader_${suite.count}`)
    const url = new URL(source.url)
    url.username = `reader_${suite.count}`
    url.password = 'reader'
    const connection = connectionTo({ url: url.href }, NOWHERE)
    const ended = await load(connection, [stream('closed'), stream('open')], { session })
    expect(failed(ended, 'raw_closed')).toMatchObject({
      code: 'source-permission-denied',
      message: expect.stringMatching(
        /^raw_closed: the user of 127\.0\.0\.1\S* may not read closed$/,
      ),
    })
    expect(ended.get('raw_open')!.step).toBe('built')
  })

  test('a connection lost during COPY is a transient failure', async () => {
    await source.exec('create table t (id int); create view slow as select id from t, pg_sleep(30)')
    await source.exec('insert into t values (1)')
    const loading = load(source.connection, [stream('slow')], { session })
    await killReaders(source)
    const problem = failed(await loading, 'raw_slow')
    expect(problem).toMatchObject({
      code: 'source-connection-lost',
      transient: true,
      asset: 'raw_slow',
    })
    expect(session.tables.size).toBe(0)
  })

  test('a cancelled load cancels the query on the server', async () => {
    await source.exec('create table t (id int); create view slow as select id from t, pg_sleep(30)')
    await source.exec('insert into t values (1)')
    const controller = new AbortController()
    const streams = [stream('slow'), stream('t')]
    const loading = load(source.connection, streams, { session, signal: controller.signal })
    await running(source, 'copy')
    controller.abort()
    const ended = await loading
    expect([...ended.values()].map(({ step }) => step)).toEqual(['cancelled', 'cancelled'])
    expect(session.tables.size).toBe(0)
  })

  test('a report that throws ends the load during a read', async () => {
    await source.exec('create table t (id int); insert into t values (1)')
    await source.exec('create view slow as select id from t, pg_sleep(30)')
    const lost = new Error('the lease is lost')
    const loading = load(source.connection, [stream('t'), stream('slow')], {
      session,
      async onReport(report) {
        if (report.step === 'built') throw lost
      },
    })
    await expect(loading).rejects.toBe(lost)
  })

  test('timeouts of the user end no load', async () => {
    await source.exec(`create table t (id int); insert into t values (1);
      create view slow as select id from t, pg_sleep(0.5);
      create role hasty_${suite.count} login password 'hasty'; grant select on slow to hasty_${suite.count};
      alter role hasty_${suite.count} set statement_timeout = '300ms';
      alter role hasty_${suite.count} set idle_in_transaction_session_timeout = '300ms';
      alter role hasty_${suite.count} set lock_timeout = '300ms'`)
    const url = Object.assign(new URL(source.url), {
      username: `hasty_${suite.count}`,
      password: 'hasty',
    })
    const ended = await load(connectionTo({ url: url.href }, NOWHERE), [stream('slow')], {
      session,
    })
    expect(ended.get('raw_slow')).toMatchObject({ step: 'built' })
  })

  test('a timeout that is set again is named', async () => {
    await source.exec(`create table t (id int); insert into t values (1);
      create view sets as select set_config('statement_timeout', '50', true) as v;
      create view slow as select id from t, pg_sleep(30)`)
    const connection = connectionTo({ url: source.url, sessions: 1 }, NOWHERE)
    const ended = await load(connection, [stream('sets'), stream('slow')], { session })
    expect(ended.get('raw_sets')!.step).toBe('built')
    expect(failed(ended, 'raw_slow')).toMatchObject({
      code: 'source-timeout',
      message: expect.stringMatching(
        /^raw_slow: statement_timeout of the server ended the read of slow/,
      ),
      hint: expect.stringContaining('a function of a view'),
    })
  })

  test('a server that does not show its identity is read, but proves nothing', async () => {
    await source.exec(`create table t (id int); create role stranger_${suite.count} login password 'reader';
      grant select on t to stranger_${suite.count};
      revoke execute on function pg_control_system() from public`)
    const url = new URL(source.url)
    url.username = `stranger_${suite.count}`
    url.password = 'reader'
    const connection = connectionTo({ url: url.href }, NOWHERE)
    const one = (await load(connection, [stream('t')], { session })).get('raw_t')
    if (one?.step !== 'built') throw new Error('it was not built')
    const answer = await connection.probe([{ stream: stream('t'), recorded: one.product.source }])
    expect(answer.ok && answer.value.get('raw_t')!.probe.answer).toBe('unknown')
  })

  describe('reports why it cannot be reached, without the password', () => {
    const secret = 'hunter2-secret'
    const cases: readonly (readonly [string, (url: URL) => void, Partial<Problem>])[] = [
      ['no server', (url) => (url.port = '1'), { code: 'source-unreachable', transient: true }],
      [
        'no such host',
        (url) => (url.hostname = 'no-such-host.invalid'),
        { code: 'source-unreachable' },
      ],
      ['a wrong password', () => {}, { code: 'source-refused' }],
      [
        'a missing database',
        (url) => {
          url.password = 'not-a-secret'
          url.pathname = '/nothing'
        },
        { code: 'source-database-missing' },
      ],
      ['no TLS', (url) => (url.search = '?sslmode=require'), { code: 'source-tls' }],
      [
        'no certificate',
        (url) => (url.search = '?sslmode=verify-full&sslrootcert=/no/such.pem'),
        { code: 'source-unreachable' },
      ],
    ]
    test.each(cases)('%s', async (_what, change, expected) => {
      const url = new URL(source.url)
      url.password = secret
      change(url)
      const connection = connectionTo({ url: url.href }, NOWHERE)
      for (const problem of [await probed(connection), await loaded(connection)]) {
        expect(problem).toMatchObject(expected)
        expect(problem.message).toContain(url.hostname)
        expect(problem.message).toContain('shop')
        expect(JSON.stringify(problem)).not.toContain(secret)
      }
    })

    async function probed(connection: Loader): Promise<Problem> {
      const answer = await connection.probe([{ stream: stream('t'), recorded: null }])
      if (answer.ok) throw new Error('it answered')
      return answer.problems[0]!
    }

    async function loaded(connection: Loader): Promise<Problem> {
      return failed(await load(connection, [stream('t')], { session }), 'raw_t')
    }
  })

  test('another database is not mistaken for the loaded one', async () => {
    const schema = 'create table t (id int); insert into t values (1)'
    await source.exec(schema)
    const other = await suite.source()
    await other.exec(schema)
    const ended = await load(source.connection, [stream('t')], { session })
    const one = ended.get('raw_t')!
    const recorded = one.step === 'built' ? one.product.source : null
    const answer = await other.connection.probe([{ stream: stream('t'), recorded }])
    expect(answer.ok && answer.value.get('raw_t')!.probe).toEqual({
      answer: 'moved',
      message: 'the source is another database than at the last load',
    })
    await other.close()
  })
})

function failed(ended: ReadonlyMap<string, Ended>, name: string): Problem {
  const one = ended.get(name)
  if (one?.step !== 'failed') throw new Error(`${name} did not fail but was ${one?.step}`)
  return one.problem
}

/** Waits until a session of the loader runs a query that begins with `text`. Returns the pids. */
async function running(source: SourceRig, text: string): Promise<readonly number[]> {
  const client = new pg.Client(source.url)
  await client.connect()
  try {
    for (;;) {
      const { rows } = await client.query<{ pid: number }>(
        `select pid from pg_stat_activity where application_name = 'assets'
         and datname = current_database() and state = 'active' and query like $1`,
        [`${text}%`],
      )
      if (rows.length > 0) return rows.map(({ pid }) => pid)
    }
  } finally {
    await client.end()
  }
}

async function killReaders(source: SourceRig): Promise<void> {
  for (const pid of await running(source, 'copy')) {
    await source.exec(`select pg_terminate_backend(${pid})`)
  }
}

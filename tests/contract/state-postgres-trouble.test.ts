import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../framework/model/problem.ts'
import { attempt, type Transaction } from '../../framework/state/database.ts'
import { MIGRATIONS } from '../../framework/state/migrations.ts'
import { PostgresDatabase, type ServerTimeouts } from '../../framework/state/postgres/database.ts'
import { create } from '../../framework/state/postgres/index.ts'
import { stateLabel } from '../../framework/state/postgres/problems.ts'
import { PostgresSession } from '../../framework/state/postgres/session.ts'
import { transactionStatus } from '../../framework/state/postgres/transaction.ts'
import { Cable } from '../rig/cable.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { leased, record, SUCCEEDED, value } from './suites/state.ts'

const REQUEST = { target: 'prod', command: 'materialize', job: null }
const AT = { file: 'assets.yaml', path: ['targets', 'prod', 'state'] }
/** The statement `commit` with the terminator of the protocol; not part of `read committed`. */
const COMMIT = 'commit\0'
const SHORT: ServerTimeouts = { opening: 300, working: 300 }

let server: PostgresRig
let url: string
let cable: Cable
let admin: pg.Client

const open = (at: string, patience?: ServerTimeouts) =>
  create(
    { type: 'postgres', settings: { url: at, schema: 'assets' }, at: AT },
    { clock: Date.now, ...(patience === undefined ? {} : { timeouts: patience }) },
  )

const databaseAt = (at: string, patience?: ServerTimeouts) =>
  new PostgresDatabase(at, stateLabel(at, 'assets', AT), patience)

async function refusalOf(at: string): Promise<Problem> {
  const opened = await open(at, SHORT)
  if (opened.ok) throw new Error('it was opened')
  return opened.problems[0]!
}

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  url = await server.database()
  cable = await Cable.to(server.port)
  admin = new pg.Client({ connectionString: url })
  await admin.connect()
})
afterEach(async () => {
  await admin.end()
  await cable.remove()
})

describe('a connection lost during a run', () => {
  /** Adds one, so that a transaction applied twice is visible. */
  const add = async (tx: Transaction) => {
    await tx.run('insert into counted (one) values (?)', [1])
  }
  const counted = async () => {
    const { rows } = await admin.query('select count(*)::int as n from assets.counted')
    return rows[0].n
  }

  beforeEach(() => admin.query('create schema assets; create table assets.counted (one bigint)'))

  test('between two transactions: the next one uses a new connection', async () => {
    const database = databaseAt(cable.over(url))
    await database.transaction('write', add)
    cable.cut()
    await database.transaction('write', add)
    expect(await counted()).toBe(2)
    await database.close()
  })

  test('by an administrator during a transaction: it is applied once', async () => {
    const database = databaseAt(url)
    let tries = 0
    await database.transaction('write', async (tx) => {
      await add(tx)
      if (++tries > 1) return
      const [[pid]] = (await tx.all<[number]>('select pg_backend_pid()')) as [[number]]
      await admin.query('select pg_terminate_backend($1)', [pid])
    })
    expect([tries, await counted()]).toEqual([2, 1])
    await database.close()
  })

  test.each([
    ['before the server received the commit', 'lost', 2],
    ['before we received its response', 'unanswered', 1],
  ] as const)('%s: it is done once', async (_, how, wanted) => {
    const database = databaseAt(cable.over(url))
    let tries = 0
    cable.trap(COMMIT, how)
    const gave = await database.transaction('write', async (tx) => {
      await add(tx)
      return ++tries
    })
    expect([gave, tries, await counted()]).toEqual([wanted, wanted, 1])
    await database.close()
  })

  test('for some moments: the run continues', async () => {
    const state = value(await open(cable.over(url)))
    const lease = leased(value(await state.acquire(REQUEST)))
    cable.unplug()
    const refused = cable.refusal()
    const writing = lease.write([{ change: 'commit', record: record('a') }])
    // Changes of one turn are written together at its end, before the following snapshot.
    await new Promise(setImmediate)
    const reading = state.snapshot('prod')
    await refused
    cable.plugIn()
    value(await writing)
    expect(value(await reading).records.get('a')).toEqual(record('a'))
    value(await lease.release(SUCCEEDED))
    await state.close()
  })

  test('permanently: the write fails, and later writes fail without waiting as long', async () => {
    const state = value(await open(cable.over(url), SHORT))
    const lease = leased(value(await state.acquire(REQUEST)))
    cable.unplug()
    const writes = ['a', 'b', 'c', 'd'].map((name) =>
      lease.write([{ change: 'commit', record: record(name) }]),
    )
    const began = performance.now()
    for (const each of await Promise.all(writes)) {
      expect(each).toMatchObject({ ok: false, problems: [{ code: 'state-unreachable' }] })
    }
    expect(performance.now() - began).toBeLessThan(4 * SHORT.working)
    await state.close()
  })

  test('permanently during a commit: the problem says that the outcome is unknown', async () => {
    const database = databaseAt(cable.over(url), SHORT)
    await database.transaction('write', add)
    cable.trap(COMMIT, 'unanswered', () => cable.unplug())
    const writing = attempt(() => database.transaction('write', add))
    expect(await writing).toMatchObject({ ok: false, problems: [{ code: 'state-in-doubt' }] })
    await database.close()
  })
})

describe('an unusable server', () => {
  const changed = (parts: Partial<URL>) => Object.assign(new URL(url), parts).href

  test.each([
    ['a wrong password', 'state-refused', { password: 'hunter2-is-wrong' }],
    ['an unknown user', 'state-refused', { username: 'nobody' }],
    ['an unknown database', 'state-database-missing', { pathname: '/nowhere' }],
    ['a closed port', 'state-unreachable', { port: '1' }],
    ['an unknown host', 'state-unreachable', { hostname: 'db.invalid' }],
    ['no TLS', 'state-tls', { search: 'sslmode=require' }],
  ] as const)(
    '%s: the problem names it and the next step, without the password',
    async (_, code, change) => {
      const at = changed(change)
      const problem = await refusalOf(at)
      expect(problem).toMatchObject({ code, at: AT })
      expect(problem.message).toContain('the state of target prod (PostgreSQL at ')
      expect(problem.hint).toBeTruthy()
      expect(JSON.stringify(problem)).not.toContain(new URL(at).password)
    },
  )

  test('a value that is not a PostgreSQL URL is not shown, because it may be a secret', async () => {
    for (const wrong of ['mysql://u:secret-word@h/db', 'postgres://u:secret word/@h:x/db']) {
      const problem = await refusalOf(wrong)
      expect(problem.code).toBe('state-url')
      expect(JSON.stringify(problem)).not.toContain('secret')
    }
  })

  test('a user without privileges: they are named, and a prepared schema is enough', async () => {
    await admin.query(`create role plain login password 'plain-password'`)
    const plain = changed({ username: 'plain', password: 'plain-password' })
    const problem = await refusalOf(plain)
    expect(problem.code).toBe('state-not-permitted')
    expect(problem.hint).toContain('grant usage, create on schema assets')
    await admin.query('create schema assets authorization plain')
    const state = value(await open(plain))
    await state.close()
    await admin.query('drop schema assets cascade; drop role plain')
  })

  test('a newer schema is refused with a problem that says so', async () => {
    await value(await open(url)).close()
    await admin.query('update assets.schema_number set number = 99')
    const problem = await refusalOf(url)
    expect(problem.code).toBe('state-newer')
    expect(problem.message).toContain(
      `it has schema 99, this version supports ${MIGRATIONS.length}`,
    )
  })

  test('rows of older versions get a checksum', async () => {
    const first = value(await open(url))
    const lease = leased(value(await first.acquire(REQUEST)))
    value(await lease.write([{ change: 'commit', record: record('a') }]))
    value(await lease.release(SUCCEEDED))
    await first.close()
    await admin.query(
      `update assets.records set seal = null; update assets.schema_number set number = 5;
       drop table assets.run_events, assets.run_progress; drop index assets.steps_by_name`,
    )
    const state = value(await open(url))
    expect(value(await state.snapshot('prod')).records.get('a')).toMatchObject({ asset: 'a' })
    await state.close()
    await admin.query('update assets.records set seal = null')
    const damaged = value(await open(url))
    const { records } = value(await damaged.snapshot('prod'))
    expect(() => records.get('a')).toThrow('its checksum is wrong')
    await damaged.close()
  })

  test('dropped tables are reported and not recreated', async () => {
    await value(await open(url)).close()
    await admin.query('drop table assets.records')
    const state = value(await open(url))
    expect(await state.snapshot('prod')).toMatchObject({
      ok: false,
      problems: [{ code: 'state-corrupted' }],
    })
    await state.close()
  })

  test('a read-only server is distinguished from missing privileges', async () => {
    await value(await open(url)).close()
    await admin.query(`do $$ begin execute format('alter database %I set
      default_transaction_read_only = on', current_database()); end $$`)
    const state = value(await open(url))
    expect(await state.acquire(REQUEST)).toMatchObject({
      ok: false,
      problems: [{ code: 'state-read-only' }],
    })
    await state.close()
  })
})

describe('the outcome of a transaction', () => {
  test('of which a server that crashed knows nothing is aborted', async () => {
    const session = await PostgresSession.open(url, stateLabel(url, 'assets', AT))
    const { rows } = await session.query<[string]>('select txid_current()::text')
    const [[known]] = rows as [[string]]
    expect(await transactionStatus(session, known)).toBe('committed')
    expect(await transactionStatus(session, `${Number(known) + 1_000}`)).toBe('aborted')
    await session.end()
  })
})

describe('many processes at the same time', () => {
  test('create the tables once', async () => {
    const states = await Promise.all(Array.from({ length: 5 }, () => open(url)))
    for (const each of states) await value(each).close()
    const { rows } = await admin.query('select number::int from assets.schema_number')
    expect(rows).toEqual([{ number: MIGRATIONS.length }])
  })

  test('get the lease one at a time, with a new run number each', async () => {
    const states = await Promise.all(Array.from({ length: 5 }, async () => value(await open(url))))
    const got = await Promise.all(states.map((each) => each.acquire(REQUEST)))
    const leases = got.map(value).filter((each) => !each.busy)
    expect(leases).toHaveLength(1)
    const others = await Promise.all(
      states.map((each, n) => each.acquire({ ...REQUEST, target: `other_${n}` })),
    )
    expect(new Set(others.map((each) => value(each).run)).size).toBe(5)
    for (const each of states) await each.close()
  })
})

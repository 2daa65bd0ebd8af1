import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Problem, Result } from '../../framework/model/problem.ts'
import type { Session } from '../../framework/ports/warehouse.ts'
import { runAt, snowflakeAt } from '../rig/snowflake/account.ts'
import { type Fault, FaultProxy } from '../rig/snowflake/fault-proxy.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'
import { must } from './suites/warehouse.ts'

const account = await startLookalike()
afterAll(() => account?.close())

const LOGIN = /login-request/
const HASH = /hash_agg/
const problem = <T>(result: Result<T>): Problem => {
  if (result.ok) throw new Error('it went through')
  return result.problems[0]!
}

describe.skipIf(account === null)('Snowflake with faults', () => {
  let proxy: FaultProxy
  let database: string
  let root: string
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'assets-snowflake-'))
    database = newDatabase()
    proxy = await FaultProxy.before(account!.port)
    await runAt(
      account!.url,
      database,
      'create schema raw',
      "create table raw.t as select 1 as id, 'x' as a",
    )
  })
  afterEach(async () => {
    await proxy.close()
    rmSync(root, { recursive: true, force: true })
  })

  const at = (options: Parameters<typeof snowflakeAt>[2] = {}) =>
    snowflakeAt(proxy.url, database, { root, ...options })
  const print = (session: Session) => session.fingerprint('raw.t', { volatile: [] })
  /** How many times a statement reached the account. */
  const hashed = async () =>
    (await account!.received(database)).filter(({ sql }) => HASH.test(sql)).length

  it.each([
    ['503, twice', { kind: 'status', status: 503 }, 2],
    ['429', { kind: 'status', status: 429 }, 1],
    ['a page of a gateway', { kind: 'html', status: 502 }, 1],
    ['a session to be renewed', { kind: 'code', code: '390112', message: 'expired' }, 1],
    ['a broken connection', { kind: 'reset' }, 1],
    ['a session that is gone', { kind: 'code', code: '390111', message: 'no such session' }, 1],
  ] as const satisfies readonly (readonly [string, Fault, number])[])(
    'continues after %s',
    async (_name, fault, times) => {
      const session = must(await at().open())
      proxy.plan(HASH, fault, times)
      expect(must(await print(session)).rows).toBe(1)
      expect(await hashed()).toBe(1)
      expect(must(await print(session)).rows).toBe(1)
      await session.close()
    },
  )

  it.each(['reset', 'lost-answer', 'half-answer'] as const)(
    'has every row once although responses broke off (%s)',
    async (kind) => {
      const rows = 120_000
      const query = `select seq4() as n from table(generator(rowcount => ${rows}))`
      const file = join(root, 'many.csv')
      const session = must(await at().open())
      proxy.plan(/^\/chunks\//, { kind }, 2)
      const wanted = {
        from: { query },
        columns: null,
        orderBy: ['n'],
        format: 'csv',
        file,
      } as const
      expect(must(await session.export(wanted)).rows).toBe(rows)
      await session.close()
      expect(proxy.seen.filter((line) => line.endsWith(kind))).toHaveLength(2)
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
      expect(lines).toEqual(['n', ...Array.from({ length: rows }, (_, at) => String(at))])
    },
  )

  it('retries with the same request id after a lost response, and nothing runs twice', async () => {
    proxy.plan(/insert into/, { kind: 'lost-answer' })
    await runAt(proxy.url, database, "insert into raw.t values (2, 'y')")
    expect(proxy.seen.filter((line) => line.endsWith('lost-answer'))).toHaveLength(1)
    const rows = await runAt(account!.url, database, 'select cast(count(*) as varchar) from raw.t')
    expect(rows).toEqual([['2']])
  })

  it('renews every session that expires', async () => {
    const session = must(await at().open())
    must(await print(session))
    await account!.expireSessions()
    expect(must(await print(session)).rows).toBe(1)
    await session.close()
  })

  it('times out, cancels the statement, and remains usable', async () => {
    const session = must(await at({ settings: { statement_timeout: 0.5 } }).open())
    proxy.plan(HASH, { kind: 'hold' })
    const cancelled = proxy.arrival(/abort-request/)
    const late = print(session)
    await cancelled
    proxy.release()
    expect(problem(await late)).toMatchObject({ code: 'warehouse-timeout', transient: true })
    await session.close()
    const again = must(await at().open())
    expect(must(await print(again)).rows).toBe(1)
    await again.close()
  })

  it('cancels the running statement when the signal aborts', async () => {
    const abort = new AbortController()
    const session = must(await at().open(abort.signal))
    const started = proxy.arrival(/select ..ID/)
    const file = join(root, 'never.csv')
    proxy.plan(/select ..ID/, { kind: 'hold' })
    const from = { relation: 'raw.t' }
    const cancelled = proxy.arrival(/abort-request/)
    const exported = session.export({ from, columns: null, orderBy: [], format: 'csv', file })
    await started
    abort.abort()
    await cancelled
    proxy.release()
    expect(problem(await exported).code).toBe('cancelled')
    await session.close()
  })

  it('reports a refused login without the password and does not retry', async () => {
    const message = 'Incorrect username or password was specified: hunter22'
    proxy.plan(LOGIN, { kind: 'code', code: '390100', message }, 5)
    const refused = problem(await at().open())
    expect(refused).toMatchObject({ code: 'warehouse-login' })
    expect(refused).not.toHaveProperty('transient')
    expect(JSON.stringify(refused)).not.toContain('hunter22')
    expect(proxy.seen.filter((line) => LOGIN.test(line))).toHaveLength(1)
  })

  it('logs in to a service that is busy at first', async () => {
    proxy.plan(LOGIN, { kind: 'status', status: 503 })
    await must(await at().open()).close()
  })

  it('times out a login', async () => {
    proxy.plan(LOGIN, { kind: 'hold' })
    const opened = await at({ settings: { login_timeout: 0.3 } }).open()
    expect(problem(opened)).toMatchObject({ code: 'warehouse-timeout', transient: true })
  })

  it('is unreachable behind a proxy that responds with a page and status 200', async () => {
    const session = must(await at().open())
    proxy.plan(HASH, { kind: 'html', status: 200 }, 20)
    expect(problem(await print(session))).toMatchObject({
      code: 'warehouse-unreachable',
      transient: true,
    })
    await session.close()
  })

  it('names the setting when no virtual warehouse is active', async () => {
    const session = must(await at().open())
    const message = 'No active warehouse selected in the current session.'
    proxy.plan(HASH, { kind: 'code', code: '000606', message })
    expect(problem(await print(session))).toMatchObject({ code: 'warehouse-none-active' })
    await session.close()
  })

  it('checks an idle session before it is used, and replaces an expired one', async () => {
    let now = 0
    const warehouse = at({ clock: () => now })
    const session = must(await warehouse.open())
    now += 10 * 60_000
    proxy.plan(/session\/heartbeat/, { kind: 'code', code: '390111', message: 'no such session' })
    expect(must(await print(session)).rows).toBe(1)
    expect(proxy.seen.filter((line) => LOGIN.test(line))).toHaveLength(2)
    await session.close()
  })
})

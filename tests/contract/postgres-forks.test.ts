import { cpSync, rmSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Loader } from '../../framework/ports/connection.ts'
import { probe } from '../rig/each-postgres.ts'
import { type Ended, load, stream } from '../rig/load.ts'
import { memorySession } from '../rig/memory-session.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { connectionTo, EMBEDDED, embeddedTemplate, testSite } from '../rig/postgres-source.ts'

// What makes equal transaction numbers prove nothing: restarts, crashes, restores, standbys, policies.

const t = stream('t')

async function answer(connection: Loader, recorded: ReadonlyMap<string, Ended>) {
  const probed = (await probe(connection, [t], recorded)).get('raw_t')!
  return 'message' in probed ? `${probed.answer}: ${probed.message}` : probed.answer
}

describe('the history of a server', () => {
  let server: PostgresRig
  let url: string
  let connection: Loader

  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())
  beforeEach(async () => {
    url = await server.database()
    connection = connectionTo({ url }, testSite('/nowhere', []))
  })

  async function exec(sql: string, at = url): Promise<void> {
    const client = new pg.Client(at)
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  const loaded = (from = connection) => load(from, [t], { session: memorySession() })

  test.each(['SIGINT', 'SIGQUIT'] as const)('proves nothing after an end by %s', async (signal) => {
    await exec('create table t (id int); insert into t values (1)')
    const recorded = await loaded()
    expect(await answer(connection, recorded)).toBe('unchanged')
    await server.restart(signal)
    expect(await answer(connection, recorded)).toMatch(/^unknown: the source was restarted/)
    expect(await answer(connection, await loaded())).toBe('unchanged')
  })

  test('a stream with a cursor is read in full after a restart', async () => {
    await exec("create table t (id int, v text); insert into t values (1, 'a')")
    const append = stream('t', { sync: 'incremental_append', cursor: 'id' })
    const session = memorySession()
    const records = await load(connection, [append], { session })
    await server.restart()
    await exec("update t set v = 'b'")
    await load(connection, [append], { session, records })
    expect(session.tables.get('raw.t')!.rows).toEqual([{ id: '1', v: 'b' }])
  })

  test('proves nothing after a backend was killed, which ends no server', async () => {
    await exec('create table t (id int); insert into t values (1)')
    const recorded = await loaded()
    const victim = new pg.Client(url)
    victim.on('error', () => {})
    await victim.connect()
    const { rows } = await victim.query<{ pid: number }>('select pg_backend_pid() as pid')
    const ended = new Promise((resolve) => victim.once('end', resolve))
    process.kill(rows[0]!.pid, 'SIGKILL')
    await ended
    // The other backends are ended, and the server recovers, soon after.
    await expect
      .poll(() => answer(connection, recorded).catch(String), { timeout: 20_000 })
      .toMatch(/^unknown: the source was restarted/)
  })

  test('a restored copy in which the same transactions wrote other rows is not called unchanged', async () => {
    await exec('create table t (id int, v text)')
    let copy = ''
    await server.restart('SIGINT', (data) => {
      copy = `${data}.copy`
      cpSync(data, copy, { recursive: true, preserveTimestamps: true })
    })
    await exec("insert into t values (1, 'a')")
    const recorded = await loaded()
    await server.restart('SIGINT', (data) => {
      rmSync(data, { recursive: true })
      cpSync(copy, data, { recursive: true, preserveTimestamps: true })
      server.own(data)
    })
    await exec("insert into t values (1, 'b')")
    expect(await answer(connection, recorded)).toMatch(/^unknown: the source was restarted/)
  })

  test('a standby proves by row versions only, and a promotion makes another copy', async () => {
    await exec('create table t (id int); create table u (id int); insert into t values (1)')
    const standbyUrl = await server.standby(new URL(url).pathname.slice(1))
    const standby = connectionTo({ url: standbyUrl }, testSite('/nowhere', []))
    const recorded = await loaded(standby)
    expect(recorded.get('raw_t')?.step).toBe('built')
    expect(await answer(standby, recorded)).toBe('unchanged')
    // Commits while a transaction is open: the snapshot of a standby has no list of those.
    const open = new pg.Client(url)
    await open.connect()
    await open.query('begin; insert into t values (2)')
    await exec('insert into u values (1)')
    await expect.poll(() => count(standbyUrl, 'u')).toBe(1)
    const between = await loaded(standby)
    await open.query('commit')
    await open.end()
    await expect.poll(() => count(standbyUrl, 't')).toBe(2)
    expect(await answer(standby, between)).toMatch(/^moved: t has 1 more row/)
    const before = await loaded(standby)
    await exec('select pg_promote()', standbyUrl)
    expect(await answer(standby, before)).toMatch(/^moved: the source is another database/)
    expect(await answer(standby, await loaded(standby))).toBe('unchanged')
  })

  test('proves nothing through row level security', async () => {
    const role = `tenant_${new URL(url).pathname.slice(1)}`
    await exec(`create role ${role} login password 'tenant'; create table members (who text, tenant int);
      insert into members values ('${role}', 1);
      begin; create table t (id int, tenant int); insert into t values (1, 1), (2, 2); commit;
      alter table t enable row level security;
      create policy p on t using (tenant in (select tenant from members where who = current_user));
      grant select on t, members to ${role}`)
    const as = new URL(url)
    as.username = role
    as.password = 'tenant'
    const tenant = connectionTo({ url: as.href }, testSite('/nowhere', []))
    const recorded = await loaded(tenant)
    await exec('update members set tenant = 2')
    expect(await answer(tenant, recorded)).toMatch(/^unknown: row level security/)
    // The owner sees all rows.
    expect(await answer(connection, await loaded())).toBe('unchanged')
  })

  async function count(at: string, table: string): Promise<number> {
    const client = new pg.Client(at)
    await client.connect()
    const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${table}`)
    await client.end()
    return rows[0]!.n
  }
})

describe('the history of an embedded source', () => {
  let template: Awaited<ReturnType<typeof embeddedTemplate>>
  beforeAll(async () => {
    template = await embeddedTemplate()
  })
  afterAll(() => template.remove())

  const made = stream('made', { asset: 'raw_t' })
  const connect = (root: string) => connectionTo(EMBEDDED, testSite(root, []), template.worker)
  async function using<T>(root: string, use: (connection: Loader) => Promise<T>): Promise<T> {
    const connection = connect(root)
    try {
      return await use(connection)
    } finally {
      await connection.close()
    }
  }
  const insert = (root: string, value: number) =>
    using(root, async (connection) => {
      const answered = await connection.admin!.sql(`insert into made values (${value})`)
      if (!answered.ok) throw new Error(answered.problems[0]?.message)
    })
  const asked = (root: string, recorded: ReadonlyMap<string, Ended>) =>
    using(
      root,
      async (connection) => (await probe(connection, [made], recorded)).get('raw_t')!.answer,
    )
  const loadedFrom = (root: string) =>
    using(root, (connection) => load(connection, [made], { session: memorySession() }))

  test('goes on over closes and opens, and not through a restored copy of its folder', async () => {
    const root = template.copy()
    const folder = `${root}/.assets/source`
    cpSync(folder, `${root}/copy`, { recursive: true })
    await insert(root, 2)
    const recorded = await loadedFrom(root)
    expect(await asked(root, recorded)).toBe('unchanged')
    await using(root, (connection) => connection.admin!.sql('select 1'))
    expect(await asked(root, recorded)).toBe('unchanged')
    rmSync(folder, { recursive: true })
    cpSync(`${root}/copy`, folder, { recursive: true })
    await insert(root, 3)
    expect(await asked(root, recorded)).toBe('unknown')
  })
})

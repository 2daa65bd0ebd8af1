import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Loader } from '../../../framework/ports/connection.ts'
import { PASSWORD } from '../../rig/postgres.ts'
import type { PostgresCluster } from '../../rig/postgres-cluster.ts'
import { connectionTo, testSite } from '../../rig/postgres-source.ts'
import type { Event, Place, Rows } from './place.ts'
import type { Reader, Scene } from './scene.ts'

const DATABASE = 'soak'
/** A statement that waits for another session's lock fails, because that session waits for nobody. */
const SESSION = "set lock_timeout = '25ms'; set statement_timeout = '20s'"
/** Also an asynchronous commit is seen at once, and a crash loses it. */
const ASYNCHRONOUS_SESSION = 2
const ROLE_OF = { owner: 'postgres', reader: 'reader' } as const

/** A real server, read directly, or through a standby that follows it. */
export class ServerPlace implements Place {
  readonly name: 'server' | 'standby'
  readonly version: number
  readonly events: readonly Event[]
  readonly hasSessions = true
  readonly #server: PostgresCluster
  #standby: PostgresCluster | null = null
  #promoted = false
  #lags = false
  #copy: string | null = null
  #root = ''
  #loaders = new Map<Reader, Loader>()
  /** Sessions by number; the one that reads with the owner's rights is -1. */
  readonly #sessions = new Map<number, pg.Client>()

  constructor(name: 'server' | 'standby', server: PostgresCluster) {
    this.name = name
    this.#server = server
    this.version = server.version
    this.events =
      name === 'server'
        ? ['crash', 'restart', 'base copy', 'restore', 'fail over']
        : ['lag', 'catch up', 'promote', 'restart', 'crash']
  }

  async begin(scenes: readonly Scene[]): Promise<void> {
    await this.#server.query(`create database ${DATABASE}`)
    await this.#server.query(`create role reader login password '${PASSWORD}'`)
    if (this.name === 'standby') this.#standby = await this.#server.standby()
    this.#root = mkdtempSync(join(tmpdir(), 'assets-soak-'))
    for (const reader of ['owner', 'reader'] as const) {
      const url = this.#read.url(DATABASE, ROLE_OF[reader])
      this.#loaders.set(reader, connectionTo({ url }, testSite(this.#root, [])))
    }
    for (const { name, setup } of scenes) {
      const refused = await this.run(0, setup.join(';\n'))
      if (refused !== null) throw new Error(`the scene ${name} cannot be set up: ${refused}`)
    }
  }

  async run(session: number, sql: string): Promise<string | null> {
    try {
      await (await this.#session(session)).query(sql)
      return null
    } catch (error) {
      return (error as Error).message
    }
  }

  get hasCopy(): boolean {
    return this.#copy !== null
  }

  async happen(event: Event): Promise<void> {
    switch (event) {
      case 'crash':
      case 'restart':
        return this.#again(event === 'crash' ? 'immediate' : 'fast')
      case 'base copy':
        this.#copy = await this.#server.baseCopy()
        return
      case 'restore':
      case 'fail over':
        if (this.#copy === null) return
        await this.#forgetSessions()
        return event === 'restore'
          ? this.#server.restore(this.#copy)
          : this.#server.failOver(this.#copy)
      case 'lag':
      case 'catch up':
        return this.#lag(event === 'lag')
      case 'promote':
        if (this.#promoted) return
        await this.#lag(false)
        await this.#replayed()
        await this.#standby!.query('select pg_promote()')
        this.#promoted = true
        return this.#forgetSessions()
    }
  }

  async settle(): Promise<void> {
    for (const [number, client] of [...this.#sessions]) {
      if (number < 0) continue
      const locks = await client.query(EXCLUSIVE).catch(() => null)
      if (locks?.rows[0]?.locks) await client.query('commit').catch(() => client.query('rollback'))
    }
    const client = await this.#session(0)
    const { rows } = await client.query<{ gid: string }>(PREPARED)
    for (const { gid } of rows) await client.query(`rollback prepared '${gid}'`)
    if (!this.#follows) return
    // Replaying may have stopped while it holds a lock.
    if (this.#lags && rows.length > 0) await this.#lag(false)
    if (this.#lags && (await this.#read.query<{ locks: boolean }>(REPLAYED_LOCKS))[0]?.locks) {
      await this.#lag(false)
    }
    if (!this.#lags) await this.#replayed()
  }

  loader(reader: Reader): Loader {
    return this.#loaders.get(reader)!
  }

  async read(reader: Reader, queries: readonly string[]): Promise<readonly (Rows | string)[]> {
    if (reader === 'owner') {
      const own = this.#sessions.get(READING) ?? (await this.#connect(this.#read.url(DATABASE)))
      this.#sessions.set(READING, own)
      return answers(own, queries)
    }
    // The settings of a role count for new sessions.
    const client = await this.#connect(this.#read.url(DATABASE, ROLE_OF[reader]))
    try {
      return await answers(client, queries)
    } finally {
      await client.end()
    }
  }

  async end(): Promise<void> {
    await this.#forgetSessions()
    for (const loader of this.#loaders.values()) await loader.close()
    this.#loaders.clear()
    rmSync(this.#root, { recursive: true, force: true })
    await this.#standby?.discard()
    this.#standby = null
    this.#promoted = false
    this.#lags = false
    if (this.#copy !== null) rmSync(this.#copy, { recursive: true, force: true })
    this.#copy = null
    const prepared = await this.#server.query<{ gid: string }>(
      'select gid from pg_prepared_xacts',
      DATABASE,
    )
    for (const { gid } of prepared) await this.#server.query(`rollback prepared '${gid}'`, DATABASE)
    // `drop database … with (force)` exists since version 13.
    await this.#server.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${DATABASE}'`,
    )
    await this.#server.query(`drop database ${DATABASE}`)
    await this.#server.query('drop role reader')
  }

  async close(): Promise<void> {
    await this.#server.remove()
  }

  /** The server that the loader reads. */
  get #read(): PostgresCluster {
    return this.#standby ?? this.#server
  }

  /** The server that statements run on. */
  get #written(): PostgresCluster {
    return this.#promoted ? this.#standby! : this.#server
  }

  get #follows(): boolean {
    return this.#standby !== null && !this.#promoted
  }

  async #session(number: number): Promise<pg.Client> {
    const open = this.#sessions.get(number)
    if (open !== undefined) return open
    const client = await this.#connect(this.#written.url(DATABASE))
    await client.query(SESSION)
    const isAsynchronous = number === ASYNCHRONOUS_SESSION && this.name === 'server'
    if (isAsynchronous) await client.query('set synchronous_commit = off')
    this.#sessions.set(number, client)
    return client
  }

  async #connect(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => {})
    await client.connect()
    return client
  }

  async #forgetSessions(): Promise<void> {
    for (const client of this.#sessions.values()) await client.end().catch(() => {})
    this.#sessions.clear()
  }

  async #again(how: 'fast' | 'immediate'): Promise<void> {
    // A crash that comes before the sessions end also ends their transactions.
    await this.#read.stop(how)
    await this.#forgetSessions()
    await this.#read.start()
    this.#lags = false
  }

  async #lag(lags: boolean): Promise<void> {
    if (!this.#follows || lags === this.#lags) return
    await this.#read.query(`select pg_wal_replay_${lags ? 'pause' : 'resume'}()`)
    this.#lags = lags
  }

  async #replayed(): Promise<void> {
    // A commit flushes what has none, such as the changes of a catalog by VACUUM. A standby gets only that.
    await this.#server.query("select pg_logical_emit_message(true, 'settled', '')")
    const [end] = await this.#server.query<{ lsn: string }>(
      'select pg_current_wal_flush_lsn()::text as lsn',
    )
    const client = await this.#connect(this.#read.url('postgres'))
    const isReplayed = `select pg_last_wal_replay_lsn() >= '${end!.lsn}' as done, pg_sleep(0.002)`
    try {
      while (!(await client.query<{ done: boolean }>(isReplayed)).rows[0]?.done);
    } finally {
      await client.end()
    }
  }
}

const READING = -1

/** Whether this session holds a lock against readers. */
const EXCLUSIVE = `select true as locks from pg_locks
where pid = pg_backend_pid() and mode = 'AccessExclusiveLock' and granted and locktype = 'relation' limit 1`

/** Whether replaying has stopped in a transaction that locks a table. */
const REPLAYED_LOCKS = `select true as locks from pg_locks where mode = 'AccessExclusiveLock' and locktype = 'relation' limit 1`

/** The prepared transactions that hold a lock against readers. */
const PREPARED = `select gid from pg_prepared_xacts p join pg_locks l on l.virtualtransaction = '-1/' || p.transaction
where l.mode = 'AccessExclusiveLock' and l.locktype = 'relation' and p.database = current_database()`

/** All queries at once; one by one if one of them is refused. */
async function answers(
  client: pg.Client,
  queries: readonly string[],
): Promise<readonly (Rows | string)[]> {
  if (queries.length === 0) return []
  const query = async (text: string) => {
    const answer = (await client.query({ text, rowMode: 'array' })) as unknown
    return (Array.isArray(answer) ? answer : [answer]).map(({ rows }) => rows as Rows)
  }
  try {
    return await query(queries.join(';\n'))
  } catch {
    const found: (Rows | string)[] = []
    for (const text of queries) {
      found.push(
        await query(text).then(
          ([rows]) => rows!,
          (error: Error) => error.message,
        ),
      )
    }
    return found
  }
}

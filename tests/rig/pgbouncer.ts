import { spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort } from './postgres.ts'
import { waitForLine } from './ready.ts'

/** A connection pooler before a server, deleted at `stop`. */
export interface Pooler {
  /** The URL of the server through the pooler. */
  over(url: string): string
  stop(): Promise<void>
}

/** The program of Debian's package `pgbouncer`, which is often only in the path of root. */
export const pgbouncer: string | null =
  ['pgbouncer', '/usr/sbin/pgbouncer'].find(
    (program) => spawnSync(program, ['--version']).status === 0,
  ) ?? null

const NOBODY = 65534

/**
 * Starts pgbouncer with transaction pooling and two sessions for all clients, so that clients see what
 * others leave in a session. `more` are other settings of pgbouncer.
 */
export async function startPooler(
  program: string,
  server: URL,
  more: Readonly<Record<string, string | number>> = {},
): Promise<Pooler> {
  const home = mkdtempSync(join(tmpdir(), 'assets-pgbouncer-'))
  const port = await freePort()
  const { hostname, port: behind, username, password } = server
  const settings = join(home, 'pgbouncer.ini')
  const pooling = { pool_mode: 'transaction', default_pool_size: 2, ...more }
  writeFileSync(
    settings,
    `[databases]
* = host=${hostname} port=${behind} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
${Object.entries(pooling)
  .map(([name, value]) => `${name} = ${value}`)
  .join('\n')}
`,
  )
  const user = userInfo().uid === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  if (user.uid !== undefined)
    for (const path of [home, settings]) chownSync(path, user.uid, user.gid)
  const child = spawn(program, [settings], { ...user, stdio: ['ignore', 'ignore', 'pipe'] })
  await waitForLine(child, 'pgbouncer', 'process up')
  return {
    over: (url) => Object.assign(new URL(url), { port: `${port}` }).href,
    async stop() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) {
        await new Promise((resolve) => child.once('exit', resolve))
      }
      rmSync(home, { recursive: true, force: true })
    },
  }
}

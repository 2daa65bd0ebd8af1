import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { markOfThisProcess } from '../../lib/left-processes.ts'
import { releaseGroup, signalGroup, spawnGroup } from '../../lib/process-groups.ts'
import { processExists } from '../../lib/process-identity.ts'
import type { Environment } from '../../ports/site.ts'
import type { Hyper } from './hyper.ts'
import { HyperError } from './problems.ts'

// `hyperd` speaks PostgreSQL's protocol, so the driver of PostgreSQL talks to it and no Python runs. That is seen, not
// promised: the version is locked, and `driver.ts` is the way that the vendor documents.

/** The owner of everything in a file. A file of another owner is refused by the vendor's own programs. */
const USER = 'tableau_internal_user'
/** The format of files: 3 has decimals of 38 digits. Tableau reads it since 2023.1 (Desktop and Prep: 2022.4.1). */
export const FILE_VERSION = 3
/** Milliseconds. It takes a tenth of a second, and more while the machine is busy. */
const STARTS_WITHIN = 30_000
const PREFIX = 'assets-hyper-'

/** Starts `hyperd`, an absolute path, and connects to it. Rejects with a `HyperError` if either fails. */
export async function startServer(hyperd: string, env: Environment): Promise<Hyper> {
  const folder = makeFolder()
  const child = spawnGroup(() =>
    spawn(
      hyperd,
      [
        'run',
        '--skip-license=true',
        '--no-password=true',
        `--init-user=${USER}`,
        '--log-config=',
        `--log-dir=${folder}`,
        `--default-database-version=${FILE_VERSION}`,
        '--listen-connection',
        `tab.domain://${folder}/domain/.s.PGSQL.5432`,
      ],
      {
        cwd: '/',
        env: { ...env, ...markOfThisProcess() },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      },
    ),
  )
  const { pid } = child
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('close', () => resolve())
  }).finally(() => {
    if (pid !== undefined) releaseGroup(pid)
    rmSync(folder, { recursive: true, force: true })
  })
  const stop = async () => {
    signalGroup(pid, 'SIGKILL')
    await ended
  }
  try {
    await listening(child)
    const client = new pg.Client({
      host: folder,
      port: 5432,
      user: USER,
      database: '',
      password: '',
    })
    // An error of an idle connection: the next statement fails with its own.
    client.on('error', () => undefined)
    await client.connect()
    // The connection is open. Nothing of it is left behind by a kill from now on.
    rmSync(folder, { recursive: true, force: true })
    return {
      run: async (sql) => {
        try {
          const { rows } = await client.query<(string | null)[]>({ text: sql, rowMode: 'array' })
          return rows
        } catch (error) {
          // A refusal has an SQLSTATE; a lost connection has none.
          const { code } = error as { code?: string }
          throw new HyperError(
            messageOf(error),
            /^[0-9A-Z]{5}$/.test(code ?? '') && code !== 'EPIPE',
          )
        }
      },
      close: stop,
    }
  } catch (error) {
    await stop()
    throw error instanceof HyperError ? error : new HyperError(messageOf(error))
  }
}

/**
 * The folder of the socket. The path of a socket may have about a hundred characters, so it is in the system's temporary
 * folder. Throws a `HyperError`.
 */
function makeFolder(): string {
  try {
    removeAbandoned()
    return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`))
  } catch (error) {
    throw new HyperError(`its socket can't be made in ${tmpdir()}: ${(error as Error).message}`)
  }
}

/** Resolves when the program says that it listens. */
function listening(child: ReturnType<typeof spawn>): Promise<void> {
  let said = ''
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new HyperError(`hyperd ${why}${said === '' ? '' : `:\n${said}`}`))
    const late = setTimeout(() => fail('did not listen within 30 seconds'), STARTS_WITHIN)
    const settle = (settled: () => void) => () => {
      clearTimeout(late)
      settled()
    }
    child.once('error', (error) => settle(() => fail(`did not start: ${error.message}`))())
    child.once(
      'exit',
      settle(() => fail('ended')),
    )
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.includes('listening')) settle(resolve)()
        else if (said.length < 4_000) said += `${line}\n`
      })
    }
  })
}

/** Hyper's message, its detail and its hint. */
function messageOf(error: unknown): string {
  const { message, detail, hint } = error as Error & { detail?: string; hint?: string }
  return [message, detail, hint].filter((part) => part !== undefined && part !== '').join('\n')
}

/** The folder of a process: its id, and what `mkdtemp` adds. Nothing else is ever removed. */
const OURS = /^assets-hyper-(\d+)-[A-Za-z0-9]{6}$/

/** Removes the folders of killed processes. */
function removeAbandoned(): void {
  for (const name of namesIn(tmpdir())) {
    const [, pid] = OURS.exec(name) ?? []
    if (pid === undefined || processExists(Number(pid))) continue
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true })
    } catch {
      // It is another user's.
    }
  }
}

/** The names in a folder; none if it may not be listed, as of some temporary folders. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

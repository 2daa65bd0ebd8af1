import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A Python environment whose processes are forks of one that has imported dbt. */
export interface ForkServer {
  /** The environment's folder, for ASSETS_PYTHON_ENV. */
  readonly environment: string
  stop(): Promise<void>
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/**
 * Imports dbt once and returns an environment in which a dbt worker starts in milliseconds. `environment`
 * is the folder of a real one. The program under test starts its workers as always. All forks of a process
 * iterate over sets of Python in the same order; with `processes`, a worker is a fork of any of that many.
 */
export async function startForkServer(environment: string, processes = 1): Promise<ForkServer> {
  const folder = mkdtempSync(join(tmpdir(), 'assets-fork-'))
  const python = join(environment, 'bin/python')
  mkdirSync(join(folder, 'bin'))
  symlinkSync(join(environment, 'lib'), join(folder, 'lib'))
  const client = readFileSync(here('./fork-client.py'), 'utf8')
  writeFileSync(join(folder, 'bin/python'), `#!${python} -IS\n${client}`, { mode: 0o755 })
  const servers = await Promise.all(
    Array.from({ length: processes }, (_, number) =>
      startProcess(python, join(folder, 'servers', String(number))),
    ),
  )
  return {
    environment: folder,
    async stop() {
      for (const stop of servers) await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Starts one server in a folder, and returns what stops it. */
async function startProcess(python: string, folder: string): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true })
  const { PATH = '', HOME = '' } = process.env
  const server = spawn(python, ['-I', here('./fork-server.py'), folder], {
    env: { PATH, HOME },
    // The last one keeps file descriptor 3 free for the channel of the workers.
    stdio: ['pipe', 'pipe', 'pipe', 'ignore'],
  })
  let errors = ''
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4_000)
  })
  // Not `close`: a fork that keeps a file open outlives the server, and has its pipes.
  const ended = new Promise<void>((resolve) => server.on('exit', () => resolve()))
  const ready = new Promise<boolean>((resolve) => server.stdout?.once('data', () => resolve(true)))
  if (!(await Promise.race([ready, ended.then(() => false)]))) {
    throw new Error(`the fork server did not start: ${errors}`)
  }
  return async () => {
    server.stdin?.end()
    await ended
  }
}

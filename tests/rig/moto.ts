import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from './cli.ts'
import { freePort } from './postgres.ts'
import { waitForLine } from './ready.ts'

/** A simulated AWS API on a loopback port. */
export interface Moto {
  readonly url: string
  stop(): Promise<void>
}

const REQUIREMENT = 'moto[server,secretsmanager]==5.2.5'
const HOME = join(REPOSITORY, 'node_modules', '.cache', 'assets-tests', 'moto-5.2.5')

/** Installs moto unless it is installed; null when that is not possible on this machine. */
export function motoServer(): string | null {
  const program = join(HOME, 'bin', 'moto_server')
  const marker = join(HOME, 'complete')
  if (existsSync(marker)) return program
  try {
    rmSync(HOME, { recursive: true, force: true })
    mkdirSync(HOME, { recursive: true })
    const quiet = { stdio: 'ignore', timeout: 240_000 } as const
    execFileSync('python3', ['-m', 'venv', HOME], quiet)
    execFileSync(join(HOME, 'bin', 'pip'), ['install', '--quiet', REQUIREMENT], quiet)
    writeFileSync(marker, '')
    return program
  } catch {
    return null
  }
}

export async function startMoto(program: string): Promise<Moto> {
  const port = await freePort()
  const server = spawn(program, ['-H', '127.0.0.1', '-p', `${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  })
  await waitForLine(server, 'moto', 'Running on')
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const gone = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGKILL')
      await gone
    },
  }
}

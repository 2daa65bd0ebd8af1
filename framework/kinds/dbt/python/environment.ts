import { spawn } from 'node:child_process'
import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { hash } from '../../../lib/hash.ts'
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import type { Site } from '../../../ports/site.ts'
import { redact, tail } from '../output-text.ts'
import { findPython, onPath } from './find-python.ts'

/** Where dbt's Python is, or would be. An environment is named by what it was made from. */
export interface Environment {
  readonly folder: string
  readonly requirements: string
  /** Absolute path of its interpreter. */
  readonly python: string
  /** Given by ASSETS_PYTHON_ENV: used as it is, never made. */
  readonly given: boolean
}

/** What making one needs of a site. */
export type Workshop = Pick<Site, 'env' | 'home' | 'target' | 'signal' | 'clock' | 'notice'>

const MARKER = 'complete.json'
/** An environment that no command used for so long belongs to requirements of the past. */
const KEPT_MS = 7 * 24 * 3_600_000

/**
 * The environment for `requirements`, an absolute path. Opens nothing else. Problem
 * `requirements-missing`: there is no such file.
 */
export function environmentOf(requirements: string, site: Workshop): Result<Environment> {
  const given = site.env.ASSETS_PYTHON_ENV
  if (given !== undefined && given !== '') {
    return ok({ folder: given, requirements, python: join(given, 'bin/python'), given: true })
  }
  if (!existsSync(requirements)) {
    return fail({
      code: 'requirements-missing',
      message: `${requirements} does not exist, so dbt's Python environment can't be made`,
      hint: 'write what dbt needs into it (dbt-core and an adapter), locked with: uv pip compile --generate-hashes',
    })
  }
  const folder = join(site.home, 'python', hash(readFileSync(requirements, 'utf8')).slice(0, 12))
  return ok({ folder, requirements, python: join(folder, 'bin/python'), given: false })
}

/**
 * Whether it can be used as it stands: the marker was written, for this folder (an environment
 * can't be moved), and its interpreter is still the one it was made with.
 */
export function isComplete(environment: Environment): boolean {
  if (environment.given) return true
  try {
    const marker: unknown = JSON.parse(readFileSync(join(environment.folder, MARKER), 'utf8'))
    const { python, folder } = marker as { python?: unknown; folder?: unknown }
    return folder === environment.folder && python === realpathSync(environment.python)
  } catch {
    return false
  }
}

/**
 * Makes the environment unless it is there, waiting for another process that is making it.
 * Problems: `python-missing`, `python-venv-missing`, `python-environment` (pip's or uv's own words
 * in the detail), `cancelled`.
 */
export async function makeEnvironment(
  environment: Environment,
  site: Workshop,
): Promise<Result<void>> {
  if (environment.given && !existsSync(environment.python)) {
    return fail({
      code: 'python-environment',
      message: `ASSETS_PYTHON_ENV names ${environment.folder}, which has no bin/python`,
      hint: 'unset it, and the environment is made where it belongs',
    })
  }
  if (isComplete(environment)) {
    touch(environment)
    return ok(undefined)
  }
  const python = await findPython(site.env)
  if (!python.ok) return python
  const marker = join(environment.folder, MARKER)
  const { folder, requirements } = environment
  const request = { folder, marker, requirements, uv: onPath('uv', site.env) }
  const made = await drive(python.value, JSON.stringify(request), environment, site)
  if (made.ok) sweep(environment, site)
  return made
}

function drive(
  python: string,
  request: string,
  environment: Environment,
  site: Workshop,
): Promise<Result<void>> {
  const { PYTHONHOME: _home, PYTHONPATH: _path, ...env } = site.env
  const script = fileURLToPath(new URL('./environment.py', import.meta.url))
  const child = spawn(python, ['-I', script, request], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let result: Result<void> = fail(makingFailed(environment, 'python', ''))
  let noise = ''
  const stop = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
  }
  site.signal.addEventListener('abort', stop, { once: true })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    noise = tail(noise + text)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as { state: string; stage?: string; output?: string }
    if (said.state === 'waiting') {
      site.notice('waiting for another process that is making the Python environment for dbt')
    } else if (said.state === 'making') {
      site.notice('making the Python environment for dbt (once; up to a minute)')
    } else if (said.state === 'done') {
      result = ok(undefined)
    } else {
      const output = redact(said.output ?? '', site.target.secrets)
      result = fail(makingFailed(environment, said.stage ?? '', output))
    }
  })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(fail(makingFailed(environment, 'python', error.message))))
    child.on('close', () => {
      site.signal.removeEventListener('abort', stop)
      if (site.signal.aborted) resolve(fail(cancelled))
      else if (!result.ok && noise !== '') {
        resolve(fail(makingFailed(environment, 'python', redact(noise, site.target.secrets))))
      } else resolve(result)
    })
  })
}

const cancelled: Problem = {
  code: 'cancelled',
  message: "making dbt's Python environment was cancelled",
}

function makingFailed(environment: Environment, stage: string, output: string): Problem {
  const detail = tail(output).trim()
  const words = detail === '' ? {} : { detail }
  if (stage === 'venv' || stage === 'ensurepip') {
    return {
      code: 'python-venv-missing',
      message: "Python can't make an environment for dbt: its venv module is missing or broken",
      ...words,
      hint: 'install it (Debian and Ubuntu: apt install python3-venv) and run the same command again',
    }
  }
  return {
    code: 'python-environment',
    message:
      stage === 'install'
        ? `the packages of ${environment.requirements} could not be installed`
        : `dbt's Python environment could not be made in ${environment.folder}`,
    ...words,
    hint: 'mend what the text above names (network, disk, the requirements file) and run the same command again',
  }
}

function touch(environment: Environment): void {
  const now = new Date()
  if (!environment.given) utimesSync(join(environment.folder, MARKER), now, now)
}

/** Removes environments that no command has used for a week. */
function sweep(environment: Environment, site: Workshop): void {
  const home = join(site.home, 'python')
  for (const entry of readdirSync(home, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const folder = join(home, entry.name)
    const marker = statSync(join(folder, MARKER), { throwIfNoEntry: false })
    if (folder === environment.folder || marker === undefined) continue
    if (site.clock() - marker.mtimeMs > KEPT_MS) rmSync(folder, { recursive: true, force: true })
  }
}

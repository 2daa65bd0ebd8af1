import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { fileStats } from '../lib/file-stats.ts'
import { hash } from '../lib/hash.ts'
import { markOfThisProcess } from '../lib/left-processes.ts'
import { redact, tail } from '../lib/output-text.ts'
import { releaseGroup, signalGroup, spawnGroup } from '../lib/process-groups.ts'
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import type { Site } from '../ports/site.ts'
import { findOnPath, findPython } from './find-python.ts'
import { installerEnvironment } from './installer-environment.ts'

/** A Python environment. */
export interface Environment {
  /** The program that it is for: `dbt`. */
  readonly user: string
  /** Absolute path. That of one which is created from requirements is named after their hash. */
  readonly folder: string
  /** Absolute path of its interpreter. */
  readonly python: string
  /** Absolute path of the file that it is created from; null: it is another's, used as it is and never created. */
  readonly requirements: string | null
  /** What creating it takes, for people; absent for up to a minute. */
  readonly effort?: string
}

/** An environment that is created from requirements. */
export type LockedEnvironment = Environment & { readonly requirements: string }

/** What creating an environment needs of a site. */
export type EnvironmentSite = Pick<
  Site,
  'env' | 'shell' | 'home' | 'target' | 'signal' | 'clock' | 'notice'
>

const MARKER = 'complete.json'
/** Environments of former requirements are removed when no command has used them for this long. */
const UNUSED_LIMIT_MS = 7 * 24 * 3_600_000

/**
 * The environment of `user` for the requirements file at this absolute path, in the folder `home`. Creates nothing.
 * Problem `requirements-missing`: the file does not exist.
 */
export function lockedEnvironment(
  user: string,
  requirements: string,
  home: string,
  effort?: string,
): Result<LockedEnvironment> {
  if (!existsSync(requirements)) {
    return fail({
      code: 'requirements-missing',
      message: `${requirements} does not exist, so ${user}'s Python environment can't be created`,
      hint: 'create it with the packages that it needs, locked with: uv pip compile --generate-hashes',
    })
  }
  const folder = join(home, 'python', hash(readFileSync(requirements, 'utf8')).slice(0, 12))
  return ok({
    ...(effort === undefined ? {} : { effort }),
    user,
    folder,
    requirements,
    python: join(folder, 'bin/python'),
  })
}

/**
 * Whether the environment can be used: its marker names this folder, because an environment can't be
 * moved, and the interpreter that created it.
 */
export function isComplete(environment: Environment): boolean {
  if (environment.requirements === null) return true
  try {
    const marker: unknown = JSON.parse(readFileSync(join(environment.folder, MARKER), 'utf8'))
    const { python, folder } = marker as { python?: unknown; folder?: unknown }
    return folder === environment.folder && python === realpathSync(environment.python)
  } catch {
    return false
  }
}

/**
 * Creates the environment unless it is complete. Waits for another process that is creating it.
 * Problems: `python-missing`, `python-venv-missing`, `python-environment` with the output of pip or uv
 * in the detail, `cancelled`.
 */
export async function createEnvironment(
  environment: Environment,
  site: EnvironmentSite,
): Promise<Result<void>> {
  const { folder, requirements } = environment
  if (requirements === null) return ok(undefined)
  if (isComplete(environment)) {
    touch(environment)
    return ok(undefined)
  }
  const python = await findPython(site.env, environment.user)
  if (!python.ok) return python
  const marker = join(environment.folder, MARKER)
  const request = { folder, marker, requirements, uv: findOnPath('uv', site.env) }
  const created = await runEnvironmentScript(python.value, request, environment, site)
  if (created.ok) removeUnused(environment, site)
  return created
}

/** What `environment.py` is asked to create. `uv` is the path of that program, or null for pip. */
interface ScriptRequest {
  readonly folder: string
  readonly marker: string
  readonly requirements: string
  readonly uv: string | null
}

/** One line that `environment.py` prints. */
interface ScriptEvent {
  readonly state: 'waiting' | 'creating' | 'done' | 'failed'
  readonly stage?: string
  readonly output?: string
}

/** Runs `environment.py`, which creates the environment. */
function runEnvironmentScript(
  python: string,
  request: ScriptRequest,
  environment: Environment,
  site: EnvironmentSite,
): Promise<Result<void>> {
  const { user, effort = 'up to a minute' } = environment
  const { PYTHONHOME: _home, PYTHONPATH: _path, ...env } = installerEnvironment(site)
  const script = fileURLToPath(new URL('./environment.py', import.meta.url))
  const child = spawnGroup(() =>
    spawn(python, ['-I', script, JSON.stringify(request)], {
      env: { ...env, ...markOfThisProcess() },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    }),
  )
  const { pid } = child
  let result: Result<void> = fail(creationFailed(environment, 'python', ''))
  let errors = ''
  const stop = () => {
    signalGroup(pid, 'SIGTERM')
  }
  site.signal.addEventListener('abort', stop, { once: true })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = tail(errors + text)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as ScriptEvent
    if (event.state === 'waiting') {
      site.notice(`waiting for another process that is creating ${user}'s Python environment`)
    } else if (event.state === 'creating') {
      site.notice(`creating ${user}'s Python environment (once; ${effort})`)
    } else if (event.state === 'done') {
      result = ok(undefined)
    } else {
      const output = redact(event.output ?? '', site.target.secrets)
      result = fail(creationFailed(environment, event.stage ?? '', output))
    }
  })
  return new Promise((resolve) => {
    child.on('error', (error) =>
      resolve(fail(creationFailed(environment, 'python', error.message))),
    )
    child.on('close', () => {
      site.signal.removeEventListener('abort', stop)
      if (pid !== undefined) releaseGroup(pid)
      if (site.signal.aborted) resolve(fail(cancelled(user)))
      else if (!result.ok && errors !== '') {
        resolve(fail(creationFailed(environment, 'python', redact(errors, site.target.secrets))))
      } else resolve(result)
    })
  })
}

const cancelled = (user: string): Problem => ({
  code: 'cancelled',
  message: `the creation of ${user}'s Python environment was cancelled`,
})

function creationFailed(environment: Environment, stage: string, output: string): Problem {
  const detail = tail(output).trim()
  const words = detail === '' ? {} : { detail }
  if (stage === 'venv' || stage === 'ensurepip') {
    return {
      code: 'python-venv-missing',
      message: `Python can't create an environment for ${environment.user}: its venv module is missing or broken`,
      ...words,
      hint: 'install it (Debian and Ubuntu: apt install python3-venv) and run the same command again',
    }
  }
  return {
    code: 'python-environment',
    message:
      stage === 'install'
        ? `can't install the packages of ${environment.requirements}`
        : `can't create ${environment.user}'s Python environment in ${environment.folder}`,
    ...words,
    hint: 'correct what the output reports (network, disk or the requirements file) and run the same command again',
  }
}

/** Notes that the environment is in use, for `removeUnused`. */
function touch(environment: Environment): void {
  const now = new Date()
  utimesSync(join(environment.folder, MARKER), now, now)
}

/** Removes environments that no command has used for a week. */
function removeUnused(environment: Environment, site: EnvironmentSite): void {
  const home = join(site.home, 'python')
  for (const entry of readdirSync(home, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const folder = join(home, entry.name)
    const marker = fileStats(join(folder, MARKER))
    if (folder === environment.folder || marker === undefined) continue
    if (site.clock() - marker.mtimeMs > UNUSED_LIMIT_MS)
      rmSync(folder, { recursive: true, force: true })
  }
}

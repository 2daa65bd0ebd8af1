import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { thisMachine, whyNoHyper } from '../../framework/formats/hyper/platform.ts'
import { ok, type Result } from '../../framework/model/problem.ts'
import {
  createEnvironment,
  type EnvironmentSite,
  lockedEnvironment,
} from '../../framework/python/environment.ts'
import { findOnPath, findPython } from '../../framework/python/find-python.ts'
import { REPOSITORY } from './cli.ts'

/**
 * The Python environment of the repository's own dbt project, created once under the repository's
 * `.assets/` and shared by every test that runs dbt. Pass it to them as ASSETS_PYTHON_ENV.
 */
export async function sharedPython(): Promise<string> {
  if (process.env.ASSETS_PYTHON_ENV) return process.env.ASSETS_PYTHON_ENV
  const created = await pythonWith('dbt/requirements.txt')
  if (!created.ok)
    throw new Error(`${created.problems[0]!.message}\n${created.problems[0]!.detail}`)
  return created.value
}

/**
 * The Python environment of Hyper, created once under the repository's `.assets/` and shared by every test. Pass it to
 * them as ASSETS_HYPER_PYTHON_ENV. null where Hyper does not run.
 */
export async function sharedHyper(): Promise<string | null> {
  if (process.env.ASSETS_HYPER_PYTHON_ENV) return process.env.ASSETS_HYPER_PYTHON_ENV
  if (whyNoHyper(thisMachine()) !== null) return null
  const created = await pythonWith('framework/formats/hyper/hyper-requirements.txt', 'Hyper')
  if (!created.ok)
    throw new Error(`${created.problems[0]!.message}\n${created.problems[0]!.detail}`)
  return created.value
}

/** The folder of an environment with these requirements, a file of the repository. Created once. */
export async function pythonWith(requirements: string, user = 'dbt'): Promise<Result<string>> {
  const { ASSETS_PYTHON_ENV: _given, ...env } = process.env
  const site = environmentSite({ home: join(REPOSITORY, '.assets'), env })
  const environment = lockedEnvironment(user, join(REPOSITORY, requirements), site.home)
  if (!environment.ok) return environment
  const created = await createEnvironment(environment.value, site)
  return created.ok ? ok(environment.value.folder) : created
}

/** What creating an environment needs of a site, on a local target. */
export function environmentSite(
  site: Pick<EnvironmentSite, 'home' | 'env'> & Partial<EnvironmentSite>,
): EnvironmentSite {
  return {
    shell: site.env,
    target: {
      name: 'local',
      warehouse: null,
      connections: {},
      state: { type: 'sqlite', settings: {}, at: { file: '', path: [] } },
      confirm: false,
      secrets: [],
    },
    signal: new AbortController().signal,
    clock: Date.now,
    notice: (message) => console.warn(message),
    ...site,
  }
}

/** The program that installs packages into an environment. */
export type Installer = 'pip' | 'uv'

/**
 * Fills `folder` for use as the whole PATH: this machine's Python and, for `uv`, the machine's uv. On a
 * machine without uv, a script that installs with pip takes its place.
 */
export async function pathWith(installer: Installer, folder: string): Promise<void> {
  const python = await findPython(process.env, 'dbt')
  if (!python.ok) throw new Error(python.problems[0]!.message)
  mkdirSync(folder, { recursive: true })
  const script = (name: string, text: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  script('python3', `exec '${python.value}' "$@"`)
  if (installer === 'pip') return
  const uv = findOnPath('uv', process.env)
  if (uv !== null) symlinkSync(uv, join(folder, 'uv'))
  else {
    // `uv pip install --quiet --python <python> …`
    script(
      'uv',
      `[ "$1 $2 $3 $4" = "pip install --quiet --python" ] || { echo "unexpected: $*"; exit 2; }
python="$5"; shift 5
exec '${python.value}' -m pip --python "$python" install --quiet --no-input "$@"`,
    )
  }
}

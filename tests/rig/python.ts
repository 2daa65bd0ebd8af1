import { join } from 'node:path'
import {
  environmentOf,
  createEnvironment,
  type EnvironmentSite,
} from '../../framework/kinds/dbt/python/environment.ts'
import { ok, type Result } from '../../framework/model/problem.ts'
import { REPOSITORY } from './cli.ts'

/**
 * The Python environment of the repository's own dbt project, made once under the repository's
 * `.assets/` and shared by every test that runs dbt; give it to them as ASSETS_PYTHON_ENV.
 */
export async function sharedPython(): Promise<string> {
  if (process.env.ASSETS_PYTHON_ENV) return process.env.ASSETS_PYTHON_ENV
  const made = await pythonWith('dbt/requirements.txt')
  if (!made.ok) throw new Error(`${made.problems[0]!.message}\n${made.problems[0]!.detail}`)
  return made.value
}

/** The folder of an environment with these requirements, a file of the repository; made once. */
export async function pythonWith(requirements: string): Promise<Result<string>> {
  const { ASSETS_PYTHON_ENV: _given, ...env } = process.env
  const workshop: EnvironmentSite = {
    env,
    home: join(REPOSITORY, '.assets'),
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
  }
  const environment = environmentOf(join(REPOSITORY, requirements), workshop)
  if (!environment.ok) return environment
  const made = await createEnvironment(environment.value, workshop)
  return made.ok ? ok(environment.value.folder) : made
}

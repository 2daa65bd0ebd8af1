import { join } from 'node:path'
import {
  environmentOf,
  makeEnvironment,
  type Workshop,
} from '../../framework/kinds/dbt/environment.ts'
import { REPOSITORY } from './cli.ts'

/**
 * The Python environment of the repository's own dbt project, made once under the repository's
 * `.assets/` and shared by every test that runs dbt; give it to them as ASSETS_PYTHON_ENV.
 */
export async function sharedPython(): Promise<string> {
  if (process.env.ASSETS_PYTHON_ENV) return process.env.ASSETS_PYTHON_ENV
  const workshop: Workshop = {
    env: process.env,
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
  const environment = environmentOf(join(REPOSITORY, 'dbt/requirements.txt'), workshop)
  if (!environment.ok) throw new Error(environment.problems[0]!.message)
  const made = await makeEnvironment(environment.value, workshop)
  if (!made.ok) throw new Error(`${made.problems[0]!.message}\n${made.problems[0]!.detail}`)
  return environment.value.folder
}

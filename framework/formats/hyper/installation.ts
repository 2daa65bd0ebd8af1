import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ok, type Result } from '../../model/problem.ts'
import type { Site } from '../../ports/site.ts'
import {
  createEnvironment,
  type Environment,
  isComplete,
  lockedEnvironment,
} from '../../python/environment.ts'

/** Where Hyper is installed. */
export interface Installation {
  readonly environment: Environment
  /** Whether it is there and can be used. */
  readonly isComplete: boolean
}

/** The packages of Hyper at locked versions, checked by hash. */
const REQUIREMENTS = fileURLToPath(new URL('./hyper-requirements.txt', import.meta.url))

/**
 * Where Hyper is or will be: the environment that ASSETS_HYPER_PYTHON_ENV names, else one that is created. Creates
 * nothing.
 */
export function findInstallation({
  env,
  home,
  root,
}: Pick<Site, 'env' | 'home' | 'root'>): Result<Installation> {
  const set = env.ASSETS_HYPER_PYTHON_ENV
  if (set) {
    const named = resolve(root, set)
    const python = join(named, 'bin/python')
    const environment = { user: 'Hyper', folder: named, python, requirements: null }
    return ok({ environment, isComplete: hyperdIn(named) !== null })
  }
  const locked = lockedEnvironment('Hyper', REQUIREMENTS, home, '91 MB to download')
  if (!locked.ok) return locked
  return ok({ environment: locked.value, isComplete: isComplete(locked.value) })
}

/** Creates the environment unless it is there. Problems: those of `createEnvironment`. */
export function install({ environment }: Installation, site: Site): Promise<Result<void>> {
  return createEnvironment(environment, site)
}

/** The absolute path of the program `hyperd` in an environment; null if it is not there. */
export function hyperdIn(folder: string): string | null {
  const lib = join(folder, 'lib')
  if (!existsSync(lib)) return null
  for (const name of readdirSync(lib)) {
    const program = join(lib, name, 'site-packages/tableauhyperapi/bin/hyper/hyperd')
    if (existsSync(program)) return program
  }
  return null
}

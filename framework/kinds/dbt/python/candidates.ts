import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileStats } from '../../../lib/file-stats.ts'
import type { Site } from '../../../ports/site.ts'
import { findOnPath } from '../../../python/find-python.ts'
import { warehouseTypeOf } from '../profile/type-in-profile.ts'
import { interpreterOf } from './script-interpreter.ts'

/** What finding an environment needs of a site. */
export type FindSite = Pick<Site, 'env' | 'home' | 'root' | 'target' | 'project'>

/** A place where dbt may be. */
export interface Candidate {
  /** Absolute path of its interpreter; null if what was found is no Python program. */
  readonly python: string | null
  /** Absolute path for messages: the folder of the environment, or the program. */
  readonly at: string
  /** How it was found, after its path: `set by ASSETS_PYTHON_ENV`. */
  readonly how: string
  /**
   * `named`: it is used, or a problem. `project`: it is skipped if it lacks dbt or the adapter. `machine`: it is
   * skipped also if its dbt-core is of a version that is not supported.
   */
  readonly by: 'named' | 'project' | 'machine'
  /** Whether the key `dbt.python` names it. */
  readonly byKey: boolean
}

/**
 * The places where dbt may be, in order: ASSETS_PYTHON_ENV, `dbt.python`, the virtual environment in use,
 * `.venv` and `venv` of the dbt project and of the project, `dbt` on PATH. Only the first, if the
 * project names requirements or wants its own environment.
 */
export function* candidates(site: FindSite): Generator<Candidate> {
  const { env, root, project } = site
  const set = env.ASSETS_PYTHON_ENV
  if (set) {
    yield candidate(resolve(root, set), 'set by ASSETS_PYTHON_ENV', 'named')
    return
  }
  const named = project.dbt?.python ?? null
  if (named !== null && named !== 'own') {
    const path = resolve(root, named.replace(/^~(?=\/|$)/, env.HOME ?? homedir()))
    yield { ...candidate(path, 'set by dbt.python', 'named'), byKey: true }
    return
  }
  if (named === 'own' || requirementsOf(site) !== null) return
  for (const name of ['VIRTUAL_ENV', 'CONDA_PREFIX']) {
    const folder = env[name]
    if (folder) yield candidate(folder, `in use: ${name}`, 'project')
  }
  const projectDir = resolve(root, project.dbt?.projectDir ?? '.')
  for (const folder of new Set([projectDir, root])) {
    for (const name of ['.venv', 'venv']) {
      const path = join(folder, name)
      if (existsSync(join(path, 'bin'))) yield candidate(path, 'found in the project', 'project')
    }
  }
  const program = findOnPath('dbt', env)
  if (program === null) return
  const python = interpreterOf(program, root, env)
  const at = python === null ? program : dirname(dirname(python))
  yield { python, at, how: 'dbt on PATH', by: 'machine', byKey: false }
}

/** The file that dbt's own environment is created from, as the project names it; null for the tool's own. */
export function requirementsOf(site: FindSite): string | null {
  const named = site.project.dbt?.requirements ?? null
  if (named === null || typeof named === 'string') return named
  const type = warehouseTypeOf(site)
  return type !== null && Object.hasOwn(named, type) ? named[type]! : null
}

function candidate(path: string, how: string, by: Candidate['by']): Candidate {
  const python = pythonIn(path)
  return { python, at: dirname(dirname(python)), how, by, byKey: false }
}

/** The interpreter of an environment's folder; a path that is no folder is one. */
function pythonIn(path: string): string {
  const stats = fileStats(path)
  if (stats !== undefined && !stats.isDirectory()) return path
  const python = join(path, 'bin/python')
  const other = join(path, 'bin/python3')
  return existsSync(python) || !existsSync(other) ? python : other
}

import type { FindLibrary } from '../../../ports/kind.ts'
import { isComplete } from '../../../python/environment.ts'
import { findEnvironment } from './find-environment.ts'
import { installedPackages } from './installed-packages.ts'

/** Finds a library in the environment that runs dbt. null: no dbt project, or the environment does not exist yet. */
export const findLibrary: FindLibrary = (name, site) => {
  if (site.project.dbt === null) return null
  const found = findEnvironment(site)
  if (!found.ok || !isComplete(found.value.environment)) return null
  const { python } = found.value.environment
  const version = installedPackages(python).get(name)
  return version === undefined ? null : { python, version }
}

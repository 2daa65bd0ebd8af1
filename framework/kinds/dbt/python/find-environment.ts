import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hash } from '../../../lib/hash.ts'
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import { type Environment, lockedEnvironment } from '../../../python/environment.ts'
import { warehouseTypeOf } from '../profile/type-in-profile.ts'
import { type Candidate, candidates, type FindSite, requirementsOf } from './candidates.ts'
import { installedPackages } from './installed-packages.ts'
import { lacksPackage, noPython, unsupportedVersion } from './problems.ts'
import { support } from './versions.ts'

/** The environment that runs dbt. */
export interface FoundEnvironment {
  readonly environment: Environment
  /** How it was found, after its path: `set by ASSETS_PYTHON_ENV`. */
  readonly how: string
  /** What comes before it and is not used, with the reason. */
  readonly skipped: readonly string[]
}

/**
 * The environment that runs dbt: the first of `candidates` with a supported dbt-core and the adapter of the
 * target's warehouse; else the one that is created from locked requirements. Starts no program and
 * creates nothing. Problems: `python-environment`, `dbt-missing`, `dbt-version`, `requirements-missing`.
 */
export function findEnvironment(site: FindSite): Result<FoundEnvironment> {
  const adapter = adapterOf(site)
  const skipped: string[] = []
  for (const candidate of candidates(site)) {
    const { at, python, how } = candidate
    const use = usable(candidate, adapter, site)
    if (use === 'yes') {
      const environment = { user: 'dbt', folder: at, python: python!, requirements: null }
      return ok({ environment, how, skipped })
    }
    if (typeof use !== 'string') return fail(use)
    skipped.push(`${at} (${how}) ${use}`)
  }
  const named = requirementsOf(site)
  const requirements = named === null ? shippedRequirements(adapter) : resolve(site.root, named)
  const created = lockedEnvironment('dbt', requirements, site.home)
  if (!created.ok) return created
  const how = `made by assets from ${named ?? 'its own list of versions'}`
  return ok({ environment: created.value, how, skipped })
}

/** `yes`, else why a candidate is skipped, or the problem that it is. */
function usable(candidate: Candidate, adapter: string, site: FindSite): 'yes' | string | Problem {
  const { python, by } = candidate
  if (python === null) return 'is no Python program'
  if (!existsSync(python)) {
    return by === 'named' ? noPython(candidate, site) : 'has no Python any more'
  }
  const packages = installedPackages(python)
  const core = packages.get('dbt-core')
  if (core === undefined || !packages.has(adapter)) {
    const lacking = core === undefined ? 'dbt-core' : adapter
    return by === 'named'
      ? lacksPackage(candidate, lacking, adapter, packages, site)
      : `lacks ${lacking}`
  }
  const found = support(core)
  if (found === 'supported') return 'yes'
  if (by === 'machine') return `has dbt-core ${core}, which is ${found}`
  return unsupportedVersion(candidate, core, found, adapter, packages, site)
}

/**
 * What dbt makes of a project depends on the packages of its environment. Equal keys mean the same
 * interpreter with the same versions. An environment that assets creates has its key before it exists.
 */
export function environmentKey({ folder, python, requirements }: Environment): string {
  if (requirements !== null) return folder
  return hash(python, ...[...installedPackages(python)].flat())
}

/**
 * The package of dbt's adapter for the target's warehouse. That of a type without an adapter of ours is not looked for:
 * the type is the problem, and dbt itself names it.
 */
export function adapterOf(site: FindSite): string {
  const adapter = `dbt-${warehouseTypeOf(site) ?? 'duckdb'}`
  return existsSync(shippedRequirements(adapter)) ? adapter : 'dbt-duckdb'
}

/** The locked requirements for an adapter that come with the tool. */
const shippedRequirements = (adapter: string): string =>
  fileURLToPath(new URL(`./requirements-${adapter.slice('dbt-'.length)}.txt`, import.meta.url))

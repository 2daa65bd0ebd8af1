import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bad, factOf, good, type HealthFact } from '../../model/health-fact.ts'
import type { ExamineTools } from '../../ports/health.ts'
import type { Site } from '../../ports/site.ts'
import { type Environment, isComplete } from '../../python/environment.ts'
import { findPython } from '../../python/find-python.ts'
import { requirementsOf } from './python/candidates.ts'
import { adapterOf, type FoundEnvironment, findEnvironment } from './python/find-environment.ts'
import { installedPackages } from './python/installed-packages.ts'

/** Examines the Python that runs dbt, and compares the installed packages with the locked ones. Changes nothing. */
export const examine: ExamineTools = async function* (site, signal) {
  if (site.project.dbt === null) return
  const found = findEnvironment(site)
  if (!found.ok) {
    yield* found.problems.map((problem) => factOf('environment', problem))
    return
  }
  const { environment } = found.value
  if (isComplete(environment)) {
    yield await pythonFact(environment.python, site, signal)
    yield good('environment', environmentText(found.value, site))
    const requirements = environment.requirements ?? requirementsOf(site)
    if (requirements !== null) yield packageFact(environment, resolve(site.root, requirements))
    return
  }
  const python = await findPython(site.env, 'dbt')
  yield python.ok
    ? await pythonFact(python.value, site, signal)
    : factOf('python', python.problems[0]!)
  yield good(
    'environment',
    [
      `not created yet: the first build creates it, which takes up to a minute; it is ${found.value.how}`,
      ...skippedText(found.value),
    ].join('; '),
  )
}

/** The path, the versions, how it was found, and what was skipped. */
function environmentText(found: FoundEnvironment, site: Site): string {
  const { folder, python } = found.environment
  const packages = installedPackages(python)
  const versions = ['dbt-core', adapterOf(site)].map(
    (name) => `${name} ${packages.get(name) ?? 'missing'}`,
  )
  const inside = relative(site.root, folder)
  const path = inside === '' || inside.startsWith('..') ? folder : inside
  return [`${path}, ${versions.join(', ')}, ${found.how}`, ...skippedText(found)].join('; ')
}

const skippedText = ({ skipped }: FoundEnvironment): readonly string[] =>
  skipped.map((one) => `skipped ${one}`)

async function pythonFact(python: string, { env }: Site, signal: AbortSignal): Promise<HealthFact> {
  try {
    const { stdout } = await promisify(execFile)(python, ['--version'], {
      env: { ...env },
      signal,
    })
    return good('python', `${stdout.trim()}, ${python}`)
  } catch (error) {
    return bad(
      'python',
      `${python} does not run: ${(error as Error).message}`,
      'remove the environment if assets made it: the next build creates a new one; else name another one with dbt.python',
    )
  }
}

/** The packages whose versions decide how models are built. */
const BUILD_PACKAGES = /^(dbt-core|dbt-(?!adapters|common|extractor|protos|semantic).+|duckdb)$/

function packageFact({ python }: Environment, requirements: string): HealthFact {
  const locked = lockedIn(requirements)
  const installed = installedPackages(python)
  const different = locked.filter(([name, version]) => installed.get(name) !== version)
  if (different.length === 0) {
    return good('packages', locked.map(([name, version]) => `${name} ${version}`).join(', '))
  }
  const differences = different.map(
    ([name, version]) => `${name} is ${installed.get(name) ?? 'missing'}, locked is ${version}`,
  )
  const fix = `install ${basename(requirements)} into the environment, or unset ASSETS_PYTHON_ENV to let assets create one`
  return bad('packages', differences.join('; '), fix)
}

/** Name and version of each build package in the requirements file. */
function lockedIn(requirements: string): readonly (readonly [string, string])[] {
  const lines = textOf(requirements).matchAll(/^([\w.-]+)==([^\s;\\]+)/gm)
  return [...lines].flatMap(([, name, version]) =>
    BUILD_PACKAGES.test(name!) ? [[name!, version!] as const] : [],
  )
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bad, factOf, good, type HealthFact } from '../../model/health-fact.ts'
import type { ExamineTools } from '../../ports/health.ts'
import type { Site } from '../../ports/site.ts'
import { requirementsOf } from './project.ts'
import { type Environment, environmentOf, isComplete } from './python/environment.ts'
import { findPython } from './python/find-python.ts'

/** Examines the Python that runs dbt, and compares the installed packages with the locked ones. Changes nothing. */
export const examine: ExamineTools = async function* (site, signal) {
  const { dbt } = site.project
  if (dbt === null) return
  const found = environmentOf(requirementsOf(resolve(site.root, dbt.projectDir), site), site)
  if (!found.ok) {
    yield* found.problems.map((problem) => factOf('environment', problem))
    return
  }
  const environment = found.value
  if (isComplete(environment)) {
    yield await pythonFact(environment.python, site, signal)
    yield good('environment', environmentText(environment, site))
    yield* packageFacts(environment)
    return
  }
  const python = await findPython(site.env)
  yield python.ok
    ? await pythonFact(python.value, site, signal)
    : factOf('python', python.problems[0]!)
  yield good(
    'environment',
    'not created yet: the first build creates it, which takes up to a minute',
  )
}

function environmentText({ folder, given }: Environment, { root }: Site): string {
  if (given) return `${folder}, set by ASSETS_PYTHON_ENV`
  return relative(root, folder)
}

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
      'unset ASSETS_PYTHON_ENV, or remove the environment: the next build creates a new one',
    )
  }
}

/** The packages whose versions decide how models are built. */
const BUILD_PACKAGES = /^(dbt-core|dbt-(?!adapters|common|extractor|protos|semantic).+|duckdb)$/

function packageFacts({ folder, requirements }: Environment): readonly HealthFact[] {
  const locked = lockedIn(requirements)
  const installed = installedIn(folder)
  const different = locked.filter(([name, version]) => installed.get(name) !== version)
  if (different.length === 0) {
    return [good('packages', locked.map(([name, version]) => `${name} ${version}`).join(', '))]
  }
  const differences = different.map(
    ([name, version]) => `${name} is ${installed.get(name) ?? 'missing'}, locked is ${version}`,
  )
  const fix = `install ${basename(requirements)} into the environment, or unset ASSETS_PYTHON_ENV to let assets create one`
  return [bad('packages', differences.join('; '), fix)]
}

/** Name and version of each build package in the requirements file. */
function lockedIn(requirements: string): readonly (readonly [string, string])[] {
  const lines = textOf(requirements).matchAll(/^([\w.-]+)==([^\s;\\]+)/gm)
  return [...lines].flatMap(([, name, version]) =>
    BUILD_PACKAGES.test(name!) ? [[name!, version!] as const] : [],
  )
}

/** Installed versions by name, read from the folders that pip writes: `dbt_core-1.11.16.dist-info`. */
function installedIn(folder: string): ReadonlyMap<string, string> {
  const libraries = entries(join(folder, 'lib')).filter((name) => name.startsWith('python3'))
  const found = libraries.flatMap((name) => entries(join(folder, 'lib', name, 'site-packages')))
  return new Map(
    found.flatMap((entry) => {
      const [, name, version] = /^(.+)-([^-]+)\.dist-info$/.exec(entry) ?? []
      return name === undefined ? [] : [[name.replaceAll('_', '-').toLowerCase(), version!]]
    }),
  )
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

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

/** The Python that dbt runs on, and whether what is installed is what was locked. Makes nothing. */
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
  yield good('environment', 'not made yet: the first build makes it, which takes up to a minute')
}

function environmentText({ folder, given }: Environment, { root }: Site): string {
  if (given) return `${folder}, given by ASSETS_PYTHON_ENV`
  return `made in ${relative(root, folder)}`
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
      'unset ASSETS_PYTHON_ENV, or remove the environment: the next build makes it anew',
    )
  }
}

/** What decides how models are built. */
const MATTERS = /^(dbt-core|dbt-(?!adapters|common|extractor|protos|semantic).+|duckdb)$/

function packageFacts({ folder, requirements }: Environment): readonly HealthFact[] {
  const locked = lockedIn(requirements)
  const installed = installedIn(folder)
  const wrong = locked.filter(([name, version]) => installed.get(name) !== version)
  if (wrong.length === 0) {
    return [good('packages', locked.map(([name, version]) => `${name} ${version}`).join(', '))]
  }
  const told = wrong.map(
    ([name, version]) => `${name} is ${installed.get(name) ?? 'missing'}, locked is ${version}`,
  )
  const fix = `install ${basename(requirements)} there, or unset ASSETS_PYTHON_ENV: then one is made`
  return [bad('packages', told.join('; '), fix)]
}

/** `name==version` of the lock file, of the packages that matter. */
function lockedIn(requirements: string): readonly (readonly [string, string])[] {
  const lines = textOf(requirements).matchAll(/^([\w.-]+)==([^\s;\\]+)/gm)
  return [...lines].flatMap(([, name, version]) =>
    MATTERS.test(name!) ? [[name!, version!] as const] : [],
  )
}

/** Versions by name, as pip leaves them beside packages: `dbt_core-1.11.16.dist-info`. */
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

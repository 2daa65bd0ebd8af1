import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import type { BaseFolders, Lent } from '../../ports/kind.ts'
import type { Site } from '../../ports/site.ts'
import { profilesFile } from './profile/profiles-file.ts'
import { findEnvironment } from './python/find-environment.ts'

/** Files that say which packages a dbt project has. */
const WANTED = ['packages.yml', 'dependencies.yml']
/** What `dbt deps` made of them. dbt writes it if it is missing. */
const LOCK = 'package-lock.yml'

/**
 * What the dbt project of another commit takes from this one: the Python environment, profiles.yml if git does not have
 * it, and the installed packages, unless another list of packages asks for others.
 */
export function lend(site: Site, base: BaseFolders): Lent {
  const found = findEnvironment(site)
  const python = found.ok ? { ASSETS_PYTHON_ENV: found.value.environment.python } : {}
  const dir = site.project.dbt?.projectDir
  if (dir === undefined) return { env: python, also: [], not: [] }
  const here = resolve(site.root, dir)
  const there = resolve(base.root, dir)
  const profiles = profilesFile(here, site.env)
  const hasOwn = !hasSamePackages(here, there) || hasCopiedPackages(here)
  return {
    env: { ...python, ...profilesDir(site, here, base.top) },
    also: [profiles],
    not: hasOwn ? [join(here, installPath(here)), join(here, LOCK)] : [],
  }
}

/** A relative DBT_PROFILES_DIR that leads out of the repository is the same folder for both. */
function profilesDir({ env }: Site, here: string, top: string): Readonly<Record<string, string>> {
  const { DBT_PROFILES_DIR: stated } = env
  if (!stated || isAbsolute(stated)) return {}
  const folder = resolve(here, stated)
  return relative(top, folder).startsWith('..') ? { DBT_PROFILES_DIR: folder } : {}
}

/** Whether both ask for the same packages. A lock file that only one of them has is not compared. */
function hasSamePackages(here: string, there: string): boolean {
  const isSame = (file: string) => textOf(join(here, file)) === textOf(join(there, file))
  const hasLocks = [here, there].every((folder) => existsSync(join(folder, LOCK)))
  return WANTED.every(isSame) && (!hasLocks || isSame(LOCK))
}

/**
 * Whether a package of a folder of the repository was copied, because dbt could not link to it: the copy is that of
 * the working tree.
 */
function hasCopiedPackages(here: string): boolean {
  const local = WANTED.flatMap(
    (file) => textOf(join(here, file)).match(/^[^\S\n]*(?:-[^\S\n]*)*local:/gm) ?? [],
  )
  const installed = join(here, installPath(here))
  if (local.length === 0 || !existsSync(installed)) return false
  const links = readdirSync(installed).filter((name) =>
    lstatSync(join(installed, name)).isSymbolicLink(),
  )
  return links.length < local.length
}

/** Where dbt installs packages, relative to its project. */
function installPath(here: string): string {
  const text = textOf(join(here, 'dbt_project.yml'))
  const stated = /^packages[-_]install[-_]path:[ \t]*['"]?([^'"#\n]+)/m.exec(text)?.[1]?.trim()
  return stated === undefined || stated === '' || stated.includes('{{') ? 'dbt_packages' : stated
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

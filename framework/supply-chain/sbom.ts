import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { billOfMaterials, type Subject } from './bill-of-materials.ts'
import { dependencyPage, pythonLicences } from './dependency-page.ts'
import { bundledPackages, type LockedPackages, npmComponents } from './npm-lock.ts'
import { pythonComponents } from './python-locks.ts'

// `npm run sbom` writes dist/sbom.cdx.json: what the package consists of and what it installs, from the lock
// files and the bundle. The npm package contains it. SOURCE_DATE_EPOCH sets its time, in seconds.

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const LOCKS = [
  ['framework/kinds/dbt/python', 'requirements-duckdb.txt'],
  ['framework/kinds/dbt/python', 'requirements-snowflake.txt'],
  ['framework/formats/hyper', 'hyper-requirements.txt'],
] as const

/** The bill of materials of this repository. Reads its lock files, `dist/LICENSES.txt` and decisions/0009. */
export function repositoryBill(at: Date) {
  const read = (...path: readonly string[]) => readFileSync(join(ROOT, ...path), 'utf8')
  const subject = JSON.parse(read('package.json')) as Subject & {
    readonly dependencies: Readonly<Record<string, string>>
  }
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: LockedPackages }
  const npm = npmComponents(packages, bundledPackages(read('dist', 'LICENSES.txt')))
  const locks = LOCKS.map(([folder, lock]) => [lock, read(folder, lock)] as const)
  const page = dependencyPage(read('framework/decisions/0009-dependencies.md'))
  const python = pythonComponents(Object.fromEntries(locks), pythonLicences(page))
  const needs = npm.filter(
    ({ name, version, use }) => use === 'bundled' || subject.dependencies[name] === version,
  )
  // No lock says which Python package needs which, so all count as the program's own.
  const direct = [...needs, ...python].map(({ purl }) => purl)
  return billOfMaterials(subject, direct, [...npm, ...python], at)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const epoch = process.env.SOURCE_DATE_EPOCH
  const bill = repositoryBill(epoch === undefined ? new Date() : new Date(Number(epoch) * 1_000))
  writeFileSync(join(ROOT, 'dist', 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`)
  console.log('wrote dist/sbom.cdx.json')
}

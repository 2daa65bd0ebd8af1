import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dependencyPage, pythonLicences } from '../../framework/supply-chain/dependency-page.ts'
import { REPOSITORY } from '../rig/cli.ts'
import { sharedHyper, sharedPython } from '../rig/python.ts'

// The licences of decision 9 are those that the installed Python packages state: as an SPDX expression, or in
// the older fields, which know families of licences only.

const FAMILIES: readonly (readonly [stated: RegExp, licence: RegExp])[] = [
  [/\bMIT\b/, /^MIT/],
  [/Apache/, /^Apache-2\.0/],
  [/BSD|3-Clause/, /BSD-3-Clause$/],
  [/MPL|Mozilla/, /^MPL-2\.0$/],
  [/Artistic/, /^Artistic/],
]

test('the licences of decision 9 are what the installed Python packages state', async () => {
  const text = readFileSync(join(REPOSITORY, 'framework/decisions/0009-dependencies.md'), 'utf8')
  const licences = pythonLicences(dependencyPage(text))
  let compared = 0
  const hyper = await sharedHyper()
  const stated = [await sharedPython(), ...(hyper === null ? [] : [hyper])].flatMap(statedLicences)
  for (const { name, expression, older } of stated) {
    const licence = licences.get(name)
    if (licence === undefined) continue // pip and setuptools
    compared++
    if (expression !== null) {
      expect([name, licence]).toEqual([name, expression])
      continue
    }
    const family = FAMILIES.filter(([stated]) => stated.test(older))
    expect([name, older, family.some(([, pattern]) => pattern.test(licence))]).toEqual([
      name,
      older,
      true,
    ])
  }
  expect(compared).toBeGreaterThan(40)
})

/** What the packages of an environment state in their METADATA. */
function statedLicences(environment: string) {
  const lib = join(environment, 'lib')
  const [python] = readdirSync(lib).filter((name) => name.startsWith('python3'))
  const packages = join(lib, python!, 'site-packages')
  return readdirSync(packages)
    .filter((name) => name.endsWith('.dist-info'))
    .map((folder) => {
      const metadata = readFileSync(join(packages, folder, 'METADATA'), 'utf8').split('\n\n')[0]!
      const field = (name: RegExp) => metadata.match(name)?.[1] ?? null
      return {
        name: field(/^Name: (.+)$/m)!
          .toLowerCase()
          .replaceAll(/[-_.]+/g, '-'),
        expression: field(/^License-Expression: (.+)$/m),
        older: metadata.match(/^(License|Classifier: License ::.*): ?.+$/gm)?.join(' ') ?? '',
      }
    })
}

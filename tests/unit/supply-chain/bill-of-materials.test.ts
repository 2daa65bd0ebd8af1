import { describe, expect, test } from 'vitest'
import { billOfMaterials } from '../../../framework/supply-chain/bill-of-materials.ts'
import type { Component } from '../../../framework/supply-chain/component.ts'
import { pythonComponents, requirementsOf } from '../../../framework/supply-chain/python-locks.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)
const LOCK = `# made by a tool
agate==1.9.1 \\
    --hash=sha256:${A} \\
    --hash=sha256:${B}
Foo_Bar==2.0 ; python_full_version < '3.11' and sys_platform == 'win32' \\
    --hash=sha256:${B}
`
const LICENCES = new Map([
  ['agate', 'MIT'],
  ['foo-bar', 'Apache-2.0 OR MIT'],
])

describe('requirements', () => {
  test('are read with their marker and all hashes, under the normal name', () => {
    expect(requirementsOf(LOCK)).toEqual([
      { name: 'agate', version: '1.9.1', marker: '', hashes: [A, B] },
      {
        name: 'foo-bar',
        version: '2.0',
        marker: "python_full_version < '3.11' and sys_platform == 'win32'",
        hashes: [B],
      },
    ])
  })

  test.each(['agate>=1.9\n', 'agate==1.9.1\n', `--index-url https://example.org\n`])(
    '%j is not locked',
    (text) => expect(() => requirementsOf(text)).toThrow('not a locked requirement'),
  )

  test('one that is in two locks is one component; one without a licence is an error', () => {
    const both = pythonComponents({ one: LOCK, two: `agate==1.9.1 --hash=sha256:${A}` }, LICENCES)
    expect(both.map(({ purl, notes }) => [purl, notes.locks])).toEqual([
      ['pkg:pypi/agate@1.9.1', 'one, two'],
      ['pkg:pypi/foo-bar@2.0', 'one'],
    ])
    expect(() => pythonComponents({ one: LOCK }, new Map())).toThrow('no licence of agate')
  })
})

describe('the bill of materials', () => {
  const subject = { name: 'assets', version: '0.1.0', description: 'Builds.', license: 'MIT' }
  const pg: Component = {
    name: 'pg',
    version: '8.0.0',
    purl: 'pkg:npm/pg@8.0.0',
    licence: 'MIT',
    hashes: [{ alg: 'SHA-512', content: 'ab' }],
    use: 'installed',
    isOptional: false,
    needs: [],
    notes: {},
  }
  const components = [pg, ...pythonComponents({ lock: LOCK }, LICENCES)]
  const bill = (at = 0, all: readonly Component[] = components) =>
    billOfMaterials(subject, [pg.purl], all, new Date(at)) as {
      serialNumber: string
      metadata: object
      components: readonly object[]
      dependencies: readonly object[]
    }

  test('has what CycloneDX requires', () => {
    expect(bill()).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      serialNumber: expect.stringMatching(
        /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      version: 1,
      metadata: {
        timestamp: '1970-01-01T00:00:00.000Z',
        component: { type: 'application', name: 'assets', 'bom-ref': 'pkg:npm/assets@0.1.0' },
      },
    })
    expect(bill().components[0]).toEqual({
      type: 'library',
      'bom-ref': 'pkg:npm/pg@8.0.0',
      name: 'pg',
      version: '8.0.0',
      scope: 'required',
      hashes: [{ alg: 'SHA-512', content: 'ab' }],
      licenses: [{ license: { id: 'MIT' } }],
      purl: 'pkg:npm/pg@8.0.0',
      properties: [{ name: 'assets:use', value: 'installed' }],
    })
    expect(bill().components[2]).toMatchObject({
      scope: 'optional',
      licenses: [{ expression: 'Apache-2.0 OR MIT' }],
      properties: [
        { name: 'assets:use', value: 'installed on first use' },
        { name: 'assets:locks', value: 'lock' },
        { name: 'assets:marker', value: expect.stringContaining('win32') },
      ],
    })
  })

  test('says what needs what, and nothing of a package whose lock does not say it', () => {
    expect(bill().dependencies).toEqual([
      { ref: 'pkg:npm/assets@0.1.0', dependsOn: ['pkg:npm/pg@8.0.0'] },
      { ref: 'pkg:npm/pg@8.0.0', dependsOn: [] },
    ])
  })

  test('is the same for the same packages but for its time, and has another number for others', () => {
    const { metadata: _, ...first } = bill(0)
    const { metadata: __, ...second } = bill(86_400_000)
    expect(second).toEqual(first)
    expect(bill(0, components.slice(1)).serialNumber).not.toBe(first.serialNumber)
  })
})

import { describe, expect, test } from 'vitest'
import {
  bundledPackages,
  type LockedPackages,
  npmComponents,
} from '../../../framework/supply-chain/npm-lock.ts'

const hash = (byte: number) => `sha512-${Buffer.alloc(64, byte).toString('base64')}`

const LOCK: LockedPackages = {
  '': { version: '1.0.0' },
  'node_modules/@scope/driver': {
    version: '2.0.0-r.1',
    integrity: hash(1),
    license: 'MIT',
    dependencies: { tool: '^1', absent: '*' },
    optionalDependencies: { mac: '1.0.0' },
  },
  'node_modules/@scope/driver/node_modules/tool': {
    version: '1.5.0',
    integrity: hash(2),
    license: 'ISC',
    dependencies: { mac: '1.0.0' },
  },
  'node_modules/mac': { version: '1.0.0', license: 'MIT', optional: true },
  'node_modules/other/node_modules/tool': { version: '1.5.0', license: 'ISC' },
  'node_modules/tool': { version: '3.0.0', license: 'MIT', dev: true },
  'node_modules/yaml': {
    version: '2.9.1',
    license: 'ISC',
    dev: true,
    dependencies: { tool: '^3', mac: '1' },
  },
}
const YAML = { name: 'yaml', version: '2.9.1', licence: 'ISC' }
const urls = (bundled = [YAML]) => npmComponents(LOCK, bundled).map(({ purl }) => purl)
const one = (name: string) => npmComponents(LOCK, [YAML]).find((found) => found.name === name)

describe('components of npm', () => {
  test('are what is installed and what is bundled, each once, and no tool of development', () => {
    expect(urls()).toEqual([
      'pkg:npm/%40scope/driver@2.0.0-r.1',
      'pkg:npm/mac@1.0.0',
      'pkg:npm/tool@1.5.0',
      'pkg:npm/yaml@2.9.1',
    ])
    expect(urls([])).not.toContain('pkg:npm/yaml@2.9.1')
    expect([one('yaml')?.use, one('mac')?.use]).toEqual(['bundled', 'installed'])
    expect([one('tool')?.isOptional, one('mac')?.isOptional]).toEqual([false, true])
  })

  test('need the packages that Node would find, nearest first', () => {
    expect(one('@scope/driver')?.needs).toEqual(['pkg:npm/mac@1.0.0', 'pkg:npm/tool@1.5.0'])
    expect(one('tool')?.needs).toEqual(['pkg:npm/mac@1.0.0'])
    // Its tool 3.0.0 is for development only.
    expect(one('yaml')?.needs).toEqual(['pkg:npm/mac@1.0.0'])
  })

  test('have the hash of the lock file in hex', () => {
    expect(one('@scope/driver')?.hashes).toEqual([{ alg: 'SHA-512', content: '01'.repeat(64) }])
    expect(one('mac')?.hashes).toEqual([])
  })

  test('a package without a licence, and a bundled one that is not locked, are errors', () => {
    const bare = { ...LOCK, 'node_modules/bare': { version: '1.0.0' } }
    expect(() => npmComponents(bare, [YAML])).toThrow('bare states no licence')
    const newer = { ...YAML, version: '2.9.2' }
    expect(() => npmComponents(LOCK, [newer])).toThrow('yaml 2.9.2 is bundled and not locked')
  })

  test('SQLite is one, and the parts of Node.js in its driver are not', () => {
    const native = [
      { name: 'SQLite', version: '3.53.0', licence: 'blessing' },
      { name: 'Node.js', version: 'v25', licence: 'MIT' },
    ]
    expect(npmComponents({}, native)).toMatchObject([
      { purl: 'pkg:generic/sqlite@3.53.0', licence: 'blessing', use: 'bundled' },
    ])
  })
})

test('the bundled packages are read from the first lines of their licences', () => {
  const text =
    'yaml 2.9.1 (ISC)\n\nCopyright\n\n---\n\n@a/b 1.0.0 (MIT OR Apache-2.0)\n\nThe MIT License (MIT)'
  expect(bundledPackages(text)).toEqual([
    YAML,
    { name: '@a/b', version: '1.0.0', licence: 'MIT OR Apache-2.0' },
  ])
  expect(() => bundledPackages('Copyright 2026')).toThrow('a section without a package')
})

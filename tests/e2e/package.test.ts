import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { dependencyPage, TABLES } from '../../framework/supply-chain/dependency-page.ts'
import { bundledPackages } from '../../framework/supply-chain/npm-lock.ts'
import { REPOSITORY } from '../rig/cli.ts'
import { PackedPackage } from '../rig/packed.ts'

// The package that `npm pack` makes: what it holds, and what a new user meets who installs it.

const made = await PackedPackage.make()
afterAll(() => made.remove())

const read = (...path: readonly string[]) => readFileSync(join(...path), 'utf8')
const packageJson = (folder: string) =>
  JSON.parse(read(folder, 'package.json')) as Record<string, Record<string, unknown>>

/** `require("pg")`, and `createRequire(url)("graphology")` as esbuild writes it. */
const REQUIRED = /\b(?:require|createRequire\)\(\w+\))\("([^".][^"]*)"\)/g

describe('the package', () => {
  const files = readdirSync(made.content, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(made.content.length + 1))

  test('holds what runs, its schemas, and nothing else', () => {
    const wanted = [
      /^(package\.json|README\.md|LICENSE)$/,
      /^framework\/bin\/(assets|package\.json)$/,
      /^dist\/(package\.json|page\.html|LICENSES\.txt|sbom\.cdx\.json|(project|assets)\.schema\.json)$/,
      /^dist\/(main|command-helper|embedded-worker|(program|completion|yaml|zod|sqlite)-[A-Z0-9]{8})\.js$/,
      /^dist\/(environment|duckdb_process|hyper_driver|worker\w*)\.py$/,
      /^dist\/completion\.(bash|zsh|fish)$/,
      /^dist\/(requirements-(duckdb|snowflake)|hyper-requirements)\.txt$/,
      /^dist\/sqlite-[\d.]+\/prebuilds\/(darwin|linux|win32)-(x64|arm64)\/[^/]+\.node$/,
    ]
    expect(files.filter((file) => !wanted.some((pattern) => pattern.test(file)))).toEqual([])
    expect(wanted.filter((pattern) => !files.some((file) => pattern.test(file)))).toEqual([])
  })

  test('leaves behind what only a clone needs, and the clone as it was', () => {
    const { name, version, bin, engines, dependencies, ...rest } = packageJson(made.content)
    const { scripts, devDependencies, allowScripts, ...whole } = packageJson(REPOSITORY)
    expect({ name, version, bin, engines, dependencies, ...rest }).toEqual(whole)
    expect(read(made.clone, 'package.json')).toBe(read(REPOSITORY, 'package.json'))
    expect(existsSync(join(made.clone, 'package.json.kept'))).toBe(false)
  })

  test('has the licence texts of all that is bundled, which are the packages that decision 9 names', () => {
    const sections = read(made.content, 'dist/LICENSES.txt').split('\n\n---\n\n')
    for (const section of sections) expect(section).toMatch(/[Pp]ermission|redistribut|blessing/i)
    const names = bundledPackages(sections.join('\n\n---\n\n')).map(({ name }) => name)
    const page = read(REPOSITORY, 'framework/decisions/0009-dependencies.md')
    const rows = dependencyPage(page)
      .get(TABLES.bundled)!
      .map(([name]) => name)
    expect(names.filter((name) => !rows.includes(name))).toEqual([
      '@preact/signals-core',
      'Node.js',
      'SQLite',
      'node-addon-api',
      'node-gyp-build',
    ])
    expect(rows.filter((name) => !names.includes(name!))).toEqual([])
    for (const name of names) expect(page).toContain(name)
  })

  test('has a bill of materials of what is bundled and what npm and pip install', () => {
    const bill = JSON.parse(read(made.content, 'dist/sbom.cdx.json'))
    const uses: Record<string, string[]> = {}
    for (const { purl, properties } of bill.components) {
      const { value } = properties.find(({ name }: { name: string }) => name === 'assets:use')
      uses[value] = [...(uses[value] ?? []), purl]
    }
    const { packages } = JSON.parse(read(REPOSITORY, 'package-lock.json'))
    const installed = Object.entries<{ dev?: true; version: string }>(packages)
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`)
    expect(uses.installed!.map((purl) => decodeURIComponent(purl.slice(8))).sort()).toEqual(
      [...new Set(installed)].sort(),
    )
    const licensed = bundledPackages(read(made.content, 'dist/LICENSES.txt'))
    expect(uses.bundled).toHaveLength(licensed.length - 1)
    expect(uses.bundled).toContainEqual(expect.stringMatching(/^pkg:generic\/sqlite@3/))
    expect(uses['installed on first use']).toContainEqual(
      expect.stringMatching(/^pkg:pypi\/dbt-core@/),
    )
    expect(JSON.stringify(bill).match(/\w+:\/\/[^/"]+/g)).toEqual(['http://cyclonedx.org'])
  })

  test('depends on the packages that its code requires, and on no other', () => {
    const required = new Set<string>()
    for (const file of files.filter((one) => /^dist\/[^/]+\.js$/.test(one))) {
      for (const [, name = ''] of read(made.content, file).matchAll(REQUIRED)) {
        const [, own = name] = /^((?:@[^/]+\/)?[^/]+)/.exec(name) ?? []
        if (!name.startsWith('node:') && !builtinModules.includes(own)) required.add(own)
      }
    }
    expect([...required].sort()).toEqual(Object.keys(packageJson(made.content).dependencies!))
  })
})

describe.skipIf(made.isUnreachable)(
  "an installed package (needs npm's cache or a registry)",
  () => {
    const { project } = made
    const npx = (...args: readonly string[]) => made.run(project, 'npx', 'assets', ...args)

    test('npm warns of nothing and has no script to ask about', () => {
      const { stdout, stderr } = made.installed
      expect(stdout).toMatch(/^\nadded \d+ packages in \w+\n$/)
      expect(stderr).toBe('')
    })

    test('npx creates a project, builds it, and finds nothing more to do', async () => {
      const created = await npx('init')
      expect(created).toMatchObject({ code: 0, stderr: '' })
      expect(created.stdout).toContain('next: npx assets materialize\n')
      expect(created.stdout).toContain('run npx assets status, and')
      expect(read(project, 'assets.yaml')).toContain(
        '=node_modules/assets/dist/project.schema.json',
      )

      const built = await npx('materialize')
      expect(built.code).toBe(0)
      expect(built.stdout).toContain('2 built')
      expect(built.stdout).toContain('next: npx assets status')
      expect(await npx('status', '--exit-code')).toMatchObject({ code: 0 })
      expect((await npx('--help')).stdout).toContain('Usage: assets')
    })

    test('a mistake is answered with what to type', async () => {
      expect((await npx('stauts')).stderr).toContain('did you mean status?')
      expect((await npx('why', 'nothing')).stderr).toContain('npx assets list')
    })

    test('a package script suggests npx, and the command itself does not', async () => {
      const orders = join(project, 'data/orders.csv')
      appendFileSync(orders, '\n')
      const script = await made.run(project, 'npm', 'run', '--silent', 'build')
      expect(script.stdout).toContain('next: npx assets status')
      appendFileSync(orders, '\n')
      const own = await made.run(project, join(project, 'node_modules/.bin/assets'), 'status')
      expect(own.stdout).toContain('next: assets materialize')
    })

    test('git sees the files of the project and nothing of .assets/', async () => {
      await made.run(project, 'git', 'init', '--quiet')
      const { stdout } = await made.run(
        project,
        'git',
        'status',
        '--porcelain',
        '-uall',
        '--',
        ':!node_modules',
      )
      expect(stdout.split('\n').filter(Boolean).sort()).toEqual([
        '?? .gitignore',
        '?? assets.yaml',
        '?? assets/example.yaml',
        '?? data/orders.csv',
        '?? package-lock.json',
        '?? package.json',
        '?? scripts/report.mjs',
        '?? scripts/revenue.mjs',
      ])
    })

    test('an embedded source opens', async () => {
      writeFileSync(join(project, 'film.sql'), 'create table film as select 7 as film_id;\n')
      writeFileSync(
        join(project, 'assets.yaml'),
        `version: 1
project: shop
targets:
  local:
    warehouse: {type: duckdb, path: .assets/shop.duckdb}
    connections: {films: {type: postgres, embedded: {init: [film.sql]}}}
assets:
  raw_film: {kind: airbyte, connection: films, stream: film}
`,
      )
      const { code, stdout, stderr } = await npx('materialize')
      expect({ code, stderr }).toMatchObject({ code: 0 })
      expect(stdout).toContain('1 built')
    })
  },
)

import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Declarations, loadProject } from '../../../framework/config/index.ts'
import type { Asset } from '../../../framework/model/asset.ts'
import { ok, type Result } from '../../../framework/model/problem.ts'
import {
  declarations,
  type Files,
  projectFolder,
  projectIn,
  withoutAssetTable,
  writeFiles,
} from '../../rig/config.ts'
import { dbtSettings } from '../../rig/dbt-settings.ts'

const HEAD = 'version: 1\nproject: shop\n'
const ONE = { 'assets.yaml': `${HEAD}assets: {a: {kind: dbt}}\n` }

const names = ({ assets }: { readonly assets: Iterable<Asset> }) =>
  [...assets].map((asset) => asset.name)

describe('a project', () => {
  it('without targets has the target local', async () => {
    const { assets, ...project } = await projectIn({ 'assets.yaml': HEAD })
    expect([...assets]).toEqual([])
    expect(project).toEqual({
      name: 'shop',
      defaultTarget: 'local',
      targets: {
        local: {
          name: 'local',
          warehouse: null,
          connections: {},
          state: {
            type: 'sqlite',
            settings: { path: '.assets/state.sqlite' },
            at: { file: 'assets.yaml', path: ['targets', 'local'] },
          },
          confirm: false,
        },
      },
      policies: [],
      jobs: {},
      pools: {},
      selectors: {},
      dbt: null,
      files: ['assets.yaml'],
    })
  })

  it('has the assets of its files, in their order, with defaults filled in', async () => {
    const project = await projectIn({
      'assets.yaml': `${HEAD}include: [assets/*.yaml]\ndbt: {project_dir: dbt}\nassets:\n  zero: {kind: command, run: make}\n`,
      'assets/b.yaml': 'assets:\n  second: {kind: dbt, deps: [zero, first]}\n',
      'assets/a.yaml':
        'defaults: {kind: airbyte, connection: shop}\nassets:\n  first: {stream: s}\n',
    })
    expect(project.files).toEqual(['assets.yaml', 'assets/a.yaml', 'assets/b.yaml'])
    expect(project.dbt).toEqual(dbtSettings('dbt', { models: 'all' }))
    expect(names(project)).toEqual(['zero', 'first', 'second'])
    expect(project.assets.at(1)).toEqual({
      name: 'first',
      kind: 'airbyte',
      deps: [],
      group: null,
      owners: [],
      tags: {},
      description: '',
      policy: {
        freshness: null,
        dataVersion: 'default',
        volatileColumns: [],
        onDrift: 'default',
        onCode: 'full_refresh',
        codeVersion: null,
        retries: null,
        timeout: null,
        pool: null,
        checks: { block: 'error' },
      },
      spec: { connection: 'shop', stream: 's', sync: 'full_refresh' },
      file: 'assets/a.yaml',
    })
  })

  it('an asset overrides defaults', async () => {
    const project = await projectIn({
      'assets.yaml': `${HEAD}
defaults: {kind: dbt, group: marts, owners: [finance], retries: 5, model: shared}
assets:
  a:
  b: {group: core, owners: [], retries: 0}
  c: {kind: command, run: make}
  d: {kind: external, path: d.csv}
`,
    })
    const [a, b, c, d] = project.assets
    expect(a).toMatchObject({
      kind: 'dbt',
      group: 'marts',
      owners: ['finance'],
      spec: { model: 'shared' },
    })
    expect(b).toMatchObject({ kind: 'dbt', group: 'core', owners: [], policy: { retries: 0 } })
    expect(c).toMatchObject({ kind: 'command', group: 'marts', spec: { run: 'make' } })
    expect(c?.policy.retries).toBe(5)
    expect(c?.spec).not.toHaveProperty('model')
    expect(d).toMatchObject({
      kind: 'external',
      policy: { retries: null },
      spec: { path: 'd.csv' },
    })
  })

  it('reads every policy', async () => {
    const project = await projectIn({
      'assets.yaml': `${HEAD}
pools: {slow: 2}
defaults: {kind: dbt}
assets:
  a: {freshness: {max_age: 1h30m}, data_version: content, volatile_columns: [at], on_drift: adopt}
  b: {freshness: {cron: "0 2 * * *", timezone: UTC}, on_code: keep_history, code_version: "2"}
  c: {retries: 0, timeout: 90s, pool: slow, checks: {block: never}, tags: [x, y], description: "  About c.\\n"}
  d: {tags: {tier: gold}}
`,
    })
    const [a, b, c, d] = project.assets
    expect(a?.policy).toMatchObject({
      freshness: { maxAge: 5_400_000 },
      dataVersion: 'content',
      volatileColumns: ['at'],
      onDrift: 'adopt',
    })
    expect(b?.policy).toMatchObject({
      freshness: { cron: '0 2 * * *', timezone: 'UTC' },
      onCode: 'keep_history',
      codeVersion: '2',
    })
    expect(c?.policy).toMatchObject({ retries: 0, timeout: 90_000, pool: 'slow' })
    expect(c?.policy.checks).toEqual({ block: 'never' })
    expect(project.pools).toEqual({ slow: 2 })
    expect(c).toMatchObject({ tags: { x: '', y: '' }, description: 'About c.' })
    expect(c?.policy).toMatchObject({ retries: 0, timeout: 90_000 })
    expect(d?.tags).toEqual({ tier: 'gold' })
  })

  it('has targets, jobs and selectors', async () => {
    const project = await projectIn({
      'assets.yaml': `${HEAD}default_target: prod
targets:
  local:
    warehouse: {type: duckdb, path: w.duckdb}
    connections: {shop: {type: postgres}}
  prod:
    warehouse: {type: snowflake, account: "\${ACCOUNT}", port: "\${PORT:-443}", auth: "\${AUTH}"}
    state: {type: sqlite, path: /var/state.sqlite}
    confirm: true
jobs:
  nightly: {select: "+marts", exclude: x, target: prod, schedule: "0 2 * * *"}
selectors: {marts: "group:marts"}
`,
    })
    expect(project.defaultTarget).toBe('prod')
    expect(project.targets.local?.connections.shop).toEqual({
      type: 'postgres',
      settings: { url: 'embedded' },
      at: { file: 'assets.yaml', path: ['targets', 'local', 'connections', 'shop'] },
    })
    expect(project.targets.prod).toMatchObject({
      warehouse: {
        type: 'snowflake',
        settings: { account: `\${ACCOUNT}`, port: `\${PORT:-443}`, auth: `\${AUTH}` },
        placeholders: [
          { path: ['account'], expects: 'text' },
          { path: ['auth'], expects: ['password', 'token'] },
          { path: ['port'], expects: 'number' },
        ],
      },
      state: { settings: { path: '/var/state.sqlite' } },
      confirm: true,
    })
    expect(project.jobs.nightly).toEqual({
      name: 'nightly',
      select: '+marts',
      exclude: 'x',
      target: 'prod',
      schedule: '0 2 * * *',
      at: { file: 'assets.yaml', path: ['jobs', 'nightly'] },
    })
    expect(project.selectors).toEqual({ marts: 'group:marts' })
  })

  it('with dbt takes the warehouse of a target from dbt, unless it is stated', async () => {
    const stated = '{warehouse: {type: duckdb, path: w}}'
    const { targets, dbt } = await projectIn({
      'assets.yaml': `${HEAD}default_target: a\ndbt: {project_dir: ., target: dev, profile: p}\ntargets: {a: {}, b: {warehouse: {from: dbt}}, c: ${stated}}\n`,
    })
    expect(dbt).toMatchObject({ projectDir: '.', target: 'dev', profile: 'p' })
    expect(targets.a!.warehouse).toMatchObject({ from: 'dbt' })
    expect(targets.b!.warehouse).toMatchObject({ from: 'dbt' })
    expect(targets.c!.warehouse).toMatchObject({ type: 'duckdb' })
  })

  it('without dbt has no warehouse that is not stated', async () => {
    const { targets } = await projectIn({ 'assets.yaml': `${HEAD}targets: {a: {}}\n` })
    expect(targets.a!.warehouse).toBe(null)
  })

  it('does not fill in variables outside of targets', async () => {
    const project = await projectIn({
      'assets.yaml': `${HEAD}assets: {a: {kind: command, run: "echo \${HOME}"}}\n`,
    })
    expect(project.assets.all[0]?.spec.run).toBe(`echo \${HOME}`)
  })

  it('follows anchors, aliases and merge keys', async () => {
    const project = await projectIn({
      'assets.yaml': `${HEAD}
assets:
  a: &a {kind: dbt, owners: &who [finance], group: x}
  b: {<<: *a, group: y}
  c: {kind: dbt, owners: *who}
`,
    })
    const [, b, c] = project.assets
    expect(b).toMatchObject({ kind: 'dbt', owners: ['finance'], group: 'y' })
    expect(c?.owners).toEqual(['finance'])
  })

  it('is the same with a byte order mark and carriage returns, and as JSON', async () => {
    const text = `${HEAD}assets:\n  a:\n    kind: dbt\n    description: |\n      one\n      two\n`
    const loaded = async (content: string) => {
      const { assets, ...project } = await projectIn({ 'assets.yaml': content })
      return { ...project, assets: [...assets] }
    }
    const plain = await loaded(text)
    expect(await loaded(`\ufeff${text.replaceAll('\n', '\r\n')}`)).toEqual(plain)
    const json = {
      version: 1,
      project: 'shop',
      assets: { a: { kind: 'dbt', description: 'one\ntwo' } },
    }
    expect(await loaded(JSON.stringify(json, null, '\t'))).toEqual(plain)
  })

  it('accepts names of object properties as asset names', async () => {
    const project = await projectIn({
      'assets.yaml': `${HEAD}defaults: {kind: dbt}\nassets: {constructor: , __proto__: , toString: {deps: [__proto__, constructor]}}\n`,
    })
    expect(names(project)).toEqual(['constructor', '__proto__', 'toString'])
  })

  it('reads a file once that two patterns match, and does not include itself', async () => {
    const project = await projectIn({
      'assets.yaml': `${HEAD}include: ["*.yaml", "**/*.yaml", "./more/b.yaml"]\nassets: {a: {kind: dbt}}\n`,
      'more/b.yaml': 'assets: {b: {kind: dbt}}\n',
      'more/deep/c.yaml': 'assets: {c: {kind: dbt}}\n',
      '.hidden/d.yaml': 'no: YAML: here\n',
    })
    expect(project.files).toEqual(['assets.yaml', 'more/b.yaml', 'more/deep/c.yaml'])
  })
})

describe('the cache', () => {
  /** Loads with a cache. `asked`: the kinds whose declarations were loaded. */
  const cached = (root: string) => {
    const cache = join(root, '.assets', 'cache')
    return async (build = 'one') => {
      const asked: string[] = []
      const kinds = Object.entries(declarations.kinds).map(([kind, declare]) => [
        kind,
        () => {
          asked.push(kind)
          return declare()
        },
      ])
      const watched = { ...declarations, kinds: Object.fromEntries(kinds) } as Declarations
      const loaded = await loadProject({ root, cache, build, declarations: watched })
      return { loaded: loaded.ok ? ok(withoutAssetTable(loaded.value)) : loaded, asked }
    }
  }
  const compiledFolder = (root: string) => join(root, '.assets', 'cache', 'compiled')
  const flipped = (file: string) => {
    const bytes = readFileSync(file)
    bytes[bytes.length - 5]! ^= 1
    writeFileSync(file, bytes)
  }
  const cutShort = (file: string) => writeFileSync(file, readFileSync(file).subarray(0, -1))
  const removed = (file: string) => rmSync(file)
  const files: Files = {
    'assets.yaml': `${HEAD}include: [assets/*.yaml]\n`,
    'assets/a.yaml': 'assets: {a: {kind: dbt, deps: [b]}}\n',
    'assets/b.yaml': 'assets: {b: {kind: command, run: make}}\n',
  }

  it('returns the same project without compiling', async () => {
    const load = cached(projectFolder(files))
    const first = await load()
    const second = await load()
    expect(first.asked).toEqual(['dbt', 'command'])
    expect(second.asked).toEqual([])
    expect(second.loaded).toEqual(first.loaded)
  })

  it('compiles only the file that changed', async () => {
    const root = projectFolder(files)
    const load = cached(root)
    await load()
    writeFiles(root, { 'assets/b.yaml': 'assets: {b: {kind: command, run: other}}\n' })
    const { loaded, asked } = await load()
    expect(asked).toEqual(['command'])
    expect(loaded.ok && loaded.value.assets.map((asset) => asset.spec)).toEqual([
      {},
      { run: 'other' },
    ])
    expect((await load()).asked).toEqual([])
  })

  it('writes only the compiled file that changed', async () => {
    const root = projectFolder(files)
    const load = cached(root)
    await load()
    const before = readdirSync(compiledFolder(root)).map(
      (name) => statSync(join(compiledFolder(root), name)).ino,
    )
    writeFiles(root, { 'assets/b.yaml': 'assets: {b: {kind: command, run: other}}\n' })
    await load()
    const after = readdirSync(compiledFolder(root)).map(
      (name) => statSync(join(compiledFolder(root), name)).ino,
    )
    expect(after.length).toBe(before.length + 1)
    expect(after).toEqual(expect.arrayContaining(before))
  })

  it('keeps unused compiled files for running commands, and removes them a week later', async () => {
    const root = projectFolder(files)
    const load = cached(root)
    const first = await load()
    const old = readdirSync(compiledFolder(root))
    const long = await loadProject({
      root,
      cache: join(root, '.assets', 'cache'),
      build: 'one',
      declarations,
    })
    writeFiles(root, { 'assets/b.yaml': 'assets: {b: {kind: command, run: other}}\n' })
    await load()
    expect(long.ok && ok(withoutAssetTable(long.value))).toEqual(first.loaded)
    const then = new Date(Date.now() - 8 * 24 * 3600 * 1000)
    for (const name of old) utimesSync(join(compiledFolder(root), name), then, then)
    writeFiles(root, { 'assets/b.yaml': 'assets: {b: {kind: command, run: third}}\n' })
    await load()
    // The three current ones, and the one that was in use until now.
    expect(readdirSync(compiledFolder(root)).length).toBe(4)
    expect((await load()).asked).toEqual([])
  })

  it('can be written by several commands at once', async () => {
    const root = projectFolder(files)
    const load = cached(root)
    const answers = await Promise.all([load(), load(), load('two'), load()])
    expect(answers.map(({ loaded }) => loaded)).toEqual(answers.map(() => answers[0]!.loaded))
    expect((await load()).loaded).toEqual(answers[0]!.loaded)
  })

  it('links changed files like a load without cache', async () => {
    const root = projectFolder(files)
    const load = cached(root)
    await load()
    const edits: Files[] = [
      { 'assets/b.yaml': 'assets: {b: {kind: command, run: make, group: g, tags: [t]}}\n' },
      { 'assets/b.yaml': 'assets: {b: {kind: dbt}, c: {kind: dbt, group: h, deps: [b]}}\n' },
      { 'assets/a.yaml': 'assets: {a: {kind: dbt, deps: [c, b]}}\n' },
      { 'assets/a.yaml': 'assets: {a: {kind: dbt, deps: [b, c]}}\n' },
      { 'assets/b.yaml': 'assets: {c: {kind: dbt, deps: [b]}, b: {kind: dbt, group: h}}\n' },
      { 'assets/0.yaml': 'assets: {z: {kind: dbt, group: k, deps: [a]}}\n' },
      { 'assets/0.yaml': 'assets: {z: {kind: external, deps: []}}\n' },
    ]
    for (const edit of edits) {
      writeFiles(root, edit)
      const { loaded } = await load()
      const uncached = await loadProject({ root, cache: null, build: 'one', declarations })
      expect(loaded).toEqual(uncached.ok ? ok(withoutAssetTable(uncached.value)) : uncached)
    }
  })

  it('notices added and removed files', async () => {
    const root = projectFolder(files)
    const load = cached(root)
    await load()
    writeFiles(root, { 'assets/c.yaml': 'assets: {c: {kind: external}}\n' })
    const added = await load()
    expect(added.asked).toEqual(['external'])
    expect(added.loaded.ok && names(added.loaded.value)).toEqual(['a', 'b', 'c'])
    writeFiles(root, { 'assets.yaml': `${HEAD}include: [assets/a.yaml]\n` })
    const removed = await load()
    expect(removed.asked).toEqual([])
    expect(!removed.loaded.ok && removed.loaded.problems.map((one) => one.code)).toEqual([
      'unknown-dependency',
    ])
  })

  const problemsOf = (loaded: Result<unknown>) => (loaded.ok ? [] : loaded.problems)

  it('reports problems between files every time, and compiles valid files once', async () => {
    const root = projectFolder({ ...files, 'assets/b.yaml': 'assets: {c: {kind: external}}\n' })
    const load = cached(root)
    const first = await load()
    const second = await load()
    expect(second.asked).toEqual([])
    expect(problemsOf(second.loaded)).toEqual(problemsOf(first.loaded))
    expect(second.loaded.ok).toBe(false)
    writeFiles(root, { 'assets/b.yaml': 'assets: {b: {kind: external}}\n' })
    const fixed = await load()
    expect(fixed.asked).toEqual(['external'])
    expect(fixed.loaded.ok).toBe(true)
  })

  it('reports problems in a file every time', async () => {
    const load = cached(
      projectFolder({ ...files, 'assets/b.yaml': 'assets: {b: {kind: spark}}\n' }),
    )
    const first = await load()
    expect(first.loaded.ok).toBe(false)
    expect(problemsOf((await load()).loaded)).toEqual(problemsOf(first.loaded))
  })

  it('ignores the cache of another build', async () => {
    const load = cached(projectFolder(files))
    await load('one')
    expect((await load('two')).asked).toEqual(['dbt', 'command'])
    expect((await load('two')).asked).toEqual([])
  })

  it('reports a damaged compiled file when it is read, and recreates it', async () => {
    const root = projectFolder(files)
    const load = cached(root)
    const first = await load()
    for (const damage of [flipped, cutShort, removed]) {
      const [name] = readdirSync(compiledFolder(root))
      damage(join(compiledFolder(root), name!))
      await expect(load()).rejects.toThrow('was damaged')
      expect((await load()).loaded).toEqual(first.loaded)
    }
  })

  it('is recreated when the index is cut short', async () => {
    const root = projectFolder(files)
    const load = cached(root)
    const first = await load()
    const file = join(root, '.assets', 'cache', 'project.bin')
    const text = readFileSync(file)
    for (const length of [0, 10, text.length - 10, text.length - 1]) {
      writeFileSync(file, text.subarray(0, length))
      const again = await load()
      expect(again.asked).toEqual(['dbt', 'command'])
      expect(again.loaded).toEqual(first.loaded)
    }
  })

  it('is optional: the folder may be unwritable', async () => {
    const root = projectFolder({ ...ONE, '.assets': 'a file, not a folder' })
    const load = cached(root)
    expect((await load()).loaded.ok).toBe(true)
    expect((await load()).asked).toEqual(['dbt'])
  })
})

import { existsSync, mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { randomChange } from '../property/dbt/changes.ts'
import { PROJECTS } from '../property/dbt/projects/index.ts'
import { between, changed } from '../property/dbt/state.ts'
import { Random } from '../property/random.ts'
import { DbtFolder, type Ended, type Env } from '../rig/dbt/folder.ts'
import { type ForkServer, startForkServer } from '../rig/dbt/fork-server.ts'
import { gitAt, repositoryAt } from '../rig/git.ts'
import { sharedPython } from '../rig/python.ts'

// SEMANTICS 42, with dbt: what `plan --against` says is what `plan` says in a target in which that commit was built.

/** Random edits of each project. */
const EDITS = 3

let server: ForkServer
let folder: DbtFolder
beforeAll(async () => {
  server = await startForkServer(await sharedPython())
})
afterAll(() => server.stop())
beforeEach(() => {
  folder = new DbtFolder(server.environment)
})
afterEach(() => folder.remove())

interface Step {
  readonly asset: string
  readonly action: string
  readonly full: boolean
  readonly verdict: string
  readonly reasons: readonly { reason: string; asset?: string; parts?: unknown }[]
  readonly pending_on: readonly string[]
}

interface PlanJson {
  readonly schema: string
  readonly steps: readonly Step[]
  readonly may_replace: readonly string[]
  readonly waiting: readonly unknown[]
}

/** The steps of a plan, without versions, sentences and what runs in every run anyway. */
function said({ stdout, stderr, code }: Ended, always: ReadonlySet<string> = new Set()) {
  if (code !== 0) return { code, isSaid: stdout + stderr !== '' }
  const { steps, may_replace, waiting } = JSON.parse(stdout) as PlanJson
  return {
    steps: steps
      .filter(({ asset }) => !always.has(asset))
      .map(({ asset, action, full, verdict, reasons, pending_on }) => ({
        ...{ asset, action, full, verdict, pending_on },
        reasons: reasons.map(({ reason, asset: input, parts }) => ({ reason, input, parts })),
      })),
    may_replace,
    waiting,
  }
}

const namesOf = ({ stdout }: Ended) =>
  new Set((JSON.parse(stdout) as PlanJson).steps.map(({ asset }) => asset))

const real = (env: Env = {}) => folder.run(['plan', '--offline', '--json'], env)
const against = (env: Env = {}, ...more: readonly string[]) =>
  folder.run(['plan', '--against', 'main', '--json', ...more], env)

for (const project of PROJECTS) {
  test(`random edits of the project ${project.name} are planned as after a switch of the branch`, async () => {
    folder.write(project.files)
    repositoryAt(folder.root)
    const built = await folder.run(['materialize'], project.env)
    expect([built.code, built.stderr]).toEqual([0, expect.any(String)])
    const before = await real(project.env)
    const always = namesOf(before)
    expect(said(await against(project.env))).toEqual({ steps: [], may_replace: [], waiting: [] })

    const random = new Random(7)
    for (let edits = 0; edits < EDITS; edits++) {
      const change = { ...randomChange(project, random, project, []), env: {} }
      const after = changed(project, change)
      folder.write(change.files)
      const [is, wanted] = [await against(project.env), await real(project.env)]
      expect(said(is, always), change.label).toEqual(said(wanted, always))
      folder.write(between(after, project, '').files)
    }
  })
}

/** A project with every kind of dbt node, a package of the repository, other kinds of assets, and a folder above it. */
const SHOP = {
  'shop/assets.yaml': `version: 1
project: shop
dbt: {project_dir: ../dbt}
assets:
  report: {kind: extract, deps: [sales], to: out/sales.csv, order_by: [total]}
  words: {kind: command, deps: [report], run: "sh scripts/words.sh", code: [scripts], outputs: [out/words.txt]}
`,
  'shop/scripts/words.sh': 'wc -w out/sales.csv > out/words.txt\n',
  'dbt/dbt_project.yml': `name: shop
version: 1.0.0
profile: shop
models: {shop: {+materialized: table, staging: {+materialized: view}}}
vars: {rate: 2}
`,
  'dbt/profiles.yml':
    'shop: {target: dev, outputs: {dev: {type: duckdb, path: ../shop/.assets/w.duckdb, threads: 2}}}\n',
  'dbt/packages.yml': 'packages: [{local: ../extra}]\n',
  'dbt/seeds/orders.csv': 'id,amount\n1,10\n2,20\n',
  'dbt/models/schema.yml': `models:
  - name: stg_orders
    columns: [{name: id, data_tests: [unique, not_null]}]
`,
  'dbt/models/staging/stg_orders.sql': "select * from {{ ref('orders') }}",
  'dbt/models/only.sql':
    "{{ config(materialized='ephemeral') }} select id, amount from {{ ref('stg_orders') }}",
  'dbt/models/sales.sql': `select sum(amount) * {{ var('rate') }} as total from {{ ref('only') }}
join {{ ref('extra_model') }} using (id)`,
  'dbt/models/top.sql':
    "select max(amount) as amount, {{ plus('1') }} as one from {{ ref('stg_orders') }}",
  'dbt/models/inc.sql':
    "{{ config(materialized='incremental') }} select * from {{ ref('stg_orders') }}",
  'dbt/macros/plus.sql': '{% macro plus(x) %}{{ x }} + 0{% endmacro %}',
  'dbt/snapshots/kept.sql': `{% snapshot kept %}{{ config(unique_key='id', strategy='check', check_cols=['amount']) }}
select * from {{ ref('stg_orders') }}{% endsnapshot %}`,
  'extra/dbt_project.yml': 'name: extra\nversion: 1.0.0\n',
  'extra/models/extra_model.sql': 'select 1 as id union all select 2 as id',
  '.gitignore': 'dbt_packages/\npackage-lock.yml\nout/\n.env\nlogs/\n',
}

/** Changes, each with assets that it makes build for certain. */
const CHANGES: readonly (readonly [Readonly<Record<string, string | null>>, readonly string[]])[] =
  [
    [{ 'dbt/macros/plus.sql': '{% macro plus(x) %}{{ x }} + 1{% endmacro %}' }, ['top']],
    [{ 'dbt/seeds/orders.csv': 'id,amount\n1,10\n2,30\n' }, ['orders']],
    [{ 'extra/models/extra_model.sql': 'select 1 as id' }, ['extra_model']],
    [
      {
        'dbt/models/only.sql':
          "{{ config(materialized='ephemeral') }} select id, 1 as amount from {{ ref('stg_orders') }}",
      },
      ['sales'],
    ],
    [{ 'shop/scripts/words.sh': 'wc -l out/sales.csv > out/words.txt\n' }, ['words']],
    [
      { 'dbt/models/top.sql': null, 'dbt/models/new.sql': "select * from {{ ref('sales') }}" },
      ['new'],
    ],
    [{ 'dbt/models/sales.sql': "{{ config(alias='sold') }} select 1 as total" }, ['sales']],
    [
      { 'dbt/dbt_project.yml': SHOP['dbt/dbt_project.yml'].replace('rate: 2', 'rate: 3') },
      ['sales'],
    ],
  ]

test('changes of every kind are planned as after a switch of the branch, also in a clone without a warehouse', async () => {
  folder.write(SHOP)
  const git = repositoryAt(folder.root)
  const shop = join(folder.root, 'shop')
  const built = await folder.run(['materialize'], {}, undefined, shop)
  expect([built.code, built.stderr]).toEqual([0, expect.any(String)])
  const clone = mkdtempSync(join(tmpdir(), 'assets-clone-'))
  try {
    for (const [k, [files, certain]] of CHANGES.entries()) {
      git('checkout', '--quiet', '-B', `change${k}`, 'main')
      folder.write(files)
      const here = await folder.run(['plan', '--against', 'main', '--json'], {}, undefined, shop)
      const wanted = await folder.run(['plan', '--offline', '--json'], {}, undefined, shop)
      expect(said(here)).toEqual(said(wanted))
      expect(said(here)).toEqual(said(await folder.run(['plan', '--json'], {}, undefined, shop)))
      const { steps } = JSON.parse(here.stdout) as PlanJson
      const stale = steps.filter(({ verdict, action }) => verdict === 'stale' && action !== 'check')
      expect(stale.map(({ asset }) => asset)).toEqual(certain)
      git('add', '--all')
      git('commit', '--quiet', `--message=change ${k}`)
      expect(
        said(await folder.run(['plan', '--against', 'main', '--json'], {}, undefined, shop)),
      ).toEqual(said(here))

      if (k > 0) continue
      gitAt(clone)('clone', '--quiet', folder.root, 'shop')
      const there = join(clone, 'shop/shop')
      const cloned = await folder.run(['plan', '--against', 'main', '--json'], {}, undefined, there)
      expect(said(cloned), cloned.stderr).toEqual(said(here))
      expect(existsSync(join(there, '.assets/w.duckdb'))).toBe(false)
      expect(existsSync(join(there, '.assets/state.sqlite'))).toBe(false)
      expect(gitAt(join(clone, 'shop'))('status', '--short', '--ignored=no')).toBe('')
    }
  } finally {
    rmSync(clone, { recursive: true, force: true })
  }
})

test("packages that differ are installed for the commit, and packages that can't be are a problem of both sides", async () => {
  const more = {
    'other/dbt_project.yml': 'name: other\nversion: 1.0.0\n',
    'other/models/extra_model.sql': 'select 1 as id union all select 3 as id',
  }
  folder.write({ ...SHOP, ...more })
  const git = repositoryAt(folder.root)
  const shop = join(folder.root, 'shop')
  const run = (...args: readonly string[]) => folder.run(args, {}, undefined, shop)
  expect((await run('check')).code).toBe(0)

  folder.write({ 'dbt/packages.yml': 'packages: [{local: ../other}]\n' })
  rmSync(join(folder.root, 'dbt/dbt_packages'), { recursive: true })
  const differ = await run('plan', '--against', 'main', '--json')
  expect(differ.stderr).toContain('main: installing the packages of the dbt project')
  const { steps } = JSON.parse(differ.stdout) as PlanJson
  const stale = steps.filter(({ verdict }) => verdict === 'stale').map(({ asset }) => asset)
  expect(stale).toEqual(['extra_model', 'sales'])
  expect(readlinkSync(join(folder.root, 'dbt/dbt_packages/other'))).toContain('other')

  folder.write({ 'dbt/packages.yml': 'packages: [{local: ../nothing}]\n' })
  git('commit', '--quiet', '--all', '--message=broken')
  folder.write({ 'dbt/packages.yml': 'packages: [{local: ../extra}]\n' })
  rmSync(join(folder.root, 'dbt/dbt_packages'), { recursive: true })
  const broken = await run('plan', '--against', 'main')
  expect(broken.code).toBe(2)
  expect(broken.stderr).toMatch(
    /the packages of main \(\w+\) are not those of the working tree, and the packages of the dbt project can't be installed/,
  )
})

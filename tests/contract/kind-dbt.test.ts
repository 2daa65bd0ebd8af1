import { existsSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Defined } from '../../framework/ports/kind.ts'
import { sharedPython } from '../rig/python.ts'
import { endings, SHOP, SHOP_ASSETS, Shop } from '../rig/shop.ts'

const ORDERS = `select i as id, chr(97 + (i % 3)::int) as customer, i * 1.5 as amount
  from range(10) t(i)`
const MODELS = ['stg_orders', 'countries', 'by_customer', 'journal', 'history', 'joined']

let python: string
let shop: Shop
beforeAll(async () => {
  python = await sharedPython()
})
afterEach(() => shop.close())

describe('definitions', () => {
  test('say what each model is, and what checks it', async () => {
    shop = new Shop(python)
    const { definitions, checks, problems, needed } = await shop.command().define()
    expect([needed, problems]).toEqual(['parse', []])
    const told = [...definitions.values()].map(
      ({ asset, form, accumulates, relation, onDrift, dataVersion }) =>
        [asset, form, accumulates, relation, onDrift, dataVersion].join(' '),
    )
    expect(told).toEqual([
      'stg_orders view no main.stg_orders rebuild content',
      'big ephemeral no  rebuild derived',
      'by_customer stored no main.by_customer rebuild content',
      'journal stored incremental main.journal rebuild content',
      'joined stored no main.joined rebuild content',
      'countries stored no main.countries rebuild content',
      'history stored snapshot main.history adopt content',
    ])
    expect(labels(definitions, 'stg_orders')).toEqual([
      'model',
      'config',
      'macro cents',
      'macro default__cents',
      'macro snowflake__cents',
    ])
    expect(labels(definitions, 'big')).toEqual(['model', 'config', 'var cutoff'])
    expect(definitions.get('stg_orders')!.parts[2]!.file).toBe('dbt/macros/cents.sql')
    const found = checks.map(({ name, reads, severity, codeOnly }) =>
      [name, reads.toSorted().join('+'), severity, codeOnly ? 'code' : 'data'].join(' '),
    )
    expect(found.toSorted()).toEqual([
      'not_null_by_customer_customer by_customer error data',
      'not_null_stg_orders_id stg_orders error data',
      'positive journal error data',
      'relationships_by_customer_customer__customer__ref_countries_ by_customer+countries warn data',
      'sums by_customer error code',
      'unique_stg_orders_id stg_orders error data',
    ])
  })

  test('are kept while nothing changes, and need no Python', async () => {
    shop = new Shop(python)
    const first = await shop.command().define()
    const again = await shop.command(SHOP_ASSETS, { env: { ASSETS_PYTHON_ENV: python } }).define()
    expect(again.needed).toBe('nothing')
    expect(again.definitions).toEqual(first.definitions)
    expect(again.checks).toEqual(first.checks)

    const longAgo = new Date('2020-01-01')
    utimesSync(join(shop.root, 'dbt/models/big.sql'), longAgo, longAgo)
    expect((await shop.command().define()).needed).toBe('nothing')
    shop.write('dbt/models/big.sql', `${SHOP['dbt/models/big.sql']} `)
    expect((await shop.command().define()).needed).toBe('parse')
    expect((await shop.command().define()).needed).toBe('nothing')
  })

  test('wait for an environment that was never made', async () => {
    shop = new Shop(python)
    shop.write('dbt/requirements.txt', 'dbt-core==1.11.16\n')
    const defined = await shop.command(SHOP_ASSETS, { env: { ASSETS_PYTHON_ENV: '' } }).kind
    const site = shop.command(SHOP_ASSETS, { env: { ASSETS_PYTHON_ENV: '' } })
    const first = await defined.define(site.assets, site.site)
    expect([first.later?.needs, first.definitions.size, first.problems]).toEqual([
      'environment',
      0,
      [],
    ])
    expect(existsSync(join(shop.root, '.assets/python'))).toBe(false)
  })
})

/** Code versions are neither jumpy nor blind: each row is one edit and the assets that it touches. */
describe('an edit', () => {
  const EDITS: readonly (readonly [string, (shop: Shop) => void, readonly string[]])[] = [
    [
      'of comments and white space',
      (s) => {
        s.write('dbt/models/by_customer.sql', `-- who\n\n${SHOP['dbt/models/by_customer.sql']}`)
        s.write('dbt/macros/cents.sql', `{# why #}\n${SHOP['dbt/macros/cents.sql']}`)
      },
      [],
    ],
    [
      'of a description, tags and meta',
      (s) => {
        s.write(
          'dbt/models/schema.yml',
          SHOP['dbt/models/schema.yml']!.replace(
            '- name: by_customer\n    columns',
            '- name: by_customer\n    description: who\n    config: {tags: [a], meta: {b: c}}\n    columns',
          ),
        )
        s.write(
          'dbt/models/stg_orders.sql',
          SHOP['dbt/models/stg_orders.sql']!.replace("'view'", "'view', tags=['x']"),
        )
      },
      [],
    ],
    [
      'of a model',
      (s) =>
        s.write(
          'dbt/models/joined.sql',
          'select 1 as one from {{ ref("by_customer") }}, {{ ref("countries") }}',
        ),
      ['joined'],
    ],
    [
      'of a macro that dispatch chooses here',
      (s) =>
        s.write(
          'dbt/macros/cents.sql',
          SHOP['dbt/macros/cents.sql']!.replace('cast(', 'try_cast('),
        ),
      ['stg_orders'],
    ],
    [
      'of a macro that dispatch would choose elsewhere',
      (s) =>
        s.write(
          'dbt/macros/cents.sql',
          SHOP['dbt/macros/cents.sql']!.replace('::number', '::decimal'),
        ),
      ['stg_orders'],
    ],
    [
      'of a variable',
      (s) =>
        s.write(
          'dbt/dbt_project.yml',
          SHOP['dbt/dbt_project.yml']!.replace('cutoff: 3', 'cutoff: 4'),
        ),
      ['big'],
    ],
    [
      'of a variable that nobody names',
      (s) => s.write('dbt/dbt_project.yml', SHOP['dbt/dbt_project.yml']!.replace('red', 'blue')),
      [],
    ],
    [
      'of a materialization',
      (s) =>
        s.write(
          'dbt/models/stg_orders.sql',
          SHOP['dbt/models/stg_orders.sql']!.replace("'view'", "'table'"),
        ),
      ['stg_orders'],
    ],
    [
      'of a seed',
      (s) => s.write('dbt/seeds/countries.csv', 'customer,country\na,AT\nb,FR\n'),
      ['countries'],
    ],
    [
      'of a snapshot',
      (s) =>
        s.write(
          'dbt/snapshots/history.yml',
          SHOP['dbt/snapshots/history.yml']!.replace('all', '[amount]'),
        ),
      ['history'],
    ],
    [
      'of a test',
      (s) =>
        s.write('dbt/tests/positive.sql', "select * from {{ ref('journal') }} where amount < 1"),
      ['positive'],
    ],
    [
      'of a severity',
      (s) =>
        s.write('dbt/models/schema.yml', SHOP['dbt/models/schema.yml']!.replace('warn', 'error')),
      ['relationships_by_customer_customer__customer__ref_countries_'],
    ],
    [
      'that overrides a macro of dbt',
      (s) =>
        s.write(
          'dbt/macros/override.sql',
          '{% macro default__create_schema(r) %}create schema if not exists {{ r.without_identifier() }}{% endmacro %}',
        ),
      [],
    ],
  ]

  test('touches what it changes and nothing else', async () => {
    shop = new Shop(python)
    // One command, so that one process reads the project again after each edit.
    const command = shop.command()
    const before = versions(await command.define())
    for (const [what, edit, touched] of EDITS) {
      edit(shop)
      const after = versions(await command.define())
      const changed = Object.keys(before).filter((name) => after[name] !== before[name])
      expect([what, changed.toSorted()]).toEqual([what, touched.toSorted()])
      if (what.includes('overrides')) shop.remove('dbt/macros/override.sql')
      for (const [file, text] of Object.entries(SHOP)) shop.write(file, text)
    }
  })

  test('of an environment variable touches what names it', async () => {
    shop = new Shop(python)
    shop.write(
      'dbt/models/joined.sql',
      `${SHOP['dbt/models/joined.sql']} -- {{ env_var('SHADE', 'none') }}`,
    )
    const bare = await shop.command().define()
    const shaded = await shop.command(SHOP_ASSETS, { env: { SHADE: 'dark' } }).define()
    expect(shaded.needed).toBe('parse')
    const [before, after] = [versions(bare), versions(shaded)]
    expect(Object.keys(before).filter((name) => after[name] !== before[name])).toEqual(['joined'])
    expect(labels(bare.definitions, 'joined')).toContain('env SHADE')
  })

  test('that dbt refuses is a problem at its file', async () => {
    shop = new Shop(python)
    shop.write('dbt/models/joined.sql', "select 1\nfrom {{ ref('by_customer' }}\n")
    const { problems, definitions } = await shop.command().define()
    expect(definitions.size).toBe(0)
    expect(problems).toMatchObject([
      { code: 'dbt-project', at: { file: 'dbt/models/joined.sql', line: 2 } },
    ])
    shop.write('dbt/models/joined.sql', "select * from {{ ref('by_custommer') }}")
    expect((await shop.command().define()).problems).toMatchObject([
      { code: 'dbt-project', at: { file: 'dbt/models/joined.sql' } },
    ])
  })
})

describe('a batch', () => {
  test('builds and checks everything, each with one outcome, parents first', async () => {
    shop = new Shop(python)
    await shop.load(ORDERS)
    const command = shop.command()
    const { checks } = await command.define()
    const reports = await command.run([...MODELS, ...checks.map(({ name }) => name)])
    const ends = endings(reports)
    expect(ends).toEqual({
      ...Object.fromEntries(MODELS.map((name) => [name, 'built'])),
      ...Object.fromEntries(checks.map(({ name }) => [name, 'pass'])),
      relationships_by_customer_customer__customer__ref_countries_: 'warn',
    })
    const order = reports.flatMap((r) => (r.step === 'built' ? [r.name] : []))
    expect(order.indexOf('stg_orders')).toBeLessThan(order.indexOf('by_customer'))
    expect(order.indexOf('by_customer')).toBeLessThan(order.indexOf('joined'))
    const joined = reports.find((r) => r.step === 'built' && r.name === 'joined')
    expect(joined).toMatchObject({
      product: { rows: 3, shape: { relation: 'main.joined' }, installed: null },
    })
    const view = reports.find((r) => r.step === 'built' && r.name === 'stg_orders')
    expect(view).toMatchObject({ product: { rows: 10, installed: expect.any(String) } })
  })

  test('gives the same versions when it is built again, in the same process and in another', async () => {
    shop = new Shop(python)
    await shop.load(ORDERS)
    const command = shop.command()
    await command.define()
    const stable = ['stg_orders', 'countries', 'by_customer', 'journal', 'joined']
    const first = products(await command.run(stable))
    // Ephemerals stay in the SQL of what an earlier call compiled; incremental models find their rows.
    expect(products(await command.run(stable))).toEqual(first)
    const other = shop.command()
    await other.define()
    expect(products(await other.run(stable))).toEqual(first)
  })

  test('begins a node before dbt touches anything for it, and waits', async () => {
    shop = new Shop(python)
    await shop.load(ORDERS)
    const command = shop.command()
    await command.define()
    const log: string[] = []
    await command.run(['stg_orders', 'by_customer'], async (report) => {
      log.push(`${report.step} ${report.name}`)
      if (report.step !== 'started') return
      // Nothing moves on while this is being written down.
      await new Promise((resolve) => setImmediate(resolve))
      log.push(`written ${report.name}`)
    })
    expect(log.filter((line) => line.endsWith('by_customer'))).toEqual([
      'started by_customer',
      'written by_customer',
      'built by_customer',
    ])
    expect(log.indexOf('written stg_orders')).toBeLessThan(log.indexOf('started by_customer'))
  })

  test('rebuilds on top or in full, as each step asks', async () => {
    shop = new Shop(python)
    await shop.load(ORDERS)
    const command = shop.command()
    await command.define()
    await command.run(['stg_orders', 'journal'])
    await shop.load(`${ORDERS} where i > 5 union all select 10, 'a', 99`)
    const rows = async (names: readonly string[]) => {
      const built = (await command.run(names)).find(
        (r) => r.name === 'journal' && r.step === 'built',
      )
      return built?.step === 'built' ? built.product.rows : null
    }
    expect(await rows(['journal'])).toBe(11)
    expect(await rows(['!journal', '!stg_orders'])).toBe(5)
    expect(await rows(['journal'])).toBe(5)
  })

  test('goes round a model that fails, and says where', async () => {
    shop = new Shop(python)
    shop.write(
      'dbt/models/by_customer.sql',
      "select customer,\n  sum(amuont) as total\nfrom {{ ref('big') }} group by 1\n",
    )
    await shop.load(ORDERS)
    const command = shop.command()
    await command.define()
    const reports = await command.run([
      'stg_orders',
      'countries',
      'by_customer',
      'journal',
      'joined',
      'positive',
      'not_null_by_customer_customer',
    ])
    expect(endings(reports)).toEqual({
      stg_orders: 'built',
      countries: 'built',
      journal: 'built',
      positive: 'pass',
      by_customer: 'failed',
      joined: 'skipped',
      not_null_by_customer_customer: 'skipped',
    })
    const failed = reports.find((report) => report.step === 'failed')
    expect(failed).toMatchObject({
      problem: {
        code: 'dbt-failed',
        asset: 'by_customer',
        message: expect.stringContaining('amuont'),
        at: { file: 'dbt/models/by_customer.sql', line: 2, column: 7 },
        detail: expect.stringContaining('SQL: sum(amuont) as total'),
      },
    })
    const skipped = reports.filter((report) => report.step === 'skipped')
    expect(skipped.map((report) => report.by)).toEqual(['by_customer', 'by_customer'])
    // What is skipped was never begun.
    expect(reports.filter((r) => r.step === 'started').map((r) => r.name)).not.toContain('joined')
    expect(reports.filter((r) => r.name === 'joined')).toHaveLength(1)
  })

  test('stops below a check that fails; a warning stops nothing', async () => {
    shop = new Shop(python)
    await shop.load(`${ORDERS} union all select 3, null, 7`)
    const command = shop.command()
    await command.define()
    const reports = await command.run([
      'stg_orders',
      'countries',
      'by_customer',
      'joined',
      'unique_stg_orders_id',
      'relationships_by_customer_customer__customer__ref_countries_',
    ])
    expect(endings(reports)).toEqual({
      stg_orders: 'built',
      countries: 'built',
      unique_stg_orders_id: 'fail',
      by_customer: 'skipped',
      joined: 'skipped',
      relationships_by_customer_customer__customer__ref_countries_: 'skipped',
    })
    const checked = reports.find((r) => r.step === 'checked')
    expect(checked).toMatchObject({
      failures: 1,
      problem: { message: 'unique_stg_orders_id on stg_orders: 1 failing row' },
    })
    expect(reports.filter((r) => r.step === 'skipped').map((r) => r.by)).toContain(
      'unique_stg_orders_id',
    )
  })

  test('a check alone goes first and gates what is below', async () => {
    shop = new Shop(python)
    await shop.load(ORDERS)
    const command = shop.command()
    await command.define()
    await command.run(MODELS)
    await shop.load(`${ORDERS} union all select 3, 'b', 7`)
    const reports = await command.run(['by_customer', 'unique_stg_orders_id', 'countries'])
    expect(endings(reports)).toEqual({
      unique_stg_orders_id: 'fail',
      by_customer: 'skipped',
      countries: 'built',
    })
  })

  test('a unit test alone goes first and gates what is below', async () => {
    shop = new Shop(python)
    await shop.load(ORDERS)
    const command = shop.command()
    await command.define()
    await command.run(MODELS)
    expect(endings(await command.run(['sums', 'joined']))).toEqual({
      sums: 'pass',
      joined: 'built',
    })

    shop.write(
      'dbt/models/schema.yml',
      SHOP['dbt/models/schema.yml']!.replace('total: 3', 'total: 4'),
    )
    const other = shop.command()
    await other.define()
    const reports = await other.run(['sums', 'joined', 'countries'])
    expect(endings(reports)).toEqual({ sums: 'fail', joined: 'skipped', countries: 'built' })
    expect(reports.find((r) => r.step === 'skipped')).toMatchObject({ by: 'sums' })
    expect(endings(await other.run(['sums', 'by_customer']))).toEqual({
      sums: 'fail',
      by_customer: 'skipped',
    })
  })
})

describe('a batch that comes to no good end', () => {
  test('Ctrl-C before it: nothing is begun', async () => {
    shop = new Shop(python)
    const command = shop.command()
    await command.define()
    shop.interrupt()
    expect(await command.run(['countries'])).toEqual([{ step: 'cancelled', name: 'countries' }])
  })

  test('Ctrl-C while a statement runs: it is cancelled, as is what was to come', async () => {
    shop = new Shop(python)
    shop.write(
      'dbt/models/by_customer.sql',
      `select count(*) as total, 'a' as customer
from range(100000000) a, range(100000000) b, {{ ref('big') }}`,
    )
    await shop.load(ORDERS)
    const command = shop.command()
    await command.define()
    const reports = await command.run(
      ['stg_orders', 'countries', 'by_customer', 'joined'],
      (report) => {
        if (report.step === 'started' && report.name === 'by_customer')
          setImmediate(() => shop.interrupt())
      },
    )
    expect(endings(reports)).toEqual({
      stg_orders: 'built',
      countries: 'built',
      by_customer: 'cancelled',
      joined: 'cancelled',
    })
    // The file is free again, and the next command goes on.
    await shop.load(ORDERS)
    shop.write('dbt/models/by_customer.sql', SHOP['dbt/models/by_customer.sql']!)
    const next = shop.command()
    await next.define()
    expect(endings(await next.run(['by_customer', 'joined']))).toEqual({
      by_customer: 'built',
      joined: 'built',
    })
  })

  test('a worker that dies: every step of it has failed', async () => {
    shop = new Shop(python)
    shop.write(
      'dbt/models/joined.py',
      'def model(dbt, session):\n    dbt.ref("countries")\n    import os\n    os._exit(3)\n    return dbt.ref("by_customer")\n',
    )
    shop.remove('dbt/models/joined.sql')
    await shop.load(ORDERS)
    const command = shop.command()
    const { problems } = await command.define()
    expect(problems).toEqual([])
    const reports = await command.run(['stg_orders', 'countries', 'by_customer', 'joined'])
    expect(endings(reports)).toMatchObject({ stg_orders: 'built', joined: 'failed' })
    expect(reports.find((r) => r.step === 'failed')).toMatchObject({
      problem: { code: 'dbt-died', asset: 'joined' },
    })
    // A new one takes its place.
    expect(endings(await command.run(['stg_orders']))).toEqual({ stg_orders: 'built' })
  })

  test('files that changed since the definitions were made: nothing is built', async () => {
    shop = new Shop(python)
    await shop.load(ORDERS)
    const command = shop.command()
    await command.define()
    shop.write('dbt/seeds/countries.csv', 'customer,country\nz,ZZ\n')
    const reports = await command.run(['countries'])
    expect(reports).toMatchObject([
      { step: 'failed', name: 'countries', problem: { code: 'dbt-project-changed' } },
    ])
  })

  test('a hook that fails is told; what it kept from running has failed', async () => {
    shop = new Shop(python)
    const hook = `${SHOP['dbt/dbt_project.yml']}on-run-start: "select nothing from nowhere"\n`
    shop.write('dbt/dbt_project.yml', hook)
    await shop.load(ORDERS)
    const command = shop.command()
    await command.define()
    expect(endings(await command.run(['countries']))).toEqual({ countries: 'built' })
    expect(shop.notices.join()).toContain('nowhere')

    shop.write('dbt/dbt_project.yml', `${hook}flags: {skip_nodes_if_on_run_start_fails: true}\n`)
    await command.define()
    const reports = await command.run(['countries', 'stg_orders'])
    expect(Object.values(endings(reports))).toEqual(['failed', 'failed'])
    expect(JSON.stringify(reports)).toContain('nowhere')
  })
})

function labels(definitions: Defined['definitions'], name: string): readonly string[] {
  return definitions.get(name)!.parts.map(({ label }) => label)
}

function versions({ definitions, checks }: Defined): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ...[...definitions].map(([name, { codeVersion }]) => [name, codeVersion]),
    ...checks.map(({ name, codeVersion }) => [name, codeVersion]),
  ])
}

function products(reports: Awaited<ReturnType<ReturnType<Shop['command']>['run']>>) {
  return Object.fromEntries(
    reports.flatMap((r) => (r.step === 'built' ? [[r.name, r.product.version]] : [])),
  )
}

import { describe, expect, test } from 'vitest'
import { inOneShop } from '../rig/one-shop.ts'
import { type Command, endings, SHOP, type Shop } from '../rig/shop.ts'

const ORDERS = `select i as id, chr(97 + (i % 3)::int) as customer, i * 1.5 as amount
  from range(10) t(i)`
const MODELS = ['stg_orders', 'countries', 'by_customer', 'journal', 'history', 'joined']

let shop: Shop
let command: Command
inOneShop((...opened) => {
  ;[shop, command] = opened
})

describe('a batch', () => {
  test('builds and checks everything, each with one outcome, parents first', async () => {
    await shop.load(ORDERS)
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

  test('has equal versions when built again by the same process or a new one', async () => {
    await shop.load(ORDERS)
    await command.define()
    const stable = ['stg_orders', 'countries', 'by_customer', 'journal', 'joined']
    const first = products(await command.run(stable))
    // Ephemerals must be compiled again; incremental models find their own rows.
    expect(products(await command.run(stable))).toEqual(first)
    expect(command.waits).toEqual(['dbt: preparing 5 steps', null, 'dbt: finishing'])
    expect(command.progress.toSorted()).toEqual(stable.map((name) => `${name}: hashing`).toSorted())
    const other = shop.command()
    await other.define()
    expect(products(await other.run(stable))).toEqual(first)
    // A new process has started, and has parsed the project.
    expect(other.waits.slice(0, 2)).toEqual(['dbt: starting', 'dbt: reading the project'])
  })

  test('changes nothing that the SQL of a model can read of it', async () => {
    shop.write(
      'dbt/models/joined.sql',
      'select {{ model.tags | length }} as a where {{ model.tags == ["x"] }}',
    )
    shop.write('dbt/models/joined.yml', 'models: [{name: joined, config: {tags: [x]}}]')
    await command.define()
    expect(await command.run(['joined'])).toMatchObject([
      { step: 'started' },
      { product: { rows: 1 } },
    ])
  })

  test('reports a node as started, and waits, before dbt changes anything', async () => {
    await shop.load(ORDERS)
    await command.define()
    const log: string[] = []
    await command.run(['stg_orders', 'by_customer'], async (report) => {
      log.push(`${report.step} ${report.name}`)
      if (report.step !== 'started') return
      // dbt waits until this report resolves.
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

  test('builds incrementally or in full, as each step says', async () => {
    await shop.load(ORDERS)
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

  test('skips only what is below a failed model, and locates the failure', async () => {
    shop.write(
      'dbt/models/by_customer.sql',
      "select customer,\n  sum(amuont) as total\nfrom {{ ref('big') }} group by 1\n",
    )
    await shop.load(ORDERS)
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
        detail: expect.stringContaining('sum(amuont) as total'),
      },
    })
    const skipped = reports.filter((report) => report.step === 'skipped')
    expect(skipped.map((report) => report.by)).toEqual(['by_customer', 'by_customer'])
    // A skipped step was never started.
    expect(reports.filter((r) => r.step === 'started').map((r) => r.name)).not.toContain('joined')
    expect(reports.filter((r) => r.name === 'joined')).toHaveLength(1)
  })

  test('skips what is below a failed check, but not what is below a warning', async () => {
    await shop.load(`${ORDERS} union all select 3, null, 7`)
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

  test('a check without its model runs first and gates what is below', async () => {
    await shop.load(ORDERS)
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

  test('a unit test without its model runs first and gates what is below', async () => {
    await shop.load(ORDERS)
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
    await command.define()
    const reports = await command.run(['sums', 'joined', 'countries'])
    expect(endings(reports)).toEqual({ sums: 'fail', joined: 'skipped', countries: 'built' })
    expect(reports.find((r) => r.step === 'skipped')).toMatchObject({ by: 'sums' })
    expect(endings(await command.run(['sums', 'by_customer']))).toEqual({
      sums: 'fail',
      by_customer: 'skipped',
    })
  })
})

function products(reports: Awaited<ReturnType<ReturnType<Shop['command']>['run']>>) {
  return Object.fromEntries(
    reports.flatMap((r) => (r.step === 'built' ? [[r.name, r.product.version]] : [])),
  )
}

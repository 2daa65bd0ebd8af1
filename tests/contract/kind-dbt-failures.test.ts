import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sharedPython } from '../rig/python.ts'
import { endings, SHOP, Shop } from '../rig/shop.ts'

const ORDERS = `select i as id, chr(97 + (i % 3)::int) as customer, i * 1.5 as amount
  from range(10) t(i)`

let python: string
let shop: Shop
beforeAll(async () => {
  python = await sharedPython()
})
afterEach(() => shop.close())

describe('a batch that does not succeed', () => {
  test('Ctrl-C before the start: no step is started', async () => {
    shop = new Shop(python)
    const command = shop.command()
    await command.define()
    shop.interrupt()
    expect(await command.run(['countries'])).toEqual([{ step: 'cancelled', name: 'countries' }])
  })

  test('Ctrl-C during a statement: it and all later steps are cancelled', async () => {
    shop = new Shop(python)
    shop.write(
      'dbt/models/by_customer.sql',
      `select count(*) as total, 'a' as customer
from range(100000000) a, range(100000000) b, {{ ref('big') }}`,
    )
    await shop.load(ORDERS)
    const command = shop.command()
    await command.define()
    const due = new Set(['countries', 'by_customer'])
    const reports = await command.run(
      ['stg_orders', 'countries', 'by_customer', 'joined'],
      (report) => {
        // dbt may build the seed at the same time.
        if (report.step === 'built' && report.name === 'countries') due.delete('countries')
        if (report.step === 'started' && report.name === 'by_customer') due.delete('by_customer')
        if (due.size === 0) setImmediate(() => shop.interrupt())
      },
    )
    expect(endings(reports)).toEqual({
      stg_orders: 'built',
      countries: 'built',
      by_customer: 'cancelled',
      joined: 'cancelled',
    })
    // The DuckDB file is free again, and the next command can use it.
    await shop.load(ORDERS)
    shop.write('dbt/models/by_customer.sql', SHOP['dbt/models/by_customer.sql']!)
    const next = shop.command()
    await next.define()
    expect(endings(await next.run(['by_customer', 'joined']))).toEqual({
      by_customer: 'built',
      joined: 'built',
    })
  })

  test('the worker dies: all of its steps fail', async () => {
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
    // The next batch starts a new worker.
    expect(endings(await command.run(['stg_orders']))).toEqual({ stg_orders: 'built' })
  })

  test('files changed after they were parsed: nothing is built', async () => {
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

  test('a failed hook is reported, and the steps that it prevented fail', async () => {
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

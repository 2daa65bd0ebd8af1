import { readdirSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addressOf, CHROMIUM, launchBrowser, NEEDS_CHROMIUM, WatchedPage } from '../rig/browser.ts'
import { CliProject } from '../rig/cli.ts'
import { eventsOf, namesByOutcome } from '../rig/events.ts'
import { runTracked } from '../rig/loaded.ts'
import { sharedPython } from '../rig/python.ts'
import { inWarehouse } from '../rig/warehouse-file.ts'

// The walk-through of README.md. Each test continues from the state that the previous one left.
let project: CliProject

beforeAll(async () => {
  project = CliProject.dvdRental({ ASSETS_PYTHON_ENV: await sharedPython() })
})
afterAll(() => project.remove())

const FACT_PAYMENT = [
  'fact_payment',
  'raw_inventory',
  'raw_payment',
  'raw_rental',
  'stg_inventory',
  'stg_payment',
  'stg_rental',
]

interface Status {
  readonly counts: { readonly fresh: number; readonly stale: number; readonly pending: number }
  readonly assets: readonly {
    readonly name: string
    readonly verdict: string
    readonly reasons: readonly { readonly reason: string; readonly message: string }[]
  }[]
}

async function staleness(...select: string[]): Promise<Record<string, string>> {
  const { assets } = await project.json<Status>('status', ...select)
  const open = assets.filter(({ verdict }) => verdict !== 'fresh')
  return Object.fromEntries(
    open.map(({ name, verdict, reasons }) => [
      name,
      [verdict, ...reasons.map(({ reason }) => reason)].join(' '),
    ]),
  )
}

function edit(file: string, change: (text: string) => string): void {
  const before = readFileSync(project.path(file), 'utf8')
  const after = change(before)
  if (after === before) throw new Error(`${file} was not changed by the edit`)
  project.write(file, after)
}

describe('the first command', () => {
  it('before it, status reports every asset missing and makes no Python environment', async () => {
    const bare = { ASSETS_PYTHON_ENV: '' }
    // Without Tableau, the refresh of its workbook is nothing that could be built.
    const status = await runTracked(project, ['status', '--json'], bare)
    expect(JSON.parse(status.stdout).counts).toMatchObject({ fresh: 1, stale: 61, pending: 0 })
    expect(status.spawned).toEqual([])
  })

  it('builds fact_payment, its ancestors and nothing else', async () => {
    const answer = await project.run('materialize', 'fact_payment', '--json')
    expect(answer.code).toBe(0)
    const { built, checked = [], ...others } = namesByOutcome(answer)
    expect(built).toEqual(FACT_PAYMENT)
    expect(checked).toContain('unique_fact_payment_payment_id')
    expect(checked.some((name) => name.includes('dim_'))).toBe(false)
    expect(others).toEqual({})
  })

  it('a second time builds nothing, starts no process and opens neither DuckDB nor PGlite', async () => {
    const answer = await runTracked(project, ['materialize', 'fact_payment'])
    expect(answer.code).toBe(0)
    expect(answer.stdout).toContain('nothing to do')
    expect(answer.spawned).toEqual([])
    expect(answer.native.filter((file) => file.includes('duckdb'))).toEqual([])
  })
})

describe('everything', () => {
  it('is built, except what is fresh', async () => {
    const answer = await project.run('materialize', '--json')
    expect(answer.code).toBe(0)
    const { built = [], failed = [], blocked = [] } = namesByOutcome(answer)
    expect([failed, blocked]).toEqual([[], []])
    expect(built).toHaveLength(61 - FACT_PAYMENT.length)
    expect(await staleness()).toEqual({})
  })

  it('includes an extract for every report', () => {
    expect(readdirSync(project.path('extracts/local')).sort()).toEqual([
      'country_sales.csv',
      'customer_segments.csv',
      'daily_revenue.csv',
      'film_popularity.csv',
      'genre_popularity.csv',
      'inventory_utilisation.csv',
      'late_returns.csv',
      'open_rentals.csv',
      'revenue_trend.csv',
      'segment_behaviour.csv',
      'segment_category_preference.csv',
    ])
  })

  it('is fresh the second time, and only the state is opened', async () => {
    const answer = await runTracked(project, ['materialize'])
    expect(answer.stdout).toContain('nothing to do')
    expect(answer.spawned).toEqual([])
    expect(answer.native.every((file) => file.includes('sqlite'))).toBe(true)
  })
})

describe('one row in the source', () => {
  it('when inserted, makes its table stale and its descendants pending, and leaves films fresh', async () => {
    const insert = `insert into payment (customer_id, staff_id, rental_id, amount, payment_date)
      select customer_id, staff_id, rental_id, 4.99, payment_date
      from payment order by payment_id limit 1`
    expect((await project.run('source', 'sql', insert)).code).toBe(0)
    const open = await staleness()
    expect(open.raw_payment).toBe('stale source')
    expect(open.fact_payment).toBe('pending')
    expect(open.extract_revenue_trend).toBe('pending')
    for (const untouched of ['dim_film', 'bridge_film_category', 'stg_film', 'raw_film']) {
      expect(open).not.toHaveProperty(untouched)
    }
    // A view between the two is fresh, and not what is waited for.
    for (const look of [['status'], ['status', '--offline']]) {
      const { stdout } = await project.run(...look)
      expect(stdout).toContain('pending (known once raw_payment is rebuilt)')
    }
  })

  it('rebuilds the reports that read it and no others', async () => {
    const answer = await project.run('materialize', '--json')
    expect(answer.code).toBe(0)
    const { built = [], unchanged = [], released = [] } = namesByOutcome(answer)
    expect(built).toEqual(expect.arrayContaining(['raw_payment', 'fact_payment', 'revenue_trend']))
    expect(built).toEqual(expect.arrayContaining(['extract_revenue_trend']))
    const touched = [...built, ...unchanged]
    expect(touched.filter((name) => /film_category|dim_film|dim_store|stg_/.test(name))).toEqual([])
    expect(released).toContain('extract_open_rentals')
  })

  it('is named by why for the fact table', async () => {
    const { stdout } = await project.run('why', 'fact_payment')
    expect(stdout).toContain('raw_payment')
    expect(stdout).toContain('payment has 1 more row in the source')
  })

  it('when updated to the same values, reloads its table and releases everything below', async () => {
    const modified = statSync(project.path('extracts/local/revenue_trend.csv')).mtimeMs
    const update = 'update payment set amount = amount where payment_id % 1000 = 0'
    await project.run('source', 'sql', update)
    const answer = await project.run('materialize', '--json')
    const { released = [], ...others } = namesByOutcome(answer)
    expect(answer.code).toBe(0)
    expect(others).toEqual({ unchanged: ['raw_payment'] })
    expect(released).toEqual(expect.arrayContaining(['fact_payment', 'extract_revenue_trend']))
    expect(statSync(project.path('extracts/local/revenue_trend.csv')).mtimeMs).toBe(modified)
  })
})

describe('dbt code', () => {
  it('with other comments and white space is the same code', async () => {
    edit(
      'dbt/models/marts/fact_payment.sql',
      (sql) => `-- a new comment\n${sql.replaceAll('\n', '\n  ')}`,
    )
    expect(await staleness()).toEqual({})
  })

  it('in a macro makes every model that uses it stale, and why names its file', async () => {
    edit('dbt/macros/arithmetic.sql', (sql) => sql.replace(/(macro ratio\([^%]*%\})/, '$1 0 +'))
    const open = await staleness()
    expect(open.revenue_trend).toBe('stale code')
    expect(open).not.toHaveProperty('fact_payment')
    const { stdout } = await project.run('why', 'revenue_trend')
    expect(stdout).toContain('dbt/macros/arithmetic.sql')
    expect((await project.run('materialize')).code).toBe(0)
  })

  it('that fails blocks only its descendants; once fixed, only the rest is built', async () => {
    const file = 'dbt/models/marts/fact_payment.sql'
    const correct = readFileSync(project.path(file), 'utf8')
    edit(file, (sql) => sql.replace('payment_date', 'payment_dat'))
    edit('dbt/models/marts/dim_staff.sql', (sql) =>
      sql.replace(/from (\w+)\s*$/, 'from $1 where 1 = 1\n'),
    )
    const answer = await project.run('materialize', '--json')
    expect(answer.code).toBe(1)
    const { failed = [], blocked = [], unchanged = [] } = namesByOutcome(answer)
    expect(failed).toEqual(['fact_payment'])
    expect(blocked).toEqual(expect.arrayContaining(['revenue_trend', 'extract_revenue_trend']))
    expect(unchanged).toContain('dim_staff')
    const failure = eventsOf(answer).find(({ outcome }) => outcome === 'failed')
    expect(failure?.problem?.file).toBe(file)
    expect(JSON.stringify(failure?.problem)).toContain('payment_dat')

    project.write(file, correct)
    const fixed = await project.run('materialize', '--json')
    expect(fixed.code).toBe(0)
    const { built = [], unchanged: same = [] } = namesByOutcome(fixed)
    expect([...built, ...same]).toContain('fact_payment')
    expect([...built, ...same].filter((name) => /^(raw|stg|dim)_/.test(name))).toEqual([])
  })
})

describe('checks', () => {
  it('of error severity block their descendants when they fail; those of warn severity do not', async () => {
    const amount = 'dbt/tests/amount_below_ten.sql'
    project.write(amount, "select * from {{ ref('fact_payment') }} where amount >= 10\n")
    const failed = await project.run('materialize', '--json')
    expect(failed.code).toBe(1)
    expect(namesByOutcome(failed).failed).toEqual(['amount_below_ten'])

    project.write(
      amount,
      "{{ config(severity='warn') }}\nselect * from {{ ref('fact_payment') }} where amount >= 10\n",
    )
    const warned = await project.run('materialize', '--json')
    expect(warned.code).toBe(0)
    expect(eventsOf(warned).find(({ event }) => event === 'check_finished')?.outcome).toBe('warn')
  })
})

describe('changes in the warehouse by something else', () => {
  it('a dropped table is missing, an edited table is drifted, and both are rebuilt', async () => {
    await inWarehouse(
      project.path('.assets/warehouse.duckdb'),
      'drop table main.late_returns',
      'update main.genre_popularity set films = films + 1',
    )
    expect(await staleness()).toMatchObject({
      late_returns: 'stale missing',
      genre_popularity: 'stale drifted',
    })
    const answer = await project.run('materialize', '--json')
    expect(answer.code).toBe(0)
    expect(namesByOutcome(answer).unchanged).toEqual(['genre_popularity', 'late_returns'])
    expect(await staleness()).toEqual({})
  })
})

describe.skipIf(CHROMIUM === null)(`the page of it ${NEEDS_CHROMIUM}`, () => {
  it('has every view without a fault, and shows a run from its first step to its last', async () => {
    const server = project.start(['ui'])
    const address = await addressOf(server)
    const browser = await launchBrowser()
    const watched = new WatchedPage(await browser.newPage(), address)
    const { page } = watched
    await page.setViewportSize({ width: 1440, height: 900 })
    for (const view of ['runs', 'run/1', 'plan', 'answers', 'asset/fact_payment']) {
      await page.goto(`${address}#/${view}`)
      await expect
        .poll(() => page.getByText(/^(Reading|Planning)/).count(), { timeout: 30_000 })
        .toBe(0)
      expect([view, await watched.violations()]).toEqual([view, []])
      await watched.picture(`dvd-${view.replace('/', '-')}`)
    }
    await page.goto(`${address}#/answers`)
    await page.locator('.answer-grid > article').first().waitFor()
    expect(await page.locator('.answer-grid > article').count()).toBe(11)

    await project.run(
      'source',
      'sql',
      'update payment set amount = amount + 1 where payment_id = (select max(payment_id) from payment)',
    )
    await page.goto(`${address}#/graph`)
    await page.locator('.canvas .box').first().waitFor()
    const seen = new Set<string>()
    const run = project.start(['materialize'])
    for (let isRunning = true; isRunning; ) {
      const pause = new Promise((resolve) => setTimeout(resolve, 100))
      isRunning = await Promise.race([run.ended.then(() => false), pause.then(() => true)])
      const marks = await page
        .locator('.canvas .box')
        .evaluateAll((boxes) => boxes.map((box) => String(box.classList[1])))
      for (const mark of marks) seen.add(mark)
    }
    // Single steps may be too short to be seen.
    expect([...seen]).toEqual(expect.arrayContaining(['building', 'pending', 'fresh']))
    await expect
      .poll(() => page.locator('.counts').textContent(), { timeout: 30_000 })
      .toBe(' 62 fresh')
    await watched.picture('dvd-graph')
    expect(watched.faults).toEqual([])
    await browser.close()
    server.child.kill('SIGINT')
    await server.ended
  })
})

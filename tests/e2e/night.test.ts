import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type NightResult, ProductionRig } from '../rig/night/night.ts'
import { sharedHyper } from '../rig/python.ts'
import { startLookalike } from '../rig/snowflake/server.ts'

// Several nights of production, with the shipped project and its two targets. Each test continues
// from the state that the previous one left.
const account = await startLookalike()
afterAll(() => account?.close())

/**
 * How many nights the virtual clock begins before today. The last test starts real processes, on
 * today's date.
 */
const EARLIER = 6

const hyper = await sharedHyper()

describe.skipIf(account === null || hyper === null)(
  'night after night (needs the Snowflake look-alike and Hyper)',
  () => {
    let night: ProductionRig
    beforeAll(async () => {
      night = await ProductionRig.open(account!, hyper!, EARLIER)
    }, 300_000)
    afterAll(() => night?.close())

    /** Both targets read the same source, so what Tableau has must equal the local extracts. */
    async function expectSameReports() {
      const { code, stderr } = await night.run('materialize', '--target', 'local')
      expect(code, stderr).toBe(0)
      const { published, local } = await night.reports()
      expect(published).toEqual(local)
    }

    /** The extracts whose file was written since `before`. */
    function written(before: ReturnType<ProductionRig['written']>) {
      const now = night.written()
      return Object.keys(now).filter((name) => now[name] !== before[name])
    }

    /** The data sources of the extracts whose rows changed in a run, and the workbook if it was refreshed. */
    const changed = ({ outcomes }: NightResult) => [
      ...steps({ outcomes } as NightResult, 'built')
        .filter((name) => name.startsWith('extract_'))
        .map((name) => name.replace('extract_', ''))
        .sort(),
      ...(outcomes.refresh_sales_overview === 'built' ? ['Sales overview'] : []),
    ]

    test('the first night: one sync, all models and checks, and the same reports as the local target', async () => {
      const ran = await night.nightly()
      expect([ran.code, ran.posts, wrong(ran)], ran.stderr).toEqual([0, 1, []])
      expect(built(ran, await night.list('*'))).toHaveLength((await night.list('*')).length)
      expect(steps(ran, 'checked').length).toBeGreaterThan(80)
      expect(Object.keys(night.written())).toHaveLength(11)
      expect([ran.signIns, ran.shown.length]).toEqual([1, 12])
      await expectSameReports()
    }, 600_000)

    test('nothing new: one sync, nothing built, no statement that needs a virtual warehouse', async () => {
      night.nextNight()
      // Two tables of some hundred rows, which the next night reads whole.
      night.fake.forgetsPosition = (stream) => ['customer', 'film'].includes(stream)
      const before = night.written()
      const ran = await night.nightly()
      expect([ran.code, ran.posts, ran.signIns, ran.shown]).toEqual([0, 1, 0, []])
      expect(await worked(ran)).toEqual([])
      expect(written(before)).toEqual([])
      const asked = ran.statements.map(({ sql }) => sql)
      expect(asked.filter((sql) => !/^show |^select cast\(system\$last_change/.test(sql))).toEqual(
        [],
      )
      // Three statements observe a schema once. The raw schema is observed twice more, before and
      // after the sync.
      const of = (schema: string) => asked.filter((sql) => sql.includes(`"${schema}"`)).length
      expect([of('ANALYTICS'), of('RAW')]).toEqual([3, 9])
    }, 120_000)

    test('Airbyte reads whole tables again after a sync without records: nothing is built', async () => {
      night.fake.forgetsPosition = () => false
      night.nextNight()
      const times = 'select distinct _airbyte_extracted_at::varchar from raw.customer'
      const before = { times: await night.query(times), written: night.written() }
      const ran = await night.nightly()
      expect([ran.code, ran.posts, wrong(ran)], ran.stderr).toEqual([0, 1, []])
      expect(ran.outcomes).toMatchObject({ raw_customer: 'unchanged', raw_film: 'unchanged' })
      const now = await night.query(times)
      expect(now).toHaveLength(1)
      expect(now).not.toEqual(before.times)
      expect([await worked(ran), written(before.written)]).toEqual([[], []])
    }, 120_000)

    test('one new payment: only its descendants are built', async () => {
      night.nextNight()
      night.fake.versions.source = '3.6.2'
      const before = night.written()
      await night.source.sql(
        `insert into payment (payment_id, customer_id, staff_id, rental_id, amount, payment_date)
       select 99001, customer_id, staff_id, rental_id, 9.99, '2007-05-15 12:00' from rental
       where rental_id not in (select rental_id from payment) order by rental_id limit 1`,
      )
      const ran = await night.nightly()
      expect([ran.code, ran.posts, wrong(ran)], ran.stderr).toEqual([0, 1, []])
      expect(ran.outcomes).toMatchObject({ raw_payment: 'built', raw_rental: 'unchanged' })
      expect(await worked(ran)).toEqual(await night.due(ran))
      const below = await night.list('raw_payment+')
      expect(below).toEqual(
        expect.arrayContaining(built(ran, await night.list('not kind:airbyte'))),
      )
      expect(written(before)).toContain('revenue_trend')
      expect(written(before)).not.toContain('open_rentals')
      expect([ran.signIns, ran.shown]).toEqual([1, changed(ran)])
      expect(ran.shown).toEqual(expect.arrayContaining(['revenue_trend', 'Sales overview']))
      expect(ran.shown).not.toContain('open_rentals')
      const { stdout } = await night.run('why', 'revenue_trend', '--target', 'prod')
      expect(stdout).toMatch(/Airbyte job \d+, 1 record, source-postgres 3\.6\.1 → 3\.6\.2/)
    }, 240_000)

    test('a late return, while sessions expire and Airbyte is not to be had: the reports follow', async () => {
      night.nextNight()
      const [open] = await night.source.sql(
        'select rental_id from rental where return_date is null order by rental_id limit 1',
      )
      const id = String(open?.rental_id)
      const isOpen = async () => {
        const { published } = await night.reports()
        return published.open_rentals!.some((row) => row.startsWith(`["${id}",`))
      }
      expect(await isOpen()).toBe(true)
      await night.source.sql(
        `update rental set return_date = rental_date + interval '60 days' where rental_id = ${id}`,
      )
      const before = night.written()
      night.fake.fault('GET /jobs/{id}', { answer: { status: 503 } }, { answer: { html: 502 } })
      const expired = {
        kind: 'code',
        code: '390112',
        message: 'Your session has expired.',
      } as const
      const gone = { kind: 'code', code: '390111', message: 'Session no longer exists.' } as const
      night.proxy.plan(/hash_agg\(\\"RENTAL_ID/, expired)
      night.proxy.plan(/create or replace transient table/, expired)
      night.proxy.plan(/select \\"RENTAL_ID/, gone)
      const ran = await night.nightly()
      expect([ran.code, ran.posts, wrong(ran)], ran.stderr).toEqual([0, 1, []])
      expect(night.proxy.seen.filter((line) => line.endsWith(' code'))).toHaveLength(3)
      expect(await worked(ran)).toEqual(await night.due(ran))
      expect(written(before)).toEqual(expect.arrayContaining(['open_rentals', 'late_returns']))
      expect(ran.shown).toEqual(changed(ran))
      expect(await isOpen()).toBe(false)
    }, 240_000)

    test('a deleted row: it stays in the raw table, is counted, and is in no report', async () => {
      night.nextNight()
      await night.source.sql('delete from payment where payment_id = 99001')
      const ran = await night.nightly()
      expect([ran.code, ran.posts, wrong(ran)], ran.stderr).toEqual([0, 1, []])
      const kept = await night.query(
        'select count(*)::varchar from raw.payment where payment_id = 99001',
      )
      const shown = await night.query(
        'select count(*)::varchar from analytics.stg_payment where payment_id = 99001',
      )
      expect([kept, shown]).toEqual([[['1']], [['0']]])
      const counted = await night.query(
        `select source_table, deleted_rows::varchar from analytics.source_rows where deleted_rows > 0`,
      )
      expect(counted).toEqual([['payment', '1']])
      await expectSameReports()
    }, 240_000)

    test('killed while the sync runs, then between the sync and dbt: no finished work is repeated', async () => {
      night.nextNight()
      await night.source.sql(
        `update payment set amount = amount + 1 where payment_id = (select min(payment_id) from payment)`,
      )
      const posts = night.fake.count('POST /jobs')
      night.fake.plan({ statuses: Array(1000).fill('running') })
      await night.killed(night.asked('GET /jobs/{id}'))
      const [job] = night.fake.jobs
      expect(job?.status).toBe('running')
      // The job succeeds at the next poll, which the next process sends.
      job!.left.length = 0
      night.proxy.plan(/PythonConnector/, { kind: 'hold' })
      await night.killed(night.proxy.arrival(/PythonConnector/))
      night.proxy.release()
      expect([job?.status, night.fake.count('POST /jobs') - posts]).toEqual(['succeeded', 1])
      const ran = await night.nightly()
      expect([ran.code, ran.posts, wrong(ran)], ran.stderr).toEqual([0, 0, []])
      expect(steps(ran, 'built', 'unchanged').filter((name) => name.startsWith('raw_'))).toEqual([])
      expect(steps(ran, 'built')).toContain('extract_revenue_trend')
      expect(ran.shown).toEqual(changed(ran))
      const { stdout } = await night.run('status', '--target', 'prod', '--exit-code')
      expect(stdout).toContain(`${(await night.list('*')).length} fresh`)
    }, 300_000)

    test('no secret is in what was said, in a file, or in the state', async () => {
      expect(await night.leaks()).toEqual([])
    })

    /** The models and extracts that a run built, and the checks that it ran. */
    async function worked(ran: NightResult) {
      const models = built(ran, await night.list('not kind:airbyte'))
      return [...models, ...steps(ran, 'checked')].sort()
    }
  },
)

const steps = ({ outcomes }: NightResult, ...words: readonly string[]) =>
  Object.keys(outcomes).filter((name) => words.includes(outcomes[name]!))

const wrong = (ran: NightResult) => steps(ran, 'failed', 'blocked', 'cancelled')

/** Those of the given assets that were built, whether or not their content changed. */
const built = (ran: NightResult, assets: readonly string[]) =>
  steps(ran, 'built', 'unchanged').filter((name) => assets.includes(name))

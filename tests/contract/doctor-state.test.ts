import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { HealthFact } from '../../framework/model/health-fact.ts'
import { examine } from '../../framework/state/postgres/health.ts'
import { create } from '../../framework/state/postgres/index.ts'
import { collectFacts, healthSubject } from '../rig/health.ts'
import { pgbouncer, startPooler } from '../rig/pgbouncer.ts'
import { freePort, type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { leased, SUCCEEDED, value } from './suites/state.ts'

let server: PostgresRig
let url: string
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  url = await server.database()
})

const at = { file: 'assets.yaml', path: ['targets', 'prod', 'state'] }

const examined = (as = url, clock: () => number = Date.now) =>
  collectFacts(examine(healthSubject({ url: as, schema: 'assets' }, { clock }))[0]!.facts)

const about = (facts: readonly HealthFact[], subject: string): HealthFact | undefined =>
  facts.find((fact) => fact.subject === subject)

const made = async () =>
  value(
    await create(
      { type: 'postgres', settings: { url, schema: 'assets' }, at },
      { clock: Date.now },
    ),
  )

describe('a state on a server', () => {
  test('that was never used: may be created, and is not created', async () => {
    const facts = await examined()
    expect(facts.map(({ state, subject, message }) => `${state} ${subject}: ${message}`)).toEqual([
      expect.stringMatching(
        /^ok server: PostgreSQL 18\S* at 127\.0\.0\.1:\d+\/test_\d+, user postgres$/,
      ),
      expect.stringMatching(/^ok round trip: \d+ ms$/),
      'ok clock: same as ours',
      'ok privileges: may create schema assets',
      'ok schema: no tables yet; the first command creates them',
    ])
    expect(await examined()).toHaveLength(facts.length)
  })

  test('with a held lease, and without one', async () => {
    const state = await made()
    const asking = { target: 'local', command: 'materialize', job: null }
    const lease = leased(value(await state.acquire(asking)))
    expect(about(await examined(), 'lease')).toMatchObject({
      state: 'ok',
      message: expect.stringMatching(
        new RegExp(`^held by run 1 \\(process ${process.pid} on .*\\) for`),
      ),
    })
    value(await lease.release(SUCCEEDED))
    await state.close()
    expect(about(await examined(), 'lease')?.message).toBe('free')
  })

  test('whose clock differs', async () => {
    expect(about(await examined(url, () => Date.now() - 90_000), 'clock')).toMatchObject({
      state: 'warning',
      message: expect.stringMatching(/^its clock is 1m(29|3\d)s ahead of ours/),
    })
  })

  test('without privileges: names the grant that is enough', async () => {
    const admin = new pg.Client(url)
    await admin.connect()
    await admin.query("create role keeper login password 'keeping'")
    const keeper = Object.assign(new URL(url), { username: 'keeper', password: 'keeping' }).href
    const fact = about(await examined(keeper), 'privileges')
    expect(fact).toMatchObject({
      state: 'bad',
      message: 'user keeper may not create schema assets',
    })
    await admin.query(fact!.hint!)
    expect(about(await examined(keeper), 'privileges')?.state).toBe('ok')
    await admin.query('drop owned by keeper; drop role keeper')
    await admin.end()
  })

  test('unreachable or refusing the login: reported without the password', async () => {
    const nowhere = Object.assign(new URL(url), { port: `${await freePort()}` }).href
    const refused = Object.assign(new URL(url), { password: 'not-the-one' }).href
    for (const [as, code] of [
      [nowhere, 'state-unreachable'],
      [refused, 'state-refused'],
    ] as const) {
      const error = await examined(as).catch((error) => error)
      expect(error.problems).toMatchObject([{ code }])
      expect(JSON.stringify(error.problems)).not.toMatch(/not-the-one|not-a-secret/)
    }
  })

  test.skipIf(pgbouncer === null)('behind pgbouncer (needs it installed)', async () => {
    const pooler = await startPooler(pgbouncer!, new URL(url))
    try {
      expect(about(await examined(pooler.over(url)), 'server')?.message).toMatch(
        /, through a pooler$/,
      )
    } finally {
      await pooler.stop()
    }
  })
})

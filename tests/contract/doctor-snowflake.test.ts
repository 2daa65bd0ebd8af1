import { afterAll, describe, expect, test } from 'vitest'
import type { HealthFact } from '../../framework/model/health-fact.ts'
import { examine } from '../../framework/warehouses/snowflake/health.ts'
import { collectFacts, healthSubject } from '../rig/health.ts'
import { stream } from '../rig/load.ts'
import { freePort } from '../rig/postgres.ts'
import { runAt } from '../rig/snowflake/account.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'

const account = await startLookalike()
afterAll(() => account?.close())

const STREAMS = [stream('payment'), stream('film')]

const examined = (url: string, database: string, password = 'hunter22') =>
  collectFacts(
    examine(
      healthSubject(
        { access_url: url, account: 'lookalike', user: 'robot', password, database },
        { streams: STREAMS, secrets: [password] },
      ),
    )[0]!.facts,
  )

const lines = (facts: readonly HealthFact[]) =>
  facts.map(({ state, subject, message }) => `${state} ${subject}: ${message}`)

describe.skipIf(account === null)('on the look-alike', () => {
  test('login, database, readable tables, and unknown facts', async () => {
    const { url } = account!
    const database = newDatabase()
    await runAt(url, database, 'create schema raw', 'create table raw.payment (payment_id int)')
    const facts = await examined(url, database)
    expect(facts.map(({ state, subject }) => `${state} ${subject}`)).toEqual([
      'ok login',
      'ok account',
      'ok clock',
      'ok database',
      // The look-alike has no virtual warehouses and no privileges.
      'bad warehouse',
      'warning privileges',
      'warning raw tables',
    ])
    const [unread] = facts.filter(({ subject }) => subject === 'raw tables')
    expect(unread?.message).toMatch(/^RAW\.FILM: missing, or not readable by role /)
    await runAt(url, database, 'create table raw.film (film_id int)')
    expect(lines(await examined(url, database))).toContain('ok raw tables: all 2 can be read')
  })

  test('needs no virtual warehouse: it uses session functions, SHOW and query plans', async () => {
    const { url, received } = account!
    const database = newDatabase()
    await runAt(url, database, 'create schema raw', 'create table raw.payment (payment_id int)')
    await examined(url, database)
    const ours = (await received(database)).filter(({ tag }) => tag === 'assets/doctor')
    expect(ours.length).toBeGreaterThan(5)
    for (const { sql } of ours) {
      expect(sql).toMatch(/^(show |select cast\(|select \* from )/)
    }
  })
})

test('an unreachable account', async () => {
  const error = await examined(`http://127.0.0.1:${await freePort()}`, 'X').catch((e) => e)
  expect(error.problems).toMatchObject([
    { code: expect.stringMatching(/^warehouse-(unreachable|timeout)$/) },
  ])
  expect(JSON.stringify(error.problems)).not.toContain('hunter22')
})

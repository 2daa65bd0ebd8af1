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

const told = (facts: readonly HealthFact[]) =>
  facts.map(({ state, subject, message }) => `${state} ${subject}: ${message}`)

describe.skipIf(account === null)('on the look-alike', () => {
  test('who we are, the database, what can be read, and what it can not tell', async () => {
    const { url } = account!
    const database = newDatabase()
    await runAt(url, database, 'create schema raw', 'create table raw.payment (payment_id int)')
    const facts = await examined(url, database)
    expect(facts.map(({ state, subject }) => `${state} ${subject}`)).toEqual([
      'ok login',
      'ok account',
      'ok clock',
      'ok database',
      // The look-alike knows neither virtual warehouses nor rights.
      'bad warehouse',
      'warning privileges',
      'warning raw tables',
    ])
    const [unread] = facts.filter(({ subject }) => subject === 'raw tables')
    expect(unread?.message).toMatch(/^RAW\.FILM: not there yet, or not to be read by role /)
    await runAt(url, database, 'create table raw.film (film_id int)')
    expect(told(await examined(url, database))).toContain('ok raw tables: all 2 can be read')
  })

  test('wakes no virtual warehouse: functions of the session, SHOW, and plans of queries', async () => {
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

test('nobody is there', async () => {
  const error = await examined(`http://127.0.0.1:${await freePort()}`, 'X').catch((e) => e)
  expect(error.problems).toMatchObject([
    { code: expect.stringMatching(/^warehouse-(unreachable|timeout)$/) },
  ])
  expect(JSON.stringify(error.problems)).not.toContain('hunter22')
})

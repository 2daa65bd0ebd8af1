import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dedup, fakeStreamOf } from '../rig/airbyte/bench.ts'
import { CREDENTIALS, FakeAirbyte } from '../rig/airbyte/fake.ts'
import { CONNECTION_ID } from '../rig/airbyte/jobs.ts'
import { VirtualTime } from '../rig/airbyte/virtual-time.ts'
import { InProcessProject } from '../rig/in-process.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { runAt } from '../rig/snowflake/account.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'

const account = await startLookalike()
afterAll(() => account?.close())

let server: PostgresRig
let airbyte: FakeAirbyte
let project: InProcessProject
let source: pg.Client

beforeAll(async () => {
  server = await startPostgres()
  airbyte = await FakeAirbyte.start(
    [dedup('payment'), dedup('film')].map(fakeStreamOf),
    new VirtualTime(),
  )
})
afterAll(async () => {
  project?.remove()
  await source?.end()
  await airbyte.stop()
  await server.stop()
})

/** A fact in the output. Only its state and subject are compared, because messages vary. */
const LINE = /^ {2}(ok|warning|bad) +(\S.*?) {2,}/

describe.skipIf(account === null)(
  'a target of Airbyte, Snowflake and PostgreSQL (needs the Snowflake look-alike)',
  () => {
    test('whose services all answer is ok, except for clocks and what the look-alike lacks', async () => {
      const database = newDatabase()
      await runAt(
        account!.url,
        database,
        'create schema raw',
        'create table raw.payment (payment_id int)',
        'create table raw.film (film_id int)',
      )
      const url = await server.database()
      source = new pg.Client(url)
      await source.connect()
      await source.query(`create table payment (payment_id int primary key);
      create table film (film_id int primary key);
      create publication airbyte_publication for table payment, film`)
      await source.query("select pg_create_logical_replication_slot('airbyte_slot', 'pgoutput')")
      project = new InProcessProject({
        'assets.yaml': `version: 1
project: shop
default_target: prod
targets:
  prod:
    state: {type: postgres, url: "${await server.database()}"}
    warehouse: {type: snowflake, account: lookalike, access_url: "${account!.url}", user: robot, password: hunter22, database: ${database}, warehouse: SHOP_WH}
    connections:
      shop:
        type: airbyte
        url: "${airbyte.url}"
        connection_id: ${CONNECTION_ID}
        client_id: ${CREDENTIALS.id}
        client_secret: ${CREDENTIALS.secret}
        source: {url: "${url}", disk: 20GB}
assets:
  raw_payment: {kind: airbyte, connection: shop, stream: payment, sync: incremental_dedup, primary_key: [payment_id]}
  raw_film: {kind: airbyte, connection: shop, stream: film, sync: incremental_dedup, primary_key: [film_id]}
`,
      })
      project.speedup = 1
      const text = await project.show('doctor')
      const lines = text.split('\n').flatMap((line) => {
        const [, state, subject] = LINE.exec(line) ?? []
        return state === undefined ? (/^[a-z]/.test(line) ? [line] : []) : [`  ${state} ${subject}`]
      })
      expect(lines.slice(1)).toEqual([
        'tool',
        '  ok node',
        '  ok assets',
        '  ok .assets',
        '  ok disk',
        '  ok clock',
        'state',
        '  ok server',
        '  ok round trip',
        '  warning clock',
        '  ok privileges',
        '  ok schema',
        'warehouse',
        '  ok login',
        '  ok account',
        '  warning clock',
        '  ok database',
        '  ok warehouse',
        '  warning privileges',
        '  ok raw tables',
        'connection shop',
        '  ok service',
        '  ok login',
        '  warning clock',
        '  ok connection',
        '  ok source',
        '  ok destination',
        '  ok last job',
        '  ok streams',
        'connection shop, source',
        '  ok server',
        '  warning clock',
        '  ok wal_level',
        '  ok publication airbyte_publication',
        '  ok slot airbyte_slot',
        '  ok WAL of airbyte_slot',
        '  warning limit of airbyte_slot',
        'next: assets status',
      ])
      expect(text).not.toMatch(/\nexit|not-a-secret|hunter22|not-to-be-shown/)
      expect(airbyte.count('POST /jobs')).toBe(0)
    })
  },
)

import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { observeRelations } from '../../framework/kinds/observe-relations.ts'
import type { Materialization } from '../../framework/model/record.ts'
import type { ObserveRequest } from '../../framework/ports/kind.ts'
import { assetOf } from '../contract/suites/site.ts'
import { runAt, snowflakeAt } from '../rig/snowflake/account.ts'
import { type Lookalike, newDatabase, startLookalike } from '../rig/snowflake/server.ts'

// Runs on the look-alike, so counts and memory are meaningful and times are not. Measures how many
// statements observe a thousand tables, and how much memory a large extract takes.

const TABLES = 1_000
const SCHEMAS = ['MARTS', 'REPORTS']
const GOAL = 3
/** How many tables are created at once. */
const AT_ONCE = 100

/** The measurements of one extract, which runs alone in a child process. */
interface Measured {
  readonly rows: number
  readonly seconds: number
  /** Memory before the first row, and the peak. */
  readonly megabytes: readonly [number, number]
}

export async function benchSnowflake(
  print: (line: string) => void,
  sizes: readonly number[] = [500_000, 5_000_000],
): Promise<void> {
  const account = await startLookalike()
  if (account === null) return print('Snowflake: skipped, the look-alike could not be started')
  try {
    await countStatements(account, print)
    for (const rows of sizes) {
      const { seconds, megabytes } = await extractAlone(account.url, rows)
      const [idle, peak] = megabytes
      print(
        `extract of ${rows.toLocaleString('en-US')} rows: peak ${peak.toFixed(0)} MB, ` +
          `${(peak - idle).toFixed(0)} MB of it for rows (${seconds.toFixed(0)} s)`,
      )
    }
  } finally {
    await account.close()
  }
}

/** Prints how many statements per schema it takes to observe all tables. */
async function countStatements(account: Lookalike, print: (line: string) => void): Promise<void> {
  const database = newDatabase()
  const names = Array.from({ length: TABLES }, (_, at) => `${SCHEMAS[at % SCHEMAS.length]}.T${at}`)
  await runAt(account.url, database, ...SCHEMAS.map((schema) => `create schema ${schema}`))
  for (let from = 0; from < TABLES; from += AT_ONCE) {
    const some = names.slice(from, from + AT_ONCE)
    await runAt(
      account.url,
      database,
      ...some.map((name) => `create table ${name} as select 1 as id`),
    )
  }
  const warehouse = snowflakeAt(account.url, database)
  const session = await warehouse.open()
  if (!session.ok) throw new Error(session.problems[0]?.message)
  const inspected = await session.value.inspect(names)
  await session.value.close()
  const requests = names.map((relation): ObserveRequest => {
    const { shape, token = null } = inspected.get(relation)!
    const record = { dataVersion: 'c:snowflake/1:0', shape, token, rows: 1 } as Materialization
    const definition = { form: 'stored', relation, accumulates: 'no', dataVersion: 'content' }
    return {
      asset: assetOf('dbt', relation.toLowerCase(), {}),
      definition: definition as ObserveRequest['definition'],
      record,
      lastObserved: null,
      warehouseToken: null,
      sparing: false,
    }
  })
  const before = (await account.received(database)).length
  const startedAt = performance.now()
  const found = await observeRelations(requests, warehouse)
  const seconds = (performance.now() - startedAt) / 1000
  if (!found.ok) throw new Error(found.problems[0]?.message)
  const known = [...found.value.values()].filter((one) => one.state === 'present').length
  const asked = (await account.received(database)).length - before
  print(
    `observe ${known} tables in ${SCHEMAS.length} schemas: ${asked / SCHEMAS.length} statements per schema ` +
      `(goal ≤ ${GOAL}), ${seconds.toFixed(1)} s`,
  )
}

function extractAlone(url: string, rows: number): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [url, String(rows)])
    child.once('message', (message) => resolve(message as Measured))
    child.once('error', reject)
    child.once('exit', (code) => code !== 0 && reject(new Error(`the extract exited with ${code}`)))
  })
}

/** Runs in the child process: one extract of `rows` payments, ordered by id. */
async function extract(url: string, rows: number): Promise<Measured> {
  const root = mkdtempSync(join(tmpdir(), 'assets-bench-'))
  const session = await snowflakeAt(url, newDatabase(), { root }).open()
  if (!session.ok) throw new Error(session.problems[0]?.message)
  try {
    const query = `select seq4() as payment_id, seq4() % 599 as customer_id, seq4() % 2 as staff_id,
      seq4() * 7 as rental_id, (seq4() % 1200) / 100 as amount,
      dateadd(second, seq4(), '2007-02-14'::timestamp) as payment_date
      from table(generator(rowcount => ${rows}))`
    const idle = process.resourceUsage().maxRSS / 1024
    const startedAt = performance.now()
    const written = await session.value.export({
      from: { query },
      columns: null,
      orderBy: ['payment_id'],
      format: 'csv',
      file: join(root, 'payments.csv'),
    })
    if (!written.ok || written.value.rows !== rows) throw new Error(JSON.stringify(written))
    const seconds = (performance.now() - startedAt) / 1000
    return { rows, seconds, megabytes: [idle, process.resourceUsage().maxRSS / 1024] }
  } finally {
    await session.value.close()
    rmSync(root, { recursive: true, force: true })
  }
}

const [url, rows] = process.argv.slice(2)
if (process.send !== undefined && url !== undefined) process.send(await extract(url, Number(rows)))

import { execFile, fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { create } from '../../framework/warehouses/duckdb/index.ts'
import { load, stream } from '../rig/load.ts'
import { startPostgres } from '../rig/postgres.ts'
import { connectionTo, testSite } from '../rig/postgres-source.ts'

// The loader copies a table from a real PostgreSQL into DuckDB, including bookkeeping columns,
// checkpoint and hash. The lower bound is psql's COPY of the same rows to /dev/null.

const ROUNDS = 3

/** The measurements of one load, which runs alone in a child process. */
interface Measured {
  readonly seconds: number
  readonly megabytes: number
  readonly rows: number | null
}

export async function benchLoader(
  print: (line: string) => void,
  sizes: readonly number[] = [500_000, 5_000_000],
): Promise<void> {
  const server = await startPostgres()
  try {
    for (const rows of sizes) {
      const url = await server.database()
      await fill(url, rows)
      const floors: number[] = []
      const loads: Measured[] = []
      for (let round = 0; round < ROUNDS; round++) {
        const floor = await copyToNothing(url)
        if (floor === null) return print('loader: skipped, psql is not on PATH')
        floors.push(floor)
        loads.push(await loadAlone(url))
      }
      const floor = Math.min(...floors)
      const seconds = Math.min(...loads.map((one) => one.seconds))
      const megabytes = Math.max(...loads.map((one) => one.megabytes))
      print(
        `loader, ${rows.toLocaleString('en-US')} payments: ${(seconds / floor).toFixed(2)} × psql COPY to /dev/null ` +
          `(${seconds.toFixed(2)} s against ${floor.toFixed(2)} s), peak ${megabytes.toFixed(0)} MB`,
      )
    }
  } finally {
    await server.stop()
  }
}

async function fill(url: string, rows: number): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`
    create table payment (
      payment_id serial primary key, customer_id smallint not null, staff_id smallint not null,
      rental_id integer not null, amount numeric(5, 2) not null, payment_date timestamp not null);
    insert into payment (customer_id, staff_id, rental_id, amount, payment_date)
    select 1 + abs(hashint4(n)) % 599, 1 + abs(hashint4(n + 7)) % 2, n, abs(hashint4(n * 3)) % 1200 / 100.0,
      timestamp '2007-02-14' + abs(hashint4(n)) % 7000000 * interval '1.000173 s'
    from generate_series(1, ${rows}) n`)
  await client.query('vacuum analyze payment')
  await client.end()
}

/** The seconds that psql takes, or null if psql is not installed. */
async function copyToNothing(url: string): Promise<number | null> {
  const started = performance.now()
  try {
    const sql = 'copy payment to stdout (format csv)'
    await promisify(execFile)('sh', ['-c', `psql "$0" -qc "$1" > /dev/null`, url, sql])
  } catch {
    return null
  }
  return (performance.now() - started) / 1000
}

function loadAlone(url: string): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [url])
    child.once('message', (message) => resolve(message as Measured))
    child.once('error', reject)
    child.once('exit', (code) => code !== 0 && reject(new Error(`the load exited with ${code}`)))
  })
}

/**
 * Runs in the child process: one load of the whole table, from opening connections to closing the
 * file.
 */
async function measure(url: string): Promise<Measured> {
  const root = mkdtempSync(join(tmpdir(), 'assets-bench-'))
  mkdirSync(join(root, '.assets'))
  try {
    const site = testSite(root, [])
    const at = { file: 'assets.yaml', path: [] }
    const warehouse = create({ type: 'duckdb', settings: { path: 'bench.duckdb' }, at }, site)
    if (!warehouse.ok) throw new Error(warehouse.problems[0]?.message)
    const started = performance.now()
    const session = await warehouse.value.open()
    if (!session.ok) throw new Error(session.problems[0]?.message)
    const connection = connectionTo({ url }, site)
    const ended = await load(connection, [stream('payment')], { session: session.value })
    await connection.close()
    await session.value.close()
    const seconds = (performance.now() - started) / 1000
    const one = ended.get('raw_payment')
    if (one?.step !== 'built') throw new Error(JSON.stringify(one))
    const megabytes = process.resourceUsage().maxRSS / 1024
    return { seconds, megabytes, rows: one.product.rows }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const [url] = process.argv.slice(2)
if (process.send !== undefined && url !== undefined) process.send(await measure(url))

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { dedup, fakeStreamOf } from './bench.ts'
import { CREDENTIALS, FakeAirbyte } from './fake.ts'
import { CONNECTION_ID } from './jobs.ts'
import { type CliOutput, type MaterializeOutput, materializeOutput, runCliAt } from './run-cli.ts'
import { VirtualTime } from './virtual-time.ts'

const MAIN = fileURLToPath(new URL('../../../framework/main.ts', import.meta.url))

const PROJECT = `
version: 1
project: shop
default_target: prod
targets:
  prod:
    warehouse: {type: duckdb, path: warehouse.duckdb}
    connections:
      shop:
        type: airbyte
        url: "\${AIRBYTE_URL}"
        connection_id: "\${AIRBYTE_CONNECTION_ID}"
        client_id: "\${AIRBYTE_CLIENT_ID}"
        client_secret: "\${AIRBYTE_CLIENT_SECRET}"
        poll_interval: 0s
assets:
  raw_payment:
    kind: airbyte
    connection: shop
    stream: payment
    sync: incremental_dedup
    primary_key: [payment_id]
  raw_film: {kind: airbyte, connection: shop, stream: film, sync: incremental_dedup, primary_key: [film_id]}
  payments: {kind: extract, deps: [raw_payment], to: out/payments.csv, order_by: [payment_id]}
  films: {kind: extract, deps: [raw_film], to: out/films.csv, order_by: [film_id]}
`

type Row = readonly [id: number, name: string]

/**
 * A project whose raw tables are loaded by a fake Airbyte, into the project's DuckDB file and in Airbyte's
 * table layout. Runs the command line in this process.
 */
export class AirbytePipeline {
  readonly fake: FakeAirbyte
  readonly time: VirtualTime
  /** The rows of the source, by stream. */
  readonly source = new Map<string, Row[]>([
    [
      'payment',
      [
        [1, 'one'],
        [2, 'two'],
      ],
    ],
    ['film', [[1, 'one']]],
  ])
  readonly #root = mkdtempSync(join(tmpdir(), 'assets-airbyte-'))
  readonly #loaded = new Map<string, string>()

  private constructor(fake: FakeAirbyte, time: VirtualTime) {
    this.fake = fake
    this.time = time
    fake.onSync = (...sync) => this.#load(...sync)
    writeFileSync(this.path('assets.yaml'), PROJECT)
  }

  /** `now`: the start of the clock, for tests with a second process. */
  static async open(now?: number): Promise<AirbytePipeline> {
    const time = new VirtualTime(now)
    const fake = await FakeAirbyte.start(
      [fakeStreamOf(dedup('payment')), fakeStreamOf(dedup('film'))],
      time,
    )
    return new AirbytePipeline(fake, time)
  }

  path(file: string): string {
    return join(this.#root, file)
  }

  pass(milliseconds: number): void {
    this.time.advance(milliseconds)
  }

  async materialize(signal?: AbortSignal): Promise<MaterializeOutput> {
    return materializeOutput(await this.run(['materialize', '--json'], signal))
  }

  /** The verdict of each asset. */
  async status(): Promise<Readonly<Record<string, string>>> {
    const { stdout } = await this.run(['status', '--json'])
    const { assets } = JSON.parse(stdout) as {
      assets: readonly { name: string; verdict: string }[]
    }
    return Object.fromEntries(assets.map(({ name, verdict }) => [name, verdict]))
  }

  run(argv: readonly string[], signal?: AbortSignal): Promise<CliOutput> {
    return runCliAt(this.time, argv, { cwd: this.#root, env: this.#env(), signal })
  }

  /** The output of `assets materialize` on a terminal, with every redraw. */
  async watched(): Promise<string> {
    const where = { cwd: this.#root, env: this.#env(), isTerminal: true }
    return (await runCliAt(this.time, ['materialize'], where)).stderr
  }

  /** Starts a sync in another process, and kills that process during a poll. */
  async killDuringSync(): Promise<void> {
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), MAIN, 'materialize'],
      { cwd: this.#root, env: { ...this.#env(), PATH: process.env.PATH }, stdio: 'ignore' },
    )
    const ended = new Promise((resolve) => child.once('exit', resolve))
    this.fake.onCall = (route) => {
      if (route === 'GET /jobs/{id}') child.kill('SIGKILL')
    }
    await ended
    this.fake.onCall = () => {}
  }

  async sql(...statements: readonly string[]): Promise<void> {
    const instance = await DuckDBInstance.create(this.path('warehouse.duckdb'))
    const connection = await instance.connect()
    for (const statement of statements) await connection.run(statement)
    connection.closeSync()
    instance.closeSync()
  }

  /** The first row of a query, as text. */
  async query(statement: string): Promise<string> {
    const instance = await DuckDBInstance.create(this.path('warehouse.duckdb'))
    const connection = await instance.connect()
    const rows = (await connection.runAndReadAll(statement)).getRowsJson()
    connection.closeSync()
    instance.closeSync()
    return JSON.stringify(rows[0])
  }

  async close(): Promise<void> {
    await this.fake.stop()
    rmSync(this.#root, { recursive: true, force: true })
    if (this.fake.violations.length > 0) throw new Error(this.fake.violations.join('\n'))
  }

  #env(): Record<string, string> {
    return {
      TZ: 'UTC',
      NO_COLOR: '1',
      AIRBYTE_URL: this.fake.url,
      AIRBYTE_CONNECTION_ID: CONNECTION_ID,
      AIRBYTE_CLIENT_ID: CREDENTIALS.id,
      AIRBYTE_CLIENT_SECRET: CREDENTIALS.secret,
    }
  }

  /**
   * Loads streams. An incremental sync does not write a table without new rows, unless it reads it whole: then the
   * same rows land again, in another order and with new bookkeeping.
   */
  async #load(
    streams: readonly string[],
    jobId: number,
    whole: ReadonlySet<string>,
  ): Promise<Readonly<Record<string, number>>> {
    mkdirSync(dirname(this.path('warehouse.duckdb')), { recursive: true })
    const records: Record<string, number> = {}
    for (const stream of streams) {
      const rows = this.source.get(stream)!
      const before = this.#loaded.get(stream)
      const now = JSON.stringify(rows)
      const isNothingNew = before === now && !whole.has(stream)
      records[stream] = isNothingNew ? 0 : rows.length
      if (isNothingNew) continue
      this.#loaded.set(stream, now)
      const landing = whole.has(stream) ? rows.toReversed() : rows
      const values = landing.map(([id, name]) => `(${id}, '${name}')`).join(', ')
      await this.sql(
        'create schema if not exists raw',
        `create or replace table raw.${stream} as
         select uuid() as _airbyte_raw_id, now() as _airbyte_extracted_at,
           '{"sync_id":${jobId},"changes":[]}'::json as _airbyte_meta, 1 as _airbyte_generation_id,
           ${jobId} as _ab_cdc_lsn, now()::varchar as _ab_cdc_updated_at, *
         from (values ${values}) as t (${stream}_id, name)`,
      )
    }
    return records
  }
}

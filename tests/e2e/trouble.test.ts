import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CliProject, REPOSITORY } from '../rig/cli.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'

// Failures outside the project are reported with what happened, where, and what to do: without a
// stack trace or a password. Nothing built is lost, and the same command succeeds after the repair.

const PROJECT = `version: 1
project: trouble
default_target: local
targets:
  local:
    warehouse: {type: duckdb, path: .assets/warehouse.duckdb}
    connections:
      shop: {type: postgres, url: "\${SOURCE_DATABASE_URL}"}
defaults: {kind: airbyte, connection: shop}
assets:
  raw_orders: {stream: orders, sync: incremental_dedup, primary_key: [id]}
  extract_orders:
    kind: extract
    deps: [raw_orders]
    to: extracts/orders.csv
    columns: [id, amount]
    order_by: [id]
`

let server: PostgresRig
let url: string
let project: CliProject

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  url = await server.database()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('create table orders (id integer primary key, amount numeric(8, 2))')
  await client.query('insert into orders values (1, 10), (2, 20.50)')
  await client.end()
  project = new CliProject({ SOURCE_DATABASE_URL: url }).write('assets.yaml', PROJECT)
})
afterEach(() => project.remove())

/** The text contains no stack trace and no password. */
function expectWords(text: string): void {
  expect(text).not.toMatch(/\n\s+at /)
  expect(text).not.toContain(new URL(url).password)
}

describe('a source', () => {
  it('that is down fails its tables; once it is up again, the same command succeeds', async () => {
    expect((await project.run('materialize')).code).toBe(0)
    const down = { SOURCE_DATABASE_URL: url.replace(/:\d+\//, ':1/') }
    const answer = await project.start(['materialize'], down).ended
    expect(answer.code).toBe(1)
    expect(answer.stderr).toContain('127.0.0.1:1')
    expectWords(answer.stdout + answer.stderr)
    const again = await project.run('materialize')
    expect([again.code, again.stderr]).toEqual([0, expect.not.stringContaining('error')])
  })

  it('that refuses the password is reported without the password', async () => {
    const wrong = { SOURCE_DATABASE_URL: url.replace(/:[^:@/]+@/, ':wrong-password@') }
    const answer = await project.start(['materialize'], wrong).ended
    expect(answer.code).toBe(1)
    expect(answer.stderr).toContain('rejected the login')
    expect(answer.stdout + answer.stderr).not.toContain('wrong-password')
    expectWords(answer.stdout + answer.stderr)
  })

  it('whose URL variable is missing is reported with file and line', async () => {
    const answer = await project.start(['materialize'], { SOURCE_DATABASE_URL: '' }).ended
    expect(answer.code).toBe(2)
    expect(answer.stderr).toContain('assets.yaml:8:')
    expect(answer.stderr).toContain('SOURCE_DATABASE_URL')
  })

  it.each([
    ['a missing stream', 'stream: orders', 'stream: ordres', 'orders'],
    ['a missing key column', 'primary_key: [id]', 'primary_key: [idd]', 'id'],
  ])(
    'asked for %s is reported with file, line and a suggestion',
    async (_, right, wrong, meant) => {
      project.write('assets.yaml', PROJECT.replace(right, wrong))
      const answer = await project.run('materialize')
      expect(answer.code).toBe(2)
      expect(answer.stderr).toMatch(/assets\.yaml:11:\d+ +error/)
      expect(answer.stderr).toContain(`did you mean ${meant}?`)
    },
  )
})

describe('a warehouse', () => {
  it('that another process has open is reported with that process; status answers from records', async () => {
    expect((await project.run('materialize')).code).toBe(0)
    const holder = fork(join(REPOSITORY, 'tests/rig/hold-duckdb.mjs'), [
      project.path('.assets/warehouse.duckdb'),
    ])
    await once(holder, 'message')
    try {
      const status = await project.run('status')
      expect(status.stderr).toContain(String(holder.pid))
      expect(status.stderr).toContain('the records are shown instead')
      expect(status.stdout).toContain('2 fresh')
      const forced = await project.run('materialize', '--force')
      expect(forced.code).toBe(1)
      expect(forced.stderr).toContain(String(holder.pid))
    } finally {
      holder.kill('SIGKILL')
      await once(holder, 'exit')
    }
    expect((await project.run('materialize')).code).toBe(0)
  })
})

describe('the folder .assets', () => {
  it('that is a file is reported', async () => {
    project.write('.assets', '')
    const answer = await project.run('status')
    expect([answer.code, answer.stderr]).toEqual([2, expect.stringContaining('.assets')])
    expectWords(answer.stderr)
  })

  it('with a damaged state is reported with the name of the file', async () => {
    await project.run('materialize')
    for (const log of ['-wal', '-shm']) {
      rmSync(project.path(`.assets/state.sqlite${log}`), { force: true })
    }
    project.write('.assets/state.sqlite', 'no database at all '.repeat(1_000))
    const answer = await project.run('status')
    expect(answer.code).not.toBe(0)
    expect(answer.stderr).toContain('state.sqlite')
    expectWords(answer.stderr)
  })
})

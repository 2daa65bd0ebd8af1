// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what settings hold
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CheckResult, Leftover } from '../../framework/model/record.ts'
import type { StepSummary } from '../../framework/model/run.ts'
import type { Change, Lease, State } from '../../framework/ports/state.ts'
import { copyState } from '../../framework/state/copy.ts'
import { create as inPostgres } from '../../framework/state/postgres/index.ts'
import { create as inSqlite } from '../../framework/state/sqlite/index.ts'
import { DERIVED, storedColumns, TABLES } from '../../framework/state/tables.ts'
import { InProcessProject } from '../rig/in-process.ts'
import { type PostgresRig, startPostgres } from '../rig/postgres.ts'
import { leased, record, SUCCEEDED, value } from './suites/state.ts'

const at = { file: 'assets.yaml', path: ['targets', 'prod', 'state'] }
const clock = Date.now

let server: PostgresRig
let url: string
let root: string
let file: State
let store: State

const sqlite = async (path: string) =>
  value(await inSqlite({ type: 'sqlite', settings: { path }, at }, { root, clock }))
const acquire = async (state: State, target = 'prod') =>
  leased(value(await state.acquire({ target, command: 'materialize', job: null })))

/** A run that writes rows to every table. */
async function build(state: State, names: readonly string[], target = 'prod'): Promise<void> {
  const lease = await acquire(state, target)
  const observation = { at: 1, version: null, shape: null, token: 'tok', present: true }
  const problem = { code: 'x' as const, message: 'it failed', detail: 'a\nb' }
  const step: StepSummary = {
    ...{ name: 'a', action: 'build', outcome: 'built', batch: 1, startedAt: 1, finishedAt: 2.5 },
    ...{ rows: 3, reasons: [], reference: null, problem, note: null },
  }
  const check: CheckResult = {
    ...{ check: 'unique', run: 1, startedAt: 1, finishedAt: 2, codeVersion: 'c', parts: [] },
    ...{ inputs: [], outcome: 'pass', failures: 0, message: null },
  }
  const shape = { relation: 'main.a', columns: 'c' }
  const leftover: Leftover = {
    ...{ asset: 'a', is: 'relation', place: 'main.a', run: 1 },
    ...{ accumulates: 'no', record: record('a', { shape }) },
  }
  const changes: readonly Change[] = [
    ...names.map((name): Change => ({ change: 'commit', record: record(name) })),
    ...names.map(
      (name): Change => ({
        change: 'commit',
        record: record(name, { dataVersion: 'c:s/1:new', rows: 7 }),
      }),
    ),
    { change: 'checked', result: check },
    { change: 'begin', name: 'b', at: 5 },
    { change: 'reference', name: 'b', reference: { job: 9 } },
    { change: 'force', names: ['b'], as: 'full_refresh' },
    { change: 'remember', asset: 'v', key: 'k', version: 'c:s/1:v' },
    { change: 'observed', name: 'e', observation },
    { change: 'change_token', subject: 'warehouse', token: 'g' },
    { change: 'step', step },
    { change: 'left', leftover },
  ]
  value(await lease.write(changes))
  value(await lease.release(SUCCEEDED))
}

/** Everything that a state returns. */
async function everything(state: State, target = 'prod') {
  const facts = value(await state.snapshot(target))
  const runs = value(await state.runs(target, 100)).filter((run) => run.outcome !== 'running')
  return {
    facts: Object.fromEntries(
      Object.entries(facts).map(([part, of]) => [part, new Map<string, unknown>(of)]),
    ),
    runs: await Promise.all(runs.map(async ({ run }) => value(await state.run(run)))),
    durations: value(await state.durations(target)),
    producer: value(await state.producer(target, 'a', 'c:s/1:a-1')),
  }
}

async function copy(from: State, to: State, replace = false) {
  const lease: Lease = await acquire(from)
  const copied = await copyState(from, to, { target: 'prod', replace, lease })
  value(await lease.release(SUCCEEDED))
  return copied
}

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'assets-copy-'))
  url = await server.database()
  file = await sqlite('state.sqlite')
  store = value(
    await inPostgres({ type: 'postgres', settings: { url, schema: 'assets' }, at }, { clock }),
  )
})
afterEach(async () => {
  await file.close()
  await store.close()
  rmSync(root, { recursive: true, force: true })
})

const MANY = ['a', ...Array.from({ length: 1_200 }, (_, n) => `asset_${n}`)]

describe('a copied state', () => {
  test('returns the same facts after a copy there and back', async () => {
    await build(file, MANY)
    const before = await everything(file)
    const copied = value(await copy(file, store))
    expect(copied).toMatchObject({ runs: 1, records: 1_201, past_records: 1_201, journal: 1 })
    expect(Object.values(copied).every((rows) => rows > 0)).toBe(true)
    expect(await everything(store)).toEqual(before)

    const back = await sqlite('back.sqlite')
    value(await copy(store, back))
    expect(await everything(back)).toEqual(before)
    await back.close()
  })

  test('continues the run numbers', async () => {
    await build(file, ['a'])
    await build(file, ['a'])
    value(await copy(file, store))
    expect((await acquire(store)).run).toBe(3)
  })

  test('does not change other targets', async () => {
    await build(file, ['a'])
    await build(file, ['c'], 'local')
    value(await copy(file, store))
    expect(value(await store.snapshot('local')).records.size).toBe(0)
  })

  test('replaces a record snapshot of the target', async () => {
    await build(file, ['a'])
    await build(store, MANY)
    value(await copy(file, store, true))
    expect([...value(await store.snapshot('prod')).records.keys()]).toEqual(['a'])
  })
})

describe('a copy is refused and changes nothing', () => {
  test('where the target already has records, without --replace', async () => {
    await build(file, ['a'])
    await build(store, ['c'])
    const before = await everything(store)
    expect(await copy(file, store)).toMatchObject({
      problems: [{ code: 'state-not-empty', hint: expect.stringContaining('--replace') }],
    })
    expect(await everything(store)).toEqual(before)
  })

  test('where a run is active', async () => {
    await build(file, ['a'])
    const lease = await acquire(store)
    expect(await copy(file, store, true)).toMatchObject({ problems: [{ code: 'busy' }] })
    value(await lease.release(SUCCEEDED))
  })

  test('where another target has the same run numbers', async () => {
    await build(file, ['a'])
    await build(store, ['c'], 'other')
    expect(await copy(file, store)).toMatchObject({ problems: [{ code: 'state-run-numbers' }] })
    expect(value(await store.snapshot('prod')).records.size).toBe(0)
  })
})

test('every table and column is copied, or listed as not copied', async () => {
  const raw = new DatabaseSync(join(root, 'state.sqlite'))
  const tables = raw
    .prepare(`select name from sqlite_schema where type = 'table'`)
    .all()
    .map(({ name }) => String(name))
  const columns = (table: string) =>
    raw
      .prepare(`select name from pragma_table_info('${table}')`)
      .all()
      .map(({ name }) => String(name))
      .sort()
  expect([...TABLES.map(({ name }) => name), ...DERIVED].sort()).toEqual(tables.sort())
  for (const table of TABLES) {
    expect([...storedColumns(table)].sort()).toEqual(columns(table.name))
  }
  raw.close()
})

describe('assets state copy', () => {
  const YAML = `version: 1
project: shop
default_target: prod
targets:
  prod: {state: {type: postgres, url: "\${ASSETS_STATE_URL}"}}
  laptop: {}
assets:
  report:
    kind: command
    run: mkdir -p $ASSETS_TARGET && echo hi > $ASSETS_TARGET/report.txt
    outputs: ["{target}/report.txt"]
`

  test('moves a target to a server without building anything again', async () => {
    const desk = new InProcessProject({ 'assets.yaml': YAML }, { ASSETS_STATE_URL: url })
    try {
      const old = YAML.replace(', url: "${ASSETS_STATE_URL}"', '').replace('postgres', 'sqlite')
      desk.write('assets.yaml', old)
      await desk.show('materialize')
      desk.write('assets.yaml', YAML)
      const said = await desk.show('state copy --from .assets/state.sqlite')
      expect(said).toContain('of target prod from .assets/state.sqlite to its `state:`')
      expect(said).toMatch(/records +1\n/)
      expect(await desk.show('status')).toContain('1 fresh')
      expect(await desk.show('state copy --from .assets/state.sqlite')).toContain('--replace')
      expect(await desk.show('state copy --to saved.sqlite --json')).toContain('state-copy/1')
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      const { rows } = await client.query('select count(*)::int as n from assets.records')
      expect(rows).toEqual([{ n: 1 }])
      await client.end()
    } finally {
      desk.remove()
    }
  })

  test('explains its arguments', async () => {
    const desk = new InProcessProject({ 'assets.yaml': YAML })
    try {
      expect(await desk.show('state copy')).toContain('either --from FILE or --to FILE')
      expect(await desk.show('state copy -t laptop --to .assets/state.sqlite')).toContain(
        'is already the `state:`',
      )
      expect(await desk.show('state copy -t laptop --from nowhere')).toContain(
        'nowhere does not exist',
      )
    } finally {
      desk.remove()
    }
  })
})

describe('a state on a server', () => {
  const YAML = `version: 1
project: shop
default_target: prod
targets:
  prod: {state: {type: postgres, url: "\${ASSETS_STATE_URL}", schema: kept}}
assets:
  report: {kind: command, run: echo hi > report.txt, outputs: [report.txt]}
`
  let desk: InProcessProject
  const sql = async (text: string) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const { rows } = await client
      .query(`set search_path = kept; ${text}`)
      .then((results) => (Array.isArray(results) ? results.at(-1) : results))
    await client.end()
    return rows
  }

  beforeEach(async () => {
    desk = new InProcessProject({ 'assets.yaml': YAML }, { ASSETS_STATE_URL: url })
    expect(await desk.show('materialize')).toContain('1 built')
  })
  afterEach(() => desk.remove())

  test('is checked row by row', async () => {
    expect(await desk.show('state check')).toContain('the state of target prod is intact')
    await sql(`update records set body = replace(body, 'report', 'repost')`)
    const said = await desk.show('state check')
    expect(said).toContain('report in table records: its checksum is wrong')
    expect(said).toContain('exit 1')
    expect(await desk.show('status')).toContain('schema kept is damaged: report in table records')
    await sql('drop table gates')
    expect(await desk.show('status')).toContain('are missing or have unexpected columns')
  })

  test('is backed up to a file and restored from it, with other targets untouched', async () => {
    await sql(
      `insert into runs (id, target, command, started_at) values (50, 'other', 'materialize', 1)`,
    )
    await desk.json('state backup b.sqlite --json')
    expect(await desk.show('state check b.sqlite')).toMatch(/runs +1\n/)
    desk.write('assets.yaml', YAML.replace('echo hi', 'echo ho'))
    await desk.show('materialize')
    await desk.json('state restore b.sqlite --json')
    expect(await desk.show('status --offline')).toContain('the last observation could not tell')
    const status = await desk.show('status')
    expect(status).toContain('its code changed')
    expect(status).toContain('changed outside assets')
    expect(await sql('select id::int, target from runs order by id')).toEqual([
      { id: 1, target: 'prod' },
      { id: 50, target: 'other' },
      { id: 52, target: 'prod' },
    ])
  })

  test('keeps its history as long as `history:` says', async () => {
    await sql(
      `insert into runs (id, target, command, started_at, outcome, counts)
       select n + 10, 'prod', 'materialize', 1, 'succeeded', '{}' from generate_series(1, 200) n`,
    )
    expect(await desk.json('state prune --dry-run --json')).toMatchObject({ runs: 100 })
    desk.write('assets.yaml', YAML.replace('echo hi', 'echo ho'))
    await desk.show('materialize')
    expect(await sql('select count(*)::int as n from runs')).toEqual([{ n: 101 }])
  })
})

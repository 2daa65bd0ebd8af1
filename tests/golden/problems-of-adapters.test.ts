import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { warehouseSettings } from '../../framework/cli/warehouse-settings.ts'
import {
  readInitScripts,
  scriptProblem,
} from '../../framework/connections/postgres/embedded/init-scripts.ts'
import {
  cancelledProblem,
  lockedProblem,
  lostProblem,
  openFailed,
  sqlProblem,
} from '../../framework/connections/postgres/embedded/problems.ts'
import {
  connectProblem,
  probeProblem,
  readProblem,
  rowsLost,
  severalServers,
} from '../../framework/connections/postgres/problems.ts'
import { selectColumns } from '../../framework/connections/postgres/source/select-columns.ts'
import type { StreamTable } from '../../framework/connections/postgres/source/stream-tables.ts'
import * as tableau from '../../framework/connections/tableau/problems.ts'
import { readSettings as readTableau } from '../../framework/connections/tableau/settings.ts'
import { openDuckdb } from '../../framework/engines/duckdb/engine.ts'
import {
  notInstalled,
  startProblem,
  unavailableOn,
  writeProblem,
} from '../../framework/formats/hyper/problems.ts'
import { defineProject } from '../../framework/kinds/dbt/define.ts'
import { createKind as createDbt } from '../../framework/kinds/dbt/index.ts'
import {
  commentsFailed,
  nodeFailed,
  notAsked,
  notReported,
  otherWarehouse,
  packagesFailed,
  projectChanged,
  projectFailed,
  testFailed,
} from '../../framework/kinds/dbt/problems.ts'
import {
  outputInvalid,
  outputMissing,
  outputNotRepeatable,
  profileChanged,
  profilesMissing,
} from '../../framework/kinds/dbt/profile/problems.ts'
import { type SourceAge, sourceTooOld } from '../../framework/kinds/dbt/source-freshness.ts'
import { ok, type Problem } from '../../framework/model/problem.ts'
import type { Stream } from '../../framework/model/stream.ts'
import { createEnvironment, lockedEnvironment } from '../../framework/python/environment.ts'
import { registries } from '../../framework/registries.ts'
import { create as createPostgresState } from '../../framework/state/postgres/index.ts'
import * as postgresState from '../../framework/state/postgres/problems.ts'
import { create as createState } from '../../framework/state/sqlite/index.ts'
import { problemOf as stateProblem, unavailable } from '../../framework/state/sqlite/problems.ts'
import { NOT_AS_DBT, prepareAsDbt } from '../../framework/warehouses/duckdb/as-dbt.ts'
import { NewerFile } from '../../framework/warehouses/duckdb/file-header.ts'
import { fromDbt as duckdbFromDbt } from '../../framework/warehouses/duckdb/from-dbt.ts'
import { dropRelation } from '../../framework/warehouses/duckdb/old-relations.ts'
import { problemOf as duckdbProblem } from '../../framework/warehouses/duckdb/problems.ts'
import { createReader } from '../../framework/warehouses/duckdb/reader.ts'
import { duckdbIn } from '../contract/suites/duckdb.ts'
import { assetOf, siteOf } from '../contract/suites/site.ts'
import { catalogNode, NO_WORDS } from '../rig/catalog-node.ts'
import { stream } from '../rig/load.ts'
import { failure, problemsOf, textWithCodes } from '../rig/problem-text.ts'
import { writeSpool } from '../rig/spool.ts'

// Problems that need a server, a full disk, another process or another machine. The tests call the
// functions that create them. problems.test.ts has the problems that a command line alone can cause.

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'assets-texts-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const shown: typeof textWithCodes = (problems) => textWithCodes(problems).replaceAll(root, '<root>')

test('problems of DuckDB', async () => {
  const doing = { code: 'warehouse-failed' as const, message: 'w.duckdb could not be inspected' }
  const texts = [
    'IO Error: Could not set lock on file "/w.duckdb": Conflicting lock is held in /usr/bin/node (PID 12). See …',
    'IO Error: Could not set lock on file "/w.duckdb"',
    'IO Error: The file "/w.duckdb" exists, but it is not a valid DuckDB database file!',
    'Serialization Error: the file was created with a newer version of DuckDB',
    'IO Error: Could not write file "/tmp/spill": No space left on device',
    'IO Error: Cannot open file "/w.duckdb": Permission denied',
    'IO Error: Cannot open file "/w.duckdb": Is a directory',
    'Out of Memory Error: failed to allocate 2.0 MiB (190 MiB/190 MiB used)',
    'INTERRUPT Error: Interrupted!',
    'Binder Error: something that has no name of its own',
  ]
  const reader = createReader(async () => {
    throw new Error('Binder Error: Referenced column "amount" not found')
  }, 'w.duckdb')
  const referenced = async (sql: string) => {
    if (sql.includes('other')) throw new Error('IO Error: Could not set lock on file')
    if (sql.startsWith('attach')) throw new Error('IO Error: The file is no database')
    if (sql.startsWith('drop'))
      throw new Error('Catalog Error: this table is main key table of the table "line"')
    return [['w']]
  }
  writeFileSync(join(root, 'drop.duckdb'), '')
  const attached = (alias: string) => ({
    ...NOT_AS_DBT,
    attached: [{ file: join(root, 'drop.duckdb'), alias, type: 'duckdb' }],
  })
  const patience = { timeout: 0, signal: new AbortController().signal, onLocked: () => undefined }
  const duckdb = (python: string | null) => ({ version: 'v1.5.6', python, open: openDuckdb })
  const duckdbOf = (shown: { readonly path: string }) =>
    duckdbFromDbt.settings({ shown, secret: {} }, OUTPUT)
  const warehouse = duckdbIn(root)
  const session = await warehouse.open()
  if (!session.ok) throw new Error('the warehouse is there')
  const load = (columns: readonly string[]) => {
    async function* spools() {
      const texts = columns.map((name) => ({ name, type: { type: 'string' } as const }))
      yield await writeSpool(join(root, 'bad.parquet'), texts, [['1', 'x']])
    }
    return session.value.loader!.load({
      relation: 'raw.film',
      columns: columns.map((name) => ({ name, type: { type: 'integer', bits: 64 } as const })),
      spools: spools(),
      mode: { how: 'replace' },
      extractedAt: 0,
      syncId: 1,
      generationId: 1,
      volatile: [],
    })
  }
  const loads = [await load(['id', 'ID']), await load(['id', 'title'])]
  await session.value.close()
  const problems = [
    ...texts.map((text) => duckdbProblem(new Error(text), 'w.duckdb', doing)),
    duckdbProblem(new NewerFile('', 'v2.0.1', duckdb(null)), 'w.duckdb', doing),
    duckdbProblem(new NewerFile('', 'v2.0.1', duckdb('/p/.venv/bin/python')), 'w.duckdb', doing),
    ...problemsOf(await reader.fingerprint('main.fact', { volatile: [] }), ...loads),
    ...problemsOf(await dropRelation(referenced, 'w.duckdb', 'main.fact', 'table')),
    ...problemsOf(
      await prepareAsDbt(referenced, attached('damaged'), patience),
      await prepareAsDbt(referenced, attached('other'), patience),
    ),
    ...problemsOf(...[{ path: ':memory:' }, { path: 'md:shop' }].map(duckdbOf)),
  ]
  await expect(shown(problems)).toMatchFileSnapshot('problems/duckdb.txt')
})

test('PostgreSQL', async () => {
  const sourceName = { address: 'db.example.com:5432/shop', connection: 'shop' }
  const connects = [
    failure('password authentication failed for user "ann"', { code: '28P01' }),
    failure('database "shpo" does not exist', { code: '3D000' }),
    failure('getaddrinfo ENOTFOUND db.example.com', { code: 'ENOTFOUND' }),
    failure("ENOENT: no such file or directory, open 'root.crt'", { code: 'ENOENT' }),
    failure('self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    failure('connect ECONNREFUSED 127.0.0.1:5432', { code: 'ECONNREFUSED' }),
    failure('role "ann" does not exist', { code: '28000' }),
    failure('role "ann" is not permitted to log in', { code: '28000' }),
    failure('permission denied for database "shop"', { code: '42501' }),
    failure('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
    failure('no pg_hba.conf entry for host "10.0.0.7", user "ann", database "shop"', {
      code: '28000',
    }),
    failure('pg_hba.conf rejects connection for host "10.0.0.7"', { code: '28000' }),
    failure('The server does not support SSL connections'),
    failure('SSL required', { code: '08P01' }),
    failure('connection requires a valid client certificate', { code: '28000' }),
    failure('unsupported startup parameter: options', { code: '08P01' }),
    failure('transaction blocks not allowed in statement pooling mode', { code: '08P01' }),
  ]
  const reads = [
    failure('Connection terminated unexpectedly'),
    failure('permission denied for table film', { code: '42501' }),
    failure('relation "film" does not exist', { code: '42P01' }),
    failure('write ENOSPC', { code: 'ENOSPC' }),
    failure('division by zero', { code: '22012', hint: 'do not' }),
    failure('canceling statement due to statement timeout', { code: '57014' }),
    failure('canceling statement due to lock timeout', { code: '55P03' }),
    failure('idle transaction timeout', { code: '08P01' }),
    failure('query_wait_timeout', { code: '08P01' }),
  ]
  const columns = ['film_id', 'title', 'Title', '_airbyte_meta'].map((column) => ({ column }))
  const ordered = [
    { column: 'film_id', name: 'int4', isOrdered: true },
    { column: 'title', name: 'json', isOrdered: false },
  ]
  const select = (more: Partial<Stream>, table: unknown = { columns }) =>
    selectColumns({
      stream: stream('film', more),
      table,
      names: ['film', 'actor'],
      namespace: 'public',
    } as unknown as StreamTable)
  const problems = [
    ...connects.map((error) => connectProblem(error, sourceName)),
    ...reads.map((error) => readProblem(error, sourceName, { asset: 'raw_film', name: 'film' })),
    severalServers(sourceName),
    probeProblem(failure('canceling statement due to user request', { code: '57014' }), sourceName),
    probeProblem(
      failure('canceling statement due to statement timeout', { code: '57014' }),
      sourceName,
    ),
    rowsLost('raw_film', 'raw.film', 1000, 999),
    ...problemsOf(
      select({ stream: 'flim' }, null),
      select({ columns: ['titel'] }),
      select({ columns: ['film_id'], primaryKey: ['id'], cursor: 'changed' }),
      select({ columns: ['title'], sync: 'incremental_dedup', primaryKey: ['film_id'] }),
      select({ exclude: ['film_id', 'title', 'Title', '_airbyte_meta'] }),
      select({}),
      select({ sync: 'incremental_append', cursor: 'title' }, { columns: ordered }),
      select(
        { sync: 'incremental_dedup', primaryKey: ['tags'], cursor: 'changed' },
        {
          columns: [
            { column: 'tags', array: true },
            { column: 'changed', isOrdered: true },
          ],
        },
      ),
    ),
  ]
  await expect(shown(problems)).toMatchFileSnapshot('problems/postgres.txt')
})

test('problems of the embedded source', async () => {
  const at = { file: 'assets.yaml', path: ['targets', 'local'] }
  const origin = (init: readonly string[]) =>
    readInitScripts(root, { init, settings: {} } as never, at)
  const scripts = [{ file: 'schema.sql', sql: 'create table film (\n  id intt\n)' }]
  const problems = [
    ...problemsOf(origin([]), origin(['nowhere.sql'])),
    scriptProblem(scripts, {
      file: 'schema.sql',
      message: 'type "intt" does not exist',
      position: 26,
    }),
    openFailed(failure('write ENOSPC', { code: 'ENOSPC' }), 'shop'),
    openFailed(failure("EACCES: permission denied, mkdir '/x'", { code: 'EACCES' }), 'shop'),
    openFailed(failure('PANIC: could not locate a valid checkpoint record'), 'shop'),
    lockedProblem('shop', 'process 12'),
    lostProblem('shop', '/srv/rental/.assets/source/shop/data'),
    cancelledProblem('shop'),
    sqlProblem(
      'select *\nfrom flim',
      failure('relation "flim" does not exist', { position: '15', hint: 'is it film?' }),
    ),
  ]
  await expect(shown(problems)).toMatchFileSnapshot('problems/embedded-source.txt')
})

test('problems of Tableau', async () => {
  const at = { file: 'assets.yaml', path: ['targets', 'prod', 'connections', 'tableau'] }
  const read = (url: string) =>
    readTableau({ type: 'tableau', settings: { url, token_name: 'nightly', token: 't' }, at })
  const settings = {
    ...{ name: 'tableau', url: 'https://10ax.online.tableau.com', site: 'rental' },
    ...{ tokenName: 'nightly', token: 't', timeout: 0 },
  }
  const refusal = (code: string, summary: string, detail: string) => ({
    ...{ status: Number(code.slice(0, 3)), code, summary, detail },
  })
  const problems = [
    ...problemsOf(
      read('tableau'),
      read('https://me@example.com'),
      read('https://example.com/#/site/rental/home'),
    ),
    tableau.notAnswering(settings, 'no answer within 30 s'),
    tableau.signInDenied(settings, refusal('401001', 'Signin Error', 'Error signing in')),
    tableau.signInDenied({ ...settings, site: '' }, refusal('401001', '', '')),
    tableau.sessionLost(settings),
    tableau.requestRefused(
      settings,
      'list the projects',
      refusal('403004', 'Forbidden', 'no right'),
    ),
    tableau.requestRefused(
      settings,
      'list the projects',
      refusal('400006', 'Bad Request', 'invalid page'),
    ),
    tableau.moved(settings, 'http://other.example.com'),
    tableau.tooOld(settings, '3.5'),
    tableau.unknownName(settings, 'project', 'Finanse', 'Finance', ['Finance', 'Sales']),
    tableau.unknownName(settings, 'workbook', 'Zoo', null, ['Overview', 'Costs']),
    tableau.unknownName(settings, 'data source', 'Zoo', null, []),
    tableau.ambiguousName(settings, 'project', 'Reports', ['Finance/Reports', 'Sales/Reports']),
    tableau.ambiguousName(settings, 'workbook', 'Overview', ['Finance', 'Sales']),
    tableau.nameTaken(settings, 'revenue_trend', 'Finance/Reports', null),
    tableau.nameTaken(settings, 'revenue_trend', 'Finance/Reports', {
      ...{ project: 'shop', asset: 'extract_revenue', target: 'dev' },
    }),
    tableau.nameShared(settings, 'revenue_trend', 'extract_a', 'extract_b'),
    tableau.jobFailed(
      settings,
      { ...{ id: 'b0fc0654-107b', outcome: 'failed' }, notes: 'no room on the site' },
      'publishing revenue_trend',
    ),
    tableau.jobFailed(
      settings,
      { ...{ id: 'b0fc0654-107b', outcome: 'cancelled' }, notes: '' },
      'refreshing Overview',
    ),
    tableau.jobTimedOut(settings, 'b0fc0654-107b', 'refreshing Overview', '6h'),
    tableau.stillRunning(settings, 'Overview'),
    tableau.outcomeUnknown(settings, 'publish revenue_trend'),
    tableau.notPublished(settings, 'revenue_trend', 'Finance'),
    tableau.replaced(settings, 'revenue_trend', '2026-03-02T02:10:00Z'),
    tableau.fileUnreadable(settings, 'out/a.hyper', new Error('ENOENT: no such file')),
    tableau.fileTooLarge(settings, 65e9),
  ]
  await expect(shown(problems)).toMatchFileSnapshot('problems/tableau.txt')
})

test('problems of Hyper', async () => {
  const machine = (arch: string, isGlibc = true) =>
    unavailableOn({ platform: 'linux', arch, isGlibc })!
  const problems = [
    machine('arm64'),
    machine('x64', false),
    notInstalled({
      user: 'Hyper',
      folder: '/opt/hyper',
      python: '/opt/hyper/bin/python',
      requirements: null,
    }),
    startProblem(['hyperd ended:\nno license', 'No module named tableauhyperapi']),
    writeProblem(new Error('numeric overflow\nvalue of column "amount"')),
    writeProblem(new Error('No space left on device')),
  ]
  await expect(shown(problems)).toMatchFileSnapshot('problems/hyper.txt')
})

test('problems of the SQLite state', async () => {
  const file = join(root, 'state.sqlite')
  const settings = {
    type: 'sqlite',
    settings: { path: 'state.sqlite' },
    at: { file: '', path: [] },
  }
  let now = 0
  const open = (pid: number) =>
    createState(settings, {
      root,
      clock: () => now,
      processes: {
        self: { host: `machine-${pid}`, realm: `${pid}`, pid, started: '0' },
        isAlive: () => null,
      },
    })
  const [mine, other] = [await open(1), await open(2)]
  if (!mine.ok || !other.ok) throw new Error('the state is there')
  const request = { target: 'local', command: 'materialize', job: null }
  const lease = await mine.value.acquire(request)
  now += 3_600_000
  const taker = await other.value.acquire(request)
  if (!lease.ok || lease.value.busy || !taker.ok) throw new Error('the lease is free')
  const lost = await lease.value.write([{ change: 'begin', name: 'a', at: 0 }])
  await mine.value.close()
  await other.value.close()
  const newer = new DatabaseSync(file)
  newer.exec('pragma user_version = 99')
  newer.close()
  const sqlite = (errcode: number, message: string, more: object = {}) =>
    stateProblem(failure(message, { code: 'ERR_SQLITE_ERROR', errcode, ...more }), '/nowhere/s.db')
  const problems = [
    ...problemsOf(lost, await open(1)),
    sqlite(5, 'database is locked'),
    sqlite(11, 'database disk image is malformed'),
    sqlite(10, 'disk I/O error'),
    sqlite(13, 'database or disk is full'),
    unavailable(new Error('no build for this system')),
  ]
  const text = shown(problems)
    .replace(/on \w+ \w+ with Node v[\d.]+/, 'on <system>')
    .replace(/this version supports \d+/, 'this version supports <n>')
  await expect(text).toMatchFileSnapshot('problems/state-file.txt')
})

test('problems of the PostgreSQL state', async () => {
  const at = { file: 'assets.yaml', path: ['targets', 'prod', 'state'] }
  const store = postgresState.stateLabel(
    'postgres://ann:secret@db.example.com/assets',
    'assets',
    at,
  )
  const connects = [
    failure('password authentication failed for user "ann"', { code: '28P01' }),
    failure('database "assets" does not exist', { code: '3D000' }),
    failure('self-signed certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    failure("ENOENT: no such file or directory, open 'root.crt'", { code: 'ENOENT' }),
    failure('getaddrinfo ENOTFOUND db.example.com', { code: 'ENOTFOUND' }),
    failure('connect ECONNREFUSED 10.0.0.1:5432', { code: 'ECONNREFUSED' }),
  ]
  const statements = ['42501', '42P01', 'XX001', '25006', '53100', '55P03', '57014'].map((code) =>
    failure('as the server says', { code }),
  )
  const problems = [
    ...problemsOf(
      await createPostgresState(
        { type: 'postgres', settings: { url: 'nonsense' }, at },
        siteOf({ root }),
      ),
    ),
    ...connects.map((error) => postgresState.connectProblem(error, store)),
    postgresState.lostProblem(failure('Connection terminated unexpectedly'), store),
    postgresState.inDoubtProblem(store, failure('read ECONNRESET')),
    ...statements.map((error) => postgresState.statementProblem(error, store)),
    postgresState.damagedRow(store, 'film in table records', 'its checksum is wrong'),
  ]
  await expect(shown(problems)).toMatchFileSnapshot('problems/state-postgres.txt')
})

const OUTPUT = {
  name: 'output dev of dbt profile shop',
  at: { file: 'dbt/profiles.yml', path: ['shop', 'outputs', 'dev'] },
}

/** The settings of a warehouse that an output of this type leads to. */
function warehouseOfDbt(type: string) {
  const keys = async () => ok({ shown: {}, secret: {} })
  const kinds = async () => ({
    ...createDbt(),
    warehouse: async () => ok({ ...OUTPUT, type, types: { dev: type, prod: 'duckdb' }, keys }),
  })
  const site = siteOf({ root })
  const target = { ...site.target, warehouse: { from: 'dbt' as const, at: OUTPUT.at } }
  return warehouseSettings(target, site, kinds, registries, 'existing')
}

/** Those of dbt's profile. */
function profileProblems(): readonly Problem[] {
  const found = {
    profile: 'shop',
    profiles: ['shop', 'ship'],
    outputs: { dev: 'duckdb', prod: 'snowflake' },
    default: 'dev',
  }
  const subject = {
    file: 'dbt/profiles.yml',
    profiles: 'dbt/profiles.yml',
    project: 'dbt/dbt_project.yml',
    config: 'assets.yaml',
    target: 'local',
  }
  const { at } = OUTPUT
  const missing = (choice: Parameters<typeof outputMissing>[0], more = {}) =>
    outputMissing(choice, { ...found, ...more }, subject)
  return [
    profilesMissing(subject, 'shop', { file: 'dbt/dbt_project.yml', path: ['profile'] }),
    profilesMissing(subject, null, { file: 'dbt/dbt_project.yml', path: ['profile'] }),
    missing({ is: 'no_profile' }, { profile: 'shp' }),
    missing({ is: 'no_profile' }, { profile: null }),
    missing({ is: 'no_outputs' }),
    missing({ is: 'unknown', wanted: 'prd', by: 'dbt.target' }),
    missing({ is: 'unknown', wanted: 'x', by: 'default' }),
    missing({ is: 'unknown', wanted: null, by: 'default' }),
    outputNotRepeatable('output dev of dbt profile shop', at),
    outputInvalid(
      'output dev of dbt profile shop',
      'Runtime Error\n  Credentials in profile "shop", target "dev" invalid: \'x\' is not of type \'integer\'',
      at,
    ),
    profileChanged('dbt/profiles.yml'),
  ]
}

test('problems of dbt', async () => {
  const source = { name: 'fact', file: 'dbt/models/fact.sql', text: 'select\n  amuont\nfrom t\n' }
  const result = (message: string, more: object = {}) => ({
    node: 'model.shop.fact',
    status: 'error',
    message,
    failures: 0,
    ...more,
  })
  const catalog = {
    parts: [{ label: 'model', version: 'v' }],
    nodes: [
      catalogNode('stg', ['source.shop.shop.orders']),
      catalogNode('fact', ['model.shop.stg']),
      catalogNode('plain', []),
      catalogNode('hidden', []),
      catalogNode('reader', ['model.shop.hidden']),
      catalogNode('priced', ['source.shop.shop.prices'], { reads: ['data/rates.csv'] }),
      catalogNode('twin', []),
      catalogNode('twin', [], { id: 'model.other.twin', package: 'other' }),
    ],
    tests: [],
    ages: [],
    sources: [
      {
        id: 'source.shop.shop.orders',
        name: 'shop.orders',
        file: 'dbt/models/schema.yml',
        relation: 'raw.orders',
        path: null,
        about: NO_WORDS,
      },
      {
        id: 'source.shop.shop.prices',
        name: 'shop.prices',
        file: 'dbt/models/schema.yml',
        relation: 'shop.prices',
        path: 'data/prices.csv',
        about: NO_WORDS,
      },
    ],
    disabled: [{ name: 'asleep', file: 'dbt/models/asleep.sql' }],
    elsewhere: null,
    selected: null,
  }
  const dbt = (name: string, deps: readonly string[], model?: string) =>
    assetOf('dbt', name, model === undefined ? {} : { model }, { deps })
  const assets = [
    dbt('plian', []),
    dbt('asleep', []),
    dbt('twin', []),
    dbt('plain', []),
    dbt('again', [], 'plain'),
    dbt('stg', []),
    dbt('fact', ['plain']),
    dbt('reader', []),
    dbt('priced', []),
  ]
  const atProfile = { file: 'dbt/profiles.yml', line: 6, column: 7 }
  const locate = (file: string) => ({ file, line: 2, column: 1 })
  const { problems: wrong } = defineProject(assets, assets, catalog, new Map(), locate, () => ({
    byId: {},
    readerParents: {},
  }))
  const site = siteOf({ root, env: { PATH: `${root}/bin` } })
  const environment = lockedEnvironment('dbt', join(root, 'requirements.txt'), site.home)
  writeFileSync(join(root, 'requirements.txt'), 'dbt-core\n')
  const known = lockedEnvironment('dbt', join(root, 'requirements.txt'), site.home)
  if (!known.ok) throw new Error('the requirements are there')
  const binder = `Runtime Error in model fact (models/fact.sql)
  Binder Error: Referenced column "amuont" not found in FROM clause!

  LINE 11:   amuont
             ^`
  const age: SourceAge = {
    max_loaded_at: '2026-11-29 02:00:00',
    age: 31 * 3600,
    warn_after: { count: 12, period: 'hour' },
    error_after: { count: 1, period: 'day' },
  }
  const problems = [
    nodeFailed(result(binder), source, null, []),
    testFailed(result('Got 3 results', { failures: 3 }), source, ['fact'], '.assets/q.sql', []),
    ...(['warn', 'fail'] as const).map((status) =>
      sourceTooOld(status, age, source, ['raw.orders']),
    ),
    sourceTooOld('fail', { ...age, max_loaded_at: null }, source, ['raw.orders']),
    projectFailed({ type: 'CompilationError', message: 'unexpected }' }, 'dbt', []),
    packagesFailed({ type: 'DbtRuntimeError', message: 'no such package: dbt_utils' }, 'dbt', []),
    projectFailed({ type: 'hook', message: 'on-run-end failed\nno such table' }, 'dbt', []),
    projectFailed({ type: 'died', message: 'Killed' }, 'dbt', []),
    projectFailed(
      { type: 'died', message: "ModuleNotFoundError: No module named 'dbt_common'" },
      'dbt',
      [],
    ),
    nodeFailed(
      result(
        'IO Error: Trying to read a database file with version number 68, but we can only read versions between 64 and 65.',
      ),
      source,
      null,
      [],
    ),
    commentsFailed('fact', 'Compilation Error in macro x\n  not allowed in comments.', []),
    notReported('fact'),
    projectChanged('dbt'),
    otherWarehouse(
      'local',
      { key: 'path', value: 'x.duckdb', is_cut: false, wanted: '/p/w.duckdb' },
      atProfile,
      [],
    ),
    notAsked('local'),
    ...profileProblems(),
    ...problemsOf(await warehouseOfDbt('postgres')),
    ...wrong,
    ...problemsOf(environment, await createEnvironment(known.value, site)),
    ...problemsOf(await createEnvironment(known.value, pythonWithoutVenv(site))),
  ]
  await expect(shown(problems)).toMatchFileSnapshot('problems/dbt.txt')
})

/** A site whose only Python lacks the venv module. */
function pythonWithoutVenv(site: ReturnType<typeof siteOf>): ReturnType<typeof siteOf> {
  const bin = join(root, 'venvless')
  mkdirSync(bin)
  const failed = JSON.stringify({ state: 'failed', stage: 'venv', output: 'No module named venv' })
  const script = `#!/bin/sh\ncase "$3" in *version_info*) echo 3 12 ${bin}/python3;; *) echo '${failed}';; esac\n`
  writeFileSync(join(bin, 'python3'), script, { mode: 0o755 })
  return { ...site, env: { PATH: bin } }
}

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clockWarnings } from '../../framework/cli/clock-warnings.ts'
import { leftRunning } from '../../framework/cli/left-programs.ts'
import { systemProblem, withSystemCause } from '../../framework/cli/system-problems.ts'
import { unseenWarnings } from '../../framework/cli/unseen-warnings.ts'
import { buildId } from '../../framework/cli/version.ts'
import { readCache, readCompiledFile } from '../../framework/config/cache/project-cache.ts'
import { noOutcome } from '../../framework/execute/step-problems.ts'
import { buildGraph } from '../../framework/graph/graph.ts'
import { parseSelection } from '../../framework/graph/selection/parse.ts'
import { select } from '../../framework/graph/selection/select.ts'
import { commandProblem } from '../../framework/kinds/command/problems.ts'
import { measureRelation } from '../../framework/kinds/observe-relations.ts'
import { NO_DBT } from '../../framework/model/dbt-facts.ts'
import type { Definition, Form } from '../../framework/model/definition.ts'
import { ok, type Problem, type ProblemError } from '../../framework/model/problem.ts'
import { AssetTable } from '../../framework/model/tables/asset-table.ts'
import type { DefinedAsset } from '../../framework/ports/batch.ts'
import type { Site } from '../../framework/ports/site.ts'
import type { Warehouse } from '../../framework/ports/warehouse.ts'
import { Console } from '../../framework/report/console.ts'
import { create as createState } from '../../framework/state/sqlite/index.ts'
import { NOT_AS_DBT } from '../../framework/warehouses/duckdb/as-dbt.ts'
import { attachmentsOf } from '../../framework/warehouses/duckdb/attachment.ts'
import { databaseFile } from '../../framework/warehouses/duckdb/database-file.ts'
import { whyUnseen } from '../../framework/warehouses/duckdb/other-databases.ts'
import { assetOf } from '../contract/suites/site.ts'
import { plainAsset } from '../rig/asset.ts'
import { FakeProject } from '../rig/fake-project.ts'
import { InProcessProject } from '../rig/in-process.ts'
import { failure, problemsOf, textWithCodes } from '../rig/problem-text.ts'

test('warnings of code that names the clock', async () => {
  const desk = new InProcessProject({
    'assets.yaml': 'version: 1\nproject: shop\n',
    'models/daily.sql': 'select * from raw\nwhere day < current_date\n',
  })
  const parts = [{ label: 'model', version: 'v', file: 'models/daily.sql' }]
  const define = (asset: string, form: Form, more: Partial<Definition>) =>
    [asset, { asset, form, clock: false, parts: [], ...more } as unknown as Definition] as const
  const definitions = new Map([
    define('daily', 'stored', { clock: true, parts }),
    define('cutoff', 'ephemeral', { clock: true, parts }),
    define('by_package', 'view', { clock: true }),
    define('since_cutoff', 'stored', {}),
  ])
  const deps = (name: string) => (name === 'since_cutoff' ? ['cutoff'] : [])
  const assets = [...definitions.keys()].map((name) => plainAsset(name, { deps: deps(name) }))
  const site = { root: desk.root, project: { assets: AssetTable.of(assets) } } as unknown as Site
  const clocks = ['daily', 'cutoff', 'by_package']
  const problems = clockWarnings({ site }, { definitions, clocks })
  desk.remove()
  await expect(textWithCodes(problems)).toMatchFileSnapshot('problems/clock.txt')
})

test('warnings of databases that can not be seen', async () => {
  const attached = attachmentsOf([
    { path: 'dbname', alias: 'crm', type: 'postgres' },
    { path: 'md', alias: 'md:cloud' },
    { path: '/lake.duckdb', alias: 'lake', secret: 'key' },
    { path: '/seen.duckdb', alias: 'seen' },
  ])
  const warehouse = (isFromDbt: boolean) => ({
    whyUnseen: (relation: string) =>
      whyUnseen(relation, { ...NOT_AS_DBT, attached }, databaseFile('/shop.duckdb'), isFromDbt),
  })
  const problems = []
  for (const [relations, isFromDbt] of [
    [['crm.public.lead', 'CRM.public.deal', 'lake.main.a', 'seen.main.b', 'main.c'], true],
    [['gone.main.a', 'shop.main.a'], true],
    [['crm2.public.lead'], false],
  ] as const) {
    const definitions = new Map(
      relations.map((relation) => [relation, { asset: relation.split('.').at(-1)!, relation }]),
    ) as unknown as ReadonlyMap<string, Definition>
    const site = {
      project: { files: ['assets.yaml'] },
      warehouse: async () => ok(warehouse(isFromDbt)),
    } as unknown as Site
    problems.push(...(await unseenWarnings({ site }, { definitions })))
  }
  await expect(textWithCodes(problems)).toMatchFileSnapshot('problems/databases.txt')
})

test('problems of runs', async () => {
  const world = new FakeProject()
  world.add('history', [], { accumulates: 'snapshot' }).add('silent', []).add('fact', [])
  world.add('moved', [], { accumulates: 'snapshot' })
  world.check('fact_is_right', ['fact'])
  await world.materialize()
  world.tables.delete('history')
  world.change('moved', { alias: 'snapshots.moved' })
  world.change('silent', { code: 'new' }).change('fact', { code: 'new' })
  world.checks.get('fact_is_right')!.result = 'fail'
  const { events } = await world.materialize()
  const desk = new InProcessProject({ 'assets.yaml': 'version: 1\nproject: shop\n' })
  const state = await createState(
    { type: 'sqlite', settings: {}, at: { file: '', path: [] } },
    { root: desk.root, clock: () => Date.UTC(2026, 2, 2, 2, 1) },
  )
  if (!state.ok) throw new Error('the state is there')
  await desk.show('status')
  const lease = await state.value.acquire({ target: 'local', command: 'materialize', job: null })
  const busy = await desk.show('materialize --no-wait')
  if (lease.ok && !lease.value.busy) {
    await lease.value.release({ outcome: 'cancelled', counts: {} as never })
  }
  await state.value.close()
  desk.remove()
  const warehouse = {
    whyUnseen: () => null,
    open: async () => ({
      ok: true,
      value: { inspect: async () => new Map(), close: async () => {} },
    }),
  } as unknown as Warehouse
  const gone = {
    asset: assetOf('external', 'rates', {}),
    definition: { relation: 'ref.rates' },
  } as unknown as DefinedAsset
  const problems = [
    ...events.flatMap((event) =>
      event.event === 'step_finished' && event.outcome.state === 'failed'
        ? [event.outcome.problem]
        : [],
    ),
    ...problemsOf(await measureRelation(gone, warehouse)),
    leftRunning(7, [{ pid: 4711, asset: 'slow', isLeader: true }]),
    noOutcome('silent'),
    commandProblem(
      assetOf('command', 'report', {}),
      ['python3'],
      { end: 'not_started', code: 'EACCES', message: '' },
      (text) => text,
    ),
  ]
  const text = `${textWithCodes(problems)}\n# [busy]\n${busy}\n`
  await expect(text).toMatchFileSnapshot('problems/runs.txt')
})

test('a damaged cache and a bug', async () => {
  const desk = new InProcessProject({ 'assets.yaml': `version: 1\nproject: shop\n${ONE}` })
  await desk.show('list')
  const pieces = join(desk.root, '.assets/cache/compiled')
  const piece = join(pieces, readdirSync(pieces)[0]!)
  writeFileSync(
    piece,
    readFileSync(piece, 'latin1').replace('hello there', 'hello theft'),
    'latin1',
  )
  // The command is repeated, and compiles the file again.
  expect(await desk.show('materialize')).toContain('succeeded')
  writeFileSync(piece, 'damaged')
  const cached = readCache(join(desk.root, '.assets/cache'), buildId).files[0]!
  let problems: readonly Problem[] = []
  try {
    readCompiledFile(cached)
  } catch (error) {
    problems = (error as ProblemError).problems
  }
  const damaged = textWithCodes(problems).replaceAll(desk.root, '<root>')
  desk.remove()
  let said = ''
  const write = (text: string) => {
    said += text
  }
  const stream = { write, isTTY: false, columns: undefined }
  new Console({
    stdout: stream,
    stderr: stream,
    env: {},
    json: false,
    all: false,
    zone: 'UTC',
    clock: () => 0,
    later: () => () => undefined,
    calledAs: 'assets',
    source: () => null,
  }).bug('boom')
  const text = `${damaged}\n# [bug]\n${said}`
  await expect(text).toMatchFileSnapshot('problems/never.txt')
})

const ONE = 'assets: {a: {kind: command, run: "true", description: hello there}}\n'

test('problems of selections', async () => {
  const graph = buildGraph([{ name: 'film', deps: [], file: 'assets.yaml' }], [])
  if (!graph.ok) throw new Error('a single asset has no cycle')
  const problems = ['flim', 'selector:x', 'selector:round', 'tag:none', 'film,tag:none'].flatMap(
    (text) => {
      const parsed = parseSelection(text)
      if (!parsed.ok) return parsed.problems
      const selected = select(parsed.value, null, {
        graph: graph.value,
        assets: new Map(),
        definitions: new Map(),
        selectors: { round: 'film selector:round' },
        dbt: NO_DBT,
        state: () => ({ verdict: { state: 'fresh' }, recorded: true, outcome: null }),
      })
      return selected.ok ? selected.value.warnings : selected.problems
    },
  )
  await expect(textWithCodes(problems)).toMatchFileSnapshot('problems/selections.txt')
})

test('refusals of the system', async () => {
  const refused = (code: string, path: string, message: string) =>
    failure(`${code}: ${message}, open '${path}'`, { code, syscall: 'open', path })
  const problems = [
    systemProblem(refused('EMFILE', '/x/a', 'too many open files')),
    systemProblem(refused('ENOTDIR', '/dev/null/a', 'not a directory')),
    systemProblem(refused('ENOSPC', '/nowhere/a', 'no space left on device')),
    withSystemCause({
      code: 'command-not-started',
      message: 'a: sh could not be started (EMFILE)',
      asset: 'a',
    }),
  ]
  await expect(textWithCodes(problems)).toMatchFileSnapshot('problems/system.txt')
  // Anything else is a bug.
  expect(systemProblem(new Error('x'))).toBeNull()
  expect(systemProblem(refused('ENOENT', '/x/a', 'no such file'))).toBeNull()
  expect(systemProblem(undefined)).toBeNull()
})

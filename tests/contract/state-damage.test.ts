import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../framework/model/problem.ts'
import type { Leftover, Materialization } from '../../framework/model/record.ts'
import type { Change, State } from '../../framework/ports/state.ts'
import { create } from '../../framework/state/sqlite/index.ts'
import { storedColumns, TABLES } from '../../framework/state/tables.ts'
import { checked, leased, record, START, SUCCEEDED, step, value } from './suites/state.ts'

// Damage inside the file of a SQLite state (SEMANTICS 49).

const REQUEST = { target: 'local', command: 'materialize', job: null }
const OBSERVED = { at: START, version: null, shape: null, token: 'tok', present: true }
const LEFT: Leftover = {
  ...{ asset: 'a', is: 'relation', place: 'main.a', run: 1, accumulates: 'no' },
  record: record('a'),
}

let root: string
let file: string

const open = async () =>
  value(
    await create(
      { type: 'sqlite', settings: {}, at: { file: 'assets.yaml', path: [] } },
      { root, clock: () => START },
    ),
  )

async function write(changes: readonly Change[]): Promise<void> {
  const state = await open()
  const lease = leased(value(await state.acquire(REQUEST)))
  value(await lease.write(changes))
  value(await lease.release(SUCCEEDED))
  await state.close()
}

const commit = (asset: string, change: Partial<Materialization> = {}): Change => ({
  change: 'commit',
  record: record(asset, change),
})

/** A state with a row in every table. */
const everything = () =>
  write([
    commit('a'),
    commit('a', { dataVersion: 'c:s/1:new' }),
    { change: 'checked', result: checked('unique') },
    { change: 'begin', name: 'b', at: START },
    { change: 'reference', name: 'b', reference: { job: 9 } },
    { change: 'force', names: ['b'], as: 'forced' },
    { change: 'remember', asset: 'v', key: 'k', version: 'c:s/1:v' },
    { change: 'observed', name: 'e', observation: OBSERVED },
    { change: 'change_token', subject: 'warehouse', token: 'g' },
    { change: 'left', leftover: LEFT },
    { change: 'step', step: step('a') },
  ])

function sql(text: string): void {
  const database = new DatabaseSync(file)
  database.exec(text)
  database.close()
}

/** Reads all that a command may read. */
async function read(state: State): Promise<readonly Problem[]> {
  const problems: Problem[] = []
  try {
    const snapshot = await state.snapshot('local')
    if (!snapshot.ok) return snapshot.problems
    for (const part of Object.values(snapshot.value)) [...(part as Iterable<unknown>)]
    for (const result of [
      await state.runs('local', 9),
      await state.run(1),
      await state.durations('local'),
      await state.producer('local', 'a', 'c:s/1:a-1'),
    ]) {
      if (!result.ok) problems.push(...result.problems)
    }
  } catch (error) {
    problems.push(...(error as { problems?: readonly Problem[] }).problems!)
  }
  return problems
}

async function codes(): Promise<readonly string[]> {
  const opened = await create(
    { type: 'sqlite', settings: {}, at: { file: 'assets.yaml', path: [] } },
    { root, clock: () => START },
  )
  if (!opened.ok) return opened.problems.map(({ code }) => code)
  const problems = await read(opened.value)
  await opened.value.close()
  return [...new Set(problems.map(({ code }) => code))]
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'assets-damage-'))
  file = join(root, '.assets', 'state.sqlite')
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

test('an undamaged state is read', async () => {
  await everything()
  expect(await codes()).toEqual([])
})

const SEALED = TABLES.filter(({ sealed }) => sealed)
/** Rows of another target or run are not read; where a bit made them another's, the index says so. */
const NOT_READ = ['target', 'steps.run']
const COLUMNS = SEALED.flatMap(({ name, columns }) =>
  columns
    .filter((column) => !NOT_READ.includes(column) && !NOT_READ.includes(`${name}.${column}`))
    .map((column) => [name, column]),
)

test.each(COLUMNS)('another value in table %s, column %s, is damage', async (table, column) => {
  await everything()
  sql(`update ${table} set ${column} = case typeof(${column})
    when 'integer' then ${column} + 1 when 'null' then 'x' else replace(${column} || 'x', 'a', 'b') end`)
  // A past record is looked up by its key, and one that is not found is no damage.
  const isHidden = table === 'past_records' && (column === 'name' || column === 'version')
  expect(await codes()).toEqual(isHidden ? [] : ['state-corrupted'])
})

test.each(TABLES.map(({ name }) => name))('a dropped table %s is damage', async (table) => {
  await everything()
  sql(`drop table ${table}`)
  expect(await codes()).toEqual(['state-corrupted'])
})

test.each(TABLES.map((table) => [table.name, storedColumns(table).at(-1)!]))(
  'in table %s, a column %s that is missing is damage',
  async (table, column) => {
    await everything()
    sql(`alter table ${table} drop column ${column}`)
    expect(await codes()).toEqual(['state-corrupted'])
  },
)

test.each([
  // Schema 6 has the tables of schema 5.
  ['lower', -2],
  ['zero', null],
])('a schema number that is %s than the tables is damage', async (_, by) => {
  await everything()
  const database = new DatabaseSync(file)
  const { user_version: now } = database.prepare('pragma user_version').get() as {
    user_version: number
  }
  database.exec(`pragma user_version = ${by === null ? 0 : now + by}`)
  database.close()
  expect(await codes()).toEqual(['state-corrupted'])
})

test('the message names the table and the asset, and the hint what to do', async () => {
  await everything()
  sql(`update journal set state = 'bfgun'`)
  const state = await open()
  const [problem] = await read(state)
  await state.close()
  expect(problem!.message).toBe(
    `the state in ${file} is damaged: b in table journal: its checksum is wrong`,
  )
  for (const way of ['assets state check', 'assets state restore FILE', '--adopt']) {
    expect(problem!.hint).toContain(way)
  }
})

test('a row without a checksum is damage', async () => {
  await everything()
  sql('update records set seal = null')
  expect(await codes()).toEqual(['state-corrupted'])
})

/** Takes back what later versions added. */
function toSchema5(): void {
  sql('drop table run_events')
  sql('drop table run_progress')
  sql('drop index steps_by_name')
  sql('pragma user_version = 5')
}

test('rows of older versions get a checksum', async () => {
  await everything()
  for (const { name } of SEALED) sql(`update ${name} set seal = null`)
  toSchema5()
  expect(await codes()).toEqual([])
  sql(`update records set body = replace(body, 'code-1', 'code-2')`)
  expect(await codes()).toEqual(['state-corrupted'])
})

test('a row of an older version whose key is not as it is read is damage, and no loop', async () => {
  await everything()
  sql(`update marks set name = cast(x'61ff62' as text), seal = null`)
  toSchema5()
  expect(await codes()).toEqual(['state-corrupted'])
})

describe('a row that is hidden', () => {
  /** Empties the root page of a table or an index: nothing is found in it, and nothing says so. */
  function empty(name: string): void {
    const database = new DatabaseSync(file)
    const { rootpage } = database
      .prepare('select rootpage from sqlite_schema where name = ?')
      .get(name) as { rootpage: number }
    const { page_size: size } = database.prepare('pragma page_size').get() as { page_size: number }
    database.close()
    const bytes = readFileSync(file)
    bytes.writeUInt16BE(0, (rootpage - 1) * size + 3)
    writeFileSync(file, bytes)
  }

  test.each(['journal', 'marks', 'observed', 'gates', 'leftovers'])(
    'in table %s is damage, in the table or in its index',
    async (table) => {
      for (const name of [table, `sqlite_autoindex_${table}_1`]) {
        rmSync(root, { recursive: true, force: true })
        await everything()
        empty(name)
        expect(await codes()).toEqual(['state-corrupted'])
      }
    },
  )

  test('in the records is damage where the record snapshot has an older one', async () => {
    const many = Array.from({ length: 120 }, (_, n) => commit(`m${n}`))
    await write([...many, commit('a')])
    await write([commit('a', { codeVersion: 'code-2' })])
    empty('records_by_age')
    expect(await codes()).toEqual(['state-corrupted'])
  })
})

test('a record snapshot that names another run is not used', async () => {
  const many = Array.from({ length: 120 }, (_, n) => commit(`m${n}`))
  await write([...many, commit('a')])
  await write([commit('a', { codeVersion: 'code-2' })])
  sql('update sheets set written_by = written_by + 1')
  const state = await open()
  const { records } = value(await state.snapshot('local'))
  expect(records.get('a')?.codeVersion).toBe('code-2')
  await state.close()
})

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { observeRelations } from '../../framework/kinds/observe-relations.ts'
import type { Materialization } from '../../framework/model/record.ts'
import type { ObserveRequest } from '../../framework/ports/kind.ts'
import type { Inspected, Warehouse } from '../../framework/ports/warehouse.ts'
import { runAt, snowflakeAt } from '../rig/snowflake/account.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'
import { assetOf } from './suites/site.ts'
import { must } from './suites/warehouse.ts'

/** Limited by the time of a test. A thousand tables take the same number of statements. */
const TABLES = 150
const account = await startLookalike()
afterAll(() => account?.close())

describe.skipIf(account === null)('a large account', () => {
  const database = newDatabase()
  const names = Array.from({ length: TABLES }, (_, at) => `t${at}`)
  let root: string
  let warehouse: Warehouse
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'assets-snowflake-'))
    warehouse = snowflakeAt(account!.url, database, { root })
    const creates = names.map((name) => `create table big.${name} as select 1 as id`)
    await runAt(account!.url, database, 'create schema big', ...creates)
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  it('takes three statements to decide, for any number of tables', async () => {
    const session = must(await warehouse.open())
    const inspected = await session.inspect(names.map((name) => `big.${name}`))
    await session.close()
    expect(inspected.size).toBe(TABLES)
    const before = (await account!.received(database)).length
    const found = must(
      await observeRelations(
        names.map((name) => request(name, inspected)),
        warehouse,
      ),
    )
    expect([...found.values()].filter((one) => one.state === 'present')).toHaveLength(TABLES)
    const asked = (await account!.received(database)).slice(before)
    expect(asked.map(({ sql }) => /^(show \w+|select cast\(system\$\w+)/.exec(sql)?.[0])).toEqual([
      'show columns',
      'show views',
      'select cast(system$last_change_commit_time',
    ])
  })

  it('hashes a table up to a size, and keeps the mode of a table near the limit', async () => {
    // In the look-alike, a table of one row has 64 bytes.
    const settings = { hash_up_to: '50' }
    const session = must(await snowflakeAt(account!.url, database, { root, settings }).open())
    const versionOf = async (before: string | null) =>
      must(await session.fingerprint('big.t0', { volatile: [], before })).version
    const version = await versionOf(null)
    expect(version).toMatch(/^t:[0-9a-f]{32}$/)
    expect(await versionOf(version)).toBe(version)
    expect(await versionOf('c:snowflake/1:0')).toMatch(/^c:/)
    const hashed = await session.fingerprint('big.t0', { volatile: [], content: true })
    expect(must(hashed).version).toMatch(/^c:/)
    await runAt(account!.url, database, 'update big.t0 set id = id')
    expect(await versionOf(version)).not.toBe(version)
    await session.close()
  })

  it('hashes a table of any size for comparison with a recorded hash', async () => {
    const settings = { hash_up_to: '1' }
    const small = snowflakeAt(account!.url, database, { root, settings })
    const session = must(await small.open())
    const inspected = await session.inspect(['big.t1', 'big.t2'])
    const { version } = must(await session.fingerprint('big.t1', { volatile: [], content: true }))
    await session.close()
    const hashed = { ...request('t1', inspected), record: recordOf('t1', inspected, version) }
    const counted = { ...request('t2', inspected), record: recordOf('t2', inspected, 't:0') }
    await runAt(account!.url, database, 'update big.t1 set id = id', 'update big.t2 set id = id')
    const found = must(await observeRelations([hashed, counted], small))
    expect(found.get('t1')).toMatchObject({ state: 'present', version })
    expect(found.get('t2')).toMatchObject({ version: expect.stringMatching(/^t:/) })
  })

  it('keeps the mode of an external table near the limit', async () => {
    const near = snowflakeAt(account!.url, database, { root, settings: { hash_up_to: '50' } })
    const definition = { form: 'external', relation: 'big.t3', dataVersion: 'content' }
    const external = {
      ...request('t3', null),
      definition: definition as ObserveRequest['definition'],
    }
    const versionAfter = async (version: string) => {
      const seen = { at: 0, version, shape: null, token: null, present: true }
      const found = must(
        await observeRelations([{ ...external, record: null, lastObserved: seen }], near),
      )
      return found.get('t3')
    }
    expect(await versionAfter('c:snowflake/1:0')).toMatchObject({
      version: expect.stringMatching(/^c:/),
    })
    expect(await versionAfter('t:0')).toMatchObject({ version: expect.stringMatching(/^t:/) })
  })

  it('returns all rows of a result in many chunks, in order', async () => {
    const rows = 150_000
    const from = {
      query: `select seq4() as n, 'row ' || seq4() as t from table(generator(rowcount => ${rows}))`,
    }
    const session = must(await warehouse.open())
    const file = join(root, 'many.csv')
    const shares: number[] = []
    const onShare = (share: number) => void shares.push(share)
    const request = {
      from,
      columns: null,
      orderBy: ['n desc'],
      format: 'csv',
      file,
      onShare,
    } as const
    expect(must(await session.export(request)).rows).toBe(rows)
    await session.close()
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(rows + 1)
    expect([lines[0], lines[1], lines.at(-1)]).toEqual(['n,t', '149999,row 149999', '0,row 0'])
    expect(shares).toEqual([...new Set(shares)].sort((a, b) => a - b))
    expect(shares.length).toBeGreaterThan(5)
    expect(shares.at(-1)).toBeGreaterThan(0.8)
    expect(shares.at(-1)).toBeLessThanOrEqual(1)
  })
})

/** The record of a run that built the table in its current state. */
function recordOf(
  name: string,
  inspected: ReadonlyMap<string, Inspected>,
  dataVersion: string,
): Materialization {
  const { shape, token = null } = inspected.get(`big.${name}`)!
  return { dataVersion, shape, token, rows: 1 } as Materialization
}

/** The request to observe a table with this record; null for a table without one. */
function request(name: string, inspected: ReadonlyMap<string, Inspected> | null): ObserveRequest {
  const relation = `big.${name}`
  const record = inspected && recordOf(name, inspected, 'c:snowflake/1:0')
  const definition = { form: 'stored', relation, accumulates: 'no', dataVersion: 'content' }
  return {
    asset: assetOf('dbt', name, {}),
    definition: definition as ObserveRequest['definition'],
    record,
    lastObserved: null,
    warehouseToken: null,
    sparing: false,
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Warehouse } from '../../framework/ports/warehouse.ts'
import { runAt, snowflakeAt } from '../rig/snowflake/account.ts'
import { FaultProxy } from '../rig/snowflake/fault-proxy.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'
import { scratchContract } from './suites/scratch.ts'
import { snowflakeUnderTest } from './suites/snowflake.ts'
import { must } from './suites/warehouse.ts'
import { warehouseContract } from './suites/warehouse-contract.ts'

const account = await startLookalike()
afterAll(() => account?.close())

describe.skipIf(account === null)('on the look-alike', () => {
  warehouseContract('Snowflake', () => snowflakeUnderTest(account!), {
    loads: false,
    tellsWidths: false,
    widensViews: true,
  })
  scratchContract('Snowflake', () => snowflakeUnderTest(account!))

  it('has no loader, because Airbyte writes its raw tables', async () => {
    const { warehouse, remove } = await snowflakeUnderTest(account!)
    const session = must(await warehouse.open())
    expect(session.loader).toBeNull()
    await session.close()
    await remove()
  })

  it('finds a function under its name with parentheses, and sees that it was created again', async () => {
    const database = newDatabase()
    const warehouse = snowflakeAt(account!.url, database)
    const inspect = async (...statements: string[]) => {
      await runAt(account!.url, database, 'create schema if not exists marts', ...statements)
      const session = must(await warehouse.open())
      const found = await session.inspect(['marts.twice()', 'marts.twice', 'nowhere.twice()'])
      await session.close()
      return found
    }
    expect([...(await inspect('create table marts.twice (x int)')).keys()]).toEqual(['marts.twice'])
    const create = (type: string) =>
      `create or replace function marts.twice(x ${type}) returns number as 'x'`
    const first = (await inspect(create('number'))).get('marts.twice()')!
    expect(first).toMatchObject({ kind: 'view', columns: [], installed: expect.any(String) })
    expect((await inspect()).get('marts.twice()')).toEqual(first)
    const again = (await inspect(create('number'))).get('marts.twice()')!
    expect(again.shape).toEqual(first.shape)
    expect(again.installed).not.toBe(first.installed)
    expect((await inspect(create('float'))).get('marts.twice()')?.shape).not.toEqual(first.shape)
    expect([...(await inspect('drop function marts.twice(float)')).keys()]).toEqual(['marts.twice'])
  })

  describe('scratch schemas of a killed run', () => {
    let database: string
    let home: string
    const others: string[] = []
    beforeEach(async () => {
      database = newDatabase()
      home = mkdtempSync(join(tmpdir(), 'assets-snowflake-'))
    })
    afterEach(() => {
      for (const root of [home, ...others.splice(0)]) rmSync(root, { recursive: true, force: true })
    })

    /** The warehouse of another command, one second later than the previous one. */
    let now = Date.UTC(2026, 0, 2, 3, 4, 5)
    const command = (root: string, state: Readonly<Record<string, string>> = {}): Warehouse => {
      now += 1000
      const at = now
      return snowflakeAt(account!.url, database, { root, state, clock: () => at })
    }
    /** A loan that never ends, as after a kill. */
    const killed = (warehouse: Warehouse): Promise<void> =>
      new Promise((resolve, reject) => {
        void warehouse.lend(async ({ scratch }) => {
          scratch.prepare(['raw.thing']).then((made) => resolve(void must(made)), reject)
          await new Promise(() => {})
        })
      })
    const left = async () => {
      const shown = await runAt(account!.url, database, 'show schemas')
      return shown.map((row) => String(row[1])).filter((name) => name.startsWith('ASSETS_SCRATCH'))
    }
    const anything = (warehouse: Warehouse) => warehouse.lend(async () => null)

    it('are dropped by the next command that builds there, and by no other', async () => {
      const another = mkdtempSync(join(tmpdir(), 'assets-snowflake-'))
      others.push(another)
      await killed(command(home))
      expect(await left()).toEqual([
        expect.stringMatching(/^ASSETS_SCRATCH_[0-9A-F]{8}_20260102030406_A__RAW$/),
        expect.stringMatching(/^ASSETS_SCRATCH_[0-9A-F]{8}_20260102030406_B__RAW$/),
      ])
      must(await anything(command(another)))
      expect(await left()).toHaveLength(2)
      must(await anything(command(home)))
      expect(await left()).toEqual([])
    })

    it('are dropped wherever the same state is used, by any user', async () => {
      const another = mkdtempSync(join(tmpdir(), 'assets-snowflake-'))
      others.push(another)
      await killed(command(home, { url: 'postgres://ann:secret@db.example.com:5432/assets' }))
      must(await anything(command(another, { url: 'postgres://db.example.com:5432/others' })))
      expect(await left()).toHaveLength(2)
      must(await anything(command(another, { url: 'postgres://bob:x@db.example.com:5432/assets' })))
      expect(await left()).toEqual([])
    })

    it('names the missing grant when they cannot be created', async () => {
      const proxy = await FaultProxy.before(account!.port)
      const message = 'SQL access control error: Insufficient privileges to operate on database'
      proxy.plan(/create transient schema/, { kind: 'code', code: '003001', message })
      const refused = must(
        await snowflakeAt(proxy.url, database, { root: home }).lend(({ scratch }) =>
          scratch.prepare(['raw.thing']),
        ),
      )
      expect(refused).toMatchObject({
        problems: [
          { code: 'scratch-refused', hint: expect.stringContaining('grant create schema') },
        ],
      })
      await proxy.close()
    })

    it('give a notice when they cannot be dropped', async () => {
      const proxy = await FaultProxy.before(account!.port)
      const notices: string[] = []
      const notice = (text: string) => void notices.push(text)
      proxy.plan(/drop schema .*_A__/, { kind: 'code', code: '003001', message: 'not yours' })
      const warehouse = snowflakeAt(proxy.url, database, { root: home, notice })
      must(await warehouse.lend(({ scratch }) => scratch.prepare(['raw.thing'])))
      expect(notices).toEqual([
        expect.stringMatching(/schema .*_A__RAW of TEST_\d+ on lookalike could not be dropped/),
      ])
      expect(await left()).toHaveLength(1)
      await proxy.close()
    })
  })
})

import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import type { Warehouse } from '../../framework/ports/warehouse.ts'
import { runAt, snowflakeAt } from '../rig/snowflake/account.ts'
import { newDatabase, startLookalike } from '../rig/snowflake/server.ts'
import { must } from './suites/warehouse.ts'

// SEMANTICS 44: relations in other databases of the account.

const account = await startLookalike()
afterAll(() => account?.close())

describe.skipIf(account === null)('another database of the account', () => {
  let own: string
  let other: string
  let warehouse: Warehouse
  beforeEach(async () => {
    own = newDatabase()
    other = newDatabase()
    const schema = 'create schema if not exists jaffle'
    await runAt(account!.url, own, schema, 'create table jaffle.orders as select 7 as id')
    await runAt(account!.url, other, schema, 'create table jaffle.orders as select 1 as id')
    await runAt(account!.url, other, 'create view jaffle.shown as select * from jaffle.orders')
    warehouse = snowflakeAt(account!.url, own, { settings: { role: 'BUILDER' } })
  })

  /** What a session finds, with the content of `<other>.jaffle.orders`. */
  async function look(...relations: readonly string[]) {
    const session = must(await warehouse.open())
    const found = await session.inspect(relations)
    const content = [...found.keys()].map((relation) =>
      session.fingerprint(relation, { volatile: [] }),
    )
    const prints = (await Promise.all(content)).map((print) => must(print))
    await session.close()
    return { found, prints }
  }

  it('is looked at for its own relations, and for no other of their names', async () => {
    const relation = `${other.toLowerCase()}.jaffle.orders`
    const shown = `${other}.Jaffle.Shown`
    const first = await look(relation, 'jaffle.orders', shown, 'jaffle.shown', `${other}.jaffle.no`)
    expect([...first.found.keys()]).toEqual([relation, 'jaffle.orders', shown])
    expect(first.found.get(shown)).toMatchObject({ kind: 'view' })
    expect(first.prints[0]!.version).not.toBe(first.prints[1]!.version)
    await runAt(account!.url, own, 'insert into jaffle.orders values (8)')
    const second = await look(relation)
    expect(second.found.get(relation)?.token).toBe(first.found.get(relation)?.token)
    await runAt(account!.url, other, 'insert into jaffle.orders values (2)')
    const third = await look(relation)
    expect(third.found.get(relation)?.token).not.toBe(first.found.get(relation)?.token)
    expect(third.prints[0]).toMatchObject({ rows: 2, shape: { relation } })
    expect(warehouse.whyUnseen(relation)).toBe(null)
  })

  it('with a table that is hashed by its token only has the token of that table', async () => {
    const relation = `${other}.jaffle.orders`
    warehouse = snowflakeAt(account!.url, own, { settings: { hash_up_to: '1B' } })
    const { found, prints } = await look(relation)
    expect(prints[0]?.version).toMatch(/^t:/)
    expect(prints[0]?.token).toBe(found.get(relation)?.token)
  })

  it('has functions, apart from those of the own one', async () => {
    const relation = `${other}.jaffle.twice()`
    const create = "create or replace function jaffle.twice(x number) returns number as 'x'"
    await runAt(account!.url, other, create)
    const session = must(await warehouse.open())
    const found = await session.inspect([relation, 'jaffle.twice()'])
    await session.close()
    expect([...found.keys()]).toEqual([relation])
  })
})

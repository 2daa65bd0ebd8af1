import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { borrowing, duckdbIn } from './suites/duckdb.ts'
import { DuckdbFolder } from './suites/duckdb-folder.ts'

const folder = new DuckdbFolder()

const QUERY = `select id, cast(amount as decimal(10, 2)) as amount from main.t
  union all select id, 1 from main.t union all select 7, 7`

/** Creates a table and a view over it, as dbt does: under another name, in another process. */
async function filled(query = QUERY): Promise<void> {
  await borrowing(
    duckdbIn(folder.root),
    `create table t as select 1 as id, 2.5 as amount;
     create view v__dbt_tmp as (${query}); alter view v__dbt_tmp rename to v`,
  )
}

const compare = (statement: string, relation = 'main.v') =>
  folder.withSession((session) =>
    session.compareViews(new Map([[relation, { statement, query: '' }]])),
  )

const statementOf = (query: string) => `create view "warehouse"."main"."v" as (\n  ${query}\n);`

describe('a view in the warehouse', () => {
  test('is the same as what its statement creates, and nothing is written', async () => {
    await filled()
    const before = readFileSync(folder.file)
    const token = await duckdbIn(folder.root).changeToken()
    const compared = await compare(statementOf(QUERY))
    expect(compared.get('main.v')?.is).toBe('same')
    const inspected = await folder.withSession((session) => session.inspect(['main.v']))
    expect(compared.get('main.v')?.installed).toBe(inspected.get('main.v')?.installed)
    expect(readFileSync(folder.file).equals(before)).toBe(true)
    expect(await duckdbIn(folder.root).changeToken()).toBe(token)
  })

  test.each([
    ['it has another query', QUERY, QUERY.replace('7, 7', '7, 8')],
    [
      'a text in it has other spaces',
      `select 'a b' as a from main.t`,
      `select 'a  b' as a from main.t`,
    ],
    ['a column has another name', 'select id from main.t', 'select id as key from main.t'],
  ])('is another one if %s', async (_, query, now) => {
    await filled(query)
    expect((await compare(statementOf(now))).get('main.v')?.is).toBe('other')
  })

  test.each([
    ['its statement fails', statementOf('select * from main.missing'), 'main.v'],
    ['a table is there', 'create view t as (select 1 as id)', 'main.t'],
    ['nothing is there', 'create view w as (select 1 as id)', 'main.w'],
  ])('is not compared if %s', async (_, statement, relation) => {
    await filled()
    expect(await compare(statement, relation)).toEqual(new Map())
    const inspected = await folder.withSession((session) => session.inspect(['main.t', 'main.v']))
    expect([...inspected.keys()]).toEqual(['main.t', 'main.v'])
  })
})

import { describe, expect, it } from 'vitest'
import { viewsThatRead } from '../../../framework/warehouses/view-sources.ts'

const nameOf = (relation: string) => {
  const [schema = '', name = ''] = relation.split('.')
  return { database: 'db', schema, name }
}

const reads = (sql: string | null, relation = 'main.a') =>
  viewsThatRead([relation], [{ view: 'main.v', sql }], nameOf).get(relation)!.length > 0

describe('a view may read main.a', () => {
  it.each([
    'select * from main.a',
    'select * from "db"."main"."a"',
    'select * from MAIN . A',
    'create view main.v as select * from b join main.a using (id)',
    'select * from a',
    'select * from b, a',
    'select * from b join a on b.id = a.id',
    'select * from b join c on b.id = c.id, a',
    'select * from (a join b using (id))',
    'select * from b where id in (select id from a)',
    'from a select id',
    'table a',
    'select * from db.a',
    'with a as (select * from a) select * from a',
    'with b as (select 1), a as (select * from main.a) select * from a',
    'select * from (with a as (select 1 as id) select * from a) x, a',
    "select 'it''s' from /* not here */ a -- nor here",
    'select * from x union all select * from a',
    'pivot a on x using sum(n)',
  ])('%s', (sql) => expect(reads(sql)).toBe(true))

  it('if its text is not shown', () => expect(reads(null)).toBe(true))
})

describe('a view does not read main.a', () => {
  it.each([
    'select * from analytics.a',
    'with a as (select * from analytics.a) select * from a',
    'with recursive b as (select 1), a (id) as materialized (select * from b) select * from a join b',
    'select a.id, a from main.b as a',
    "select 'from a' from main.b",
    'select * from main.b -- from a',
    'select * from main.b /* from main.a */',
    'select a from main.b where a > 1 group by a order by a',
    'select f(b, a) from main.b',
    'select * from main.aa',
    'select * from domain.a',
  ])('%s', (sql) => expect(reads(sql)).toBe(false))

  it('if it is main.a itself', () => {
    const views = [{ view: 'MAIN.A', sql: 'create view main.a as select 1' }]
    expect(viewsThatRead(['main.a'], views, nameOf)).toEqual(new Map([['main.a', []]]))
  })
})

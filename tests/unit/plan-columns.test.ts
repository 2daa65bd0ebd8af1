import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSqlParser } from '../../framework/engines/duckdb/parse-sql.ts'
import { buildGraph } from '../../framework/graph/graph.ts'
import { plainSql } from '../../framework/kinds/dbt/plain-sql.ts'
import type { Column, ColumnFacts, ColumnSource } from '../../framework/model/columns.ts'
import { columnChanges } from '../../framework/plan/column-changes.ts'
import type { SqlParser } from '../../framework/ports/sql.ts'
import { plainAsset } from '../rig/asset.ts'

let parser: SqlParser
beforeAll(async () => {
  parser = await createSqlParser()
})
afterAll(() => parser.close())

const column = (name: string, type: string | null = null): Column => ({ name, type })
const list = (...names: readonly string[]): ColumnSource => ({
  is: 'list',
  columns: names.map((name) => column(name)),
})
const factsOf = (source: ColumnSource | null, text = ''): ColumnFacts => ({
  source,
  text: { file: 'm.sql', text },
})
const queryOf = (text: string): ColumnSource | null => {
  const plain = plainSql(text)
  return (
    plain && { is: 'query', sql: plain.sql, tables: { 'assets ref t': 't', 'assets ref u': 'u' } }
  )
}

/** What changes in `q` if its text does. `t` has the columns a, b; `u` has b, c. */
async function changesOf(before: string, after: string) {
  const graph = graphOf()
  const side = (text: string) =>
    new Map([
      ['t', factsOf(list('a', 'b'))],
      ['u', factsOf(list('b', 'c'))],
      ['q', factsOf(queryOf(text), text)],
    ])
  const { changes, unknown } = await columnChanges(graph, side(before), side(after), parser.parse)
  if (unknown.length > 0) return 'unknown'
  return changes.map(({ column: name, change, from, to }) =>
    change === 'retyped' ? `${name} ${from} → ${to}` : `${name} ${change}`,
  )
}

const graphOf = () => {
  const assets = [
    plainAsset('t', {}),
    plainAsset('u', {}),
    plainAsset('q', { deps: ['t', 'u'] }),
    plainAsset('r', { deps: ['q'] }),
    plainAsset('s', { deps: ['r'] }),
  ]
  const graph = buildGraph(assets, [])
  if (!graph.ok) throw new Error('a cycle')
  return graph.value
}

describe('columns of a query', () => {
  const T = "{{ ref('t') }}"
  test.each<readonly [string, string, readonly string[] | 'unknown']>([
    [`select a, b from ${T}`, `select a from ${T}`, ['b removed']],
    [`select a from ${T}`, `select a, b as c from ${T}`, ['c added']],
    [`select a as x from ${T}`, `select a as y from ${T}`, ['x removed', 'y added']],
    [`select a from ${T}`, `select A from ${T}`, []],
    [`select t.a from ${T} t`, `select x.a from ${T} x`, []],
    [`select * from ${T}`, `select a from ${T}`, ['b removed']],
    [`select * exclude (a) from ${T}`, `select * from ${T}`, ['a added']],
    [`select * replace (1 as a) from ${T}`, `select * from ${T}`, []],
    [
      `with x as (select * from ${T}) select * from x`,
      `with x as (select a from ${T}) select * from x`,
      ['b removed'],
    ],
    [
      `with x(p) as (select a from ${T}) select * from x`,
      `select a from ${T}`,
      ['p removed', 'a added'],
    ],
    [
      `select a from ${T} union all select b from ${T}`,
      `select b from ${T}`,
      ['a removed', 'b added'],
    ],
    [`select * from (select a, 1 as n from ${T}) s`, `select a from ${T}`, ['n removed']],
    [`select a, c from ${T} join {{ ref('u') }} using (b)`, `select a from ${T}`, ['c removed']],
    [
      `select x.*, y.c from ${T} x join {{ ref('u') }} y using (b)`,
      `select a, b from ${T}`,
      ['c removed'],
    ],
    [
      'select cast(a as int) as a from {{ ref("t") }}',
      'select cast(a as bigint) as a from {{ ref("t") }}',
      ['a INTEGER → BIGINT'],
    ],
    [
      'select a::decimal(9, 2) as a from x',
      'select a::decimal(9, 3) as a from x',
      ['a DECIMAL(9,2) → DECIMAL(9,3)'],
    ],
    [
      `select {{ cents('a') }} as a from {{ live(source('x', 'y')) }}`,
      `select 1 as b from ${T}`,
      ['a removed', 'b added'],
    ],
    [`{{ config(materialized='table') }}\nselect a from ${T};`, `{# a #} select a from ${T}`, []],
    [
      `select a from ${T} {% if is_incremental() %} where a > (select max(a) from {{ this }}) {% endif %}`,
      `select b from ${T}`,
      ['a removed', 'b added'],
    ],
    [
      `{% set n = 1 %} select {{ n }} as a from ${T}`,
      `select b from ${T}`,
      ['a removed', 'b added'],
    ],
    // What the text does not say for certain.
    [`select * from ${T} join {{ ref('u') }} using (b)`, `select a from ${T}`, 'unknown'],
    [`select * from ${T} natural join {{ ref('u') }}`, `select a from ${T}`, 'unknown'],
    [
      `select t.*, 1 as n from ${T} t semi join (select c as x from {{ ref('u') }}) u on t.b = u.x`,
      `select a from ${T}`,
      'unknown',
    ],
    [`select * from ${T}, {{ ref('u') }}`, `select a from ${T}`, 'unknown'],
    ["select * from {{ source('x', 'y') }}", `select a from ${T}`, 'unknown'],
    [`select {{ star() }} from ${T}`, `select a from ${T}`, 'unknown'],
    [`select {{ name }}_id from ${T}`, `select a from ${T}`, 'unknown'],
    [`select a as {{ name }} from ${T}`, `select a from ${T}`, 'unknown'],
    [`select sum(a) from ${T}`, `select a from ${T}`, 'unknown'],
    [`select cast(a as int) from ${T}`, `select a from ${T}`, 'unknown'],
    [`select a.b.c from ${T} a`, `select a from ${T}`, 'unknown'],
    [`select columns('a.*') from ${T}`, `select a from ${T}`, 'unknown'],
    [`select a from ${T} union all by name select b from ${T}`, `select a from ${T}`, 'unknown'],
    [`{% for x in y %} select a {% endfor %} from ${T}`, `select a from ${T}`, 'unknown'],
    ['select a from', `select a from ${T}`, 'unknown'],
    [`select a from ${T}; select b from ${T}`, `select a from ${T}`, 'unknown'],
    [`from ${T} select a, a`, `select a from ${T}`, 'unknown'],
  ])('%s → %s', async (before, after, expected) => {
    expect(await changesOf(before, after)).toEqual(expected)
  })
})

describe('who names a column', () => {
  const Q = "select a, b as gone from {{ ref('t') }}"
  const sides = (after: string, r: string, s = '') => {
    const tables = { 'assets ref t': 't', 'assets ref q': 'q', 'assets ref r': 'r' }
    const query = (text: string): ColumnSource => {
      const { sql } = plainSql(text)!
      const named = Object.entries(tables).filter(([name]) => sql.includes(name))
      return { is: 'query', sql, tables: Object.fromEntries(named) }
    }
    const side = (q: string) =>
      new Map([
        ['t', factsOf(list('a', 'b'))],
        ['q', factsOf(query(q), q)],
        ['r', factsOf(query(r), r)],
        ['s', factsOf(query(s), s)],
      ])
    return [side(Q), side(after)] as const
  }
  const AFTER = "select a from {{ ref('t') }}"

  test('is a direct reader, with the line, in any case of letters', async () => {
    const [before, after] = sides(
      AFTER,
      "-- gone\n\nselect GONE from {{ ref('q') }}",
      'select gone from r',
    )
    const { changes } = await columnChanges(graphOf(), before, after, parser.parse)
    expect(changes).toEqual([
      {
        ...{ asset: 'q', column: 'gone', change: 'removed', from: null, to: null },
        readers: [{ asset: 'r', file: 'm.sql', line: 3 }],
      },
    ])
  })

  test('is not a reader that has a part of the name, or has it in a comment', async () => {
    const [before, after] = sides(AFTER, "select bygone, gone_by /* gone */ from {{ ref('q') }}")
    const { changes } = await columnChanges(graphOf(), before, after, parser.parse)
    expect(changes.map(({ readers }) => readers)).toEqual([[]])
  })

  test('follows all columns through a reader', async () => {
    const [before, after] = sides(
      AFTER,
      "select * from {{ ref('q') }}",
      "select gone from {{ ref('r') }}",
    )
    const { changes } = await columnChanges(graphOf(), before, after, parser.parse)
    expect(
      changes.map(({ asset, column: name, readers }) => [
        asset,
        name,
        readers.map((one) => one.asset),
      ]),
    ).toEqual([
      ['q', 'gone', []],
      ['r', 'gone', ['s']],
    ])
  })

  test('a table that reads itself has no known columns', async () => {
    const [before, after] = sides("select *, 1 as n from {{ ref('q') }}", '')
    expect((await columnChanges(graphOf(), before, after, parser.parse)).unknown).toContain('q')
  })

  test('needs no parser if no text changed', async () => {
    const [before] = sides(AFTER, "select * from {{ ref('q') }}")
    const parse = () => Promise.reject(new Error('it was called'))
    expect(await columnChanges(graphOf(), before, before, parse)).toEqual({
      changes: [],
      unknown: [],
    })
  })
})

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createReader } from '../../framework/warehouses/duckdb/reader.ts'
import { sharedPython } from '../rig/python.ts'
import { borrowing, duckdbIn } from './suites/duckdb.ts'
import { codes, DuckdbFolder } from './suites/duckdb-folder.ts'
import { must } from './suites/warehouse.ts'

const folder = new DuckdbFolder()

describe('content version', () => {
  /** Each is one table. `hash()` alone or the text alone gives equal values for some of them. */
  const CONTENTS = [
    'select null::int[] as c',
    'select []::int[] as c',
    'select [null]::int[] as c',
    'select [[]]::int[][] as c',
    'select [null]::int[][] as c',
    'select [[1], [2]] as c',
    'select [[1, 2]] as c',
    "select ['1, 2'] as c",
    "select ['1', '2'] as c",
    "select ['NULL'] as c",
    'select [null]::varchar[] as c',
    "select {'a': null::int} as c",
    'select null::struct(a int) as c',
    "select {'a': 1} as c",
    "select {'b': 1} as c",
    "select map {'a': 1} as c",
    "select map {'a': null::int} as c",
    "select interval '1 month' as c",
    "select interval '30 days' as c",
    "select interval '720 hours' as c",
    'select union_value(a := 1)::union(a int, b int) as c',
    'select union_value(b := 1)::union(a int, b int) as c',
    'select 1::int as c',
    'select 1::bigint as c',
    'select 1::int as C',
    'select 1::int as d',
    "select 'a'::varchar as c",
    "select 'a'::blob as c",
    "select '{}'::json as c",
    'select 0.0::double as c',
    "select '-0.0'::double as c",
    "select 'nan'::double as c",
    "select 'inf'::double as c",
    'select null::double as c',
    'select 0.0::float as c',
    "select '-0.0'::float as c",
    'select 1.10::decimal(5, 2) as c',
    'select 1.10::decimal(6, 2) as c',
    "select time '10:00:00' as c",
    "select '10:00:00+00'::timetz as c",
    "select '12:00:00+02'::timetz as c",
    "select timestamp '2020-01-01' as c",
    "select timestamptz '2020-01-01 00:00:00+00' as c",
    "select 'x'::enum('x', 'y') as c",
    "select 'x'::enum('y', 'x') as c",
    "select '1'::bit as c",
    "select '01'::bit as c",
    'select null::int as c from range(2)',
    'select null::int as c',
    'select null::int as c where false',
    'select null::int as c, null::int as d',
    'select 0::int as c, null::int as d',
    'select null::int as c, 0::int as d',
    "select 'a' as c, 'b' as d",
    "select 'ab' as c, '' as d",
    "select '' as c, 'ab' as d",
  ]

  it('distinguishes values that hash() or text alone does not', async () => {
    await borrowing(
      duckdbIn(folder.root),
      CONTENTS.map((sql, at) => `create table t${at} as ${sql}`).join(';'),
    )
    const byVersion = await folder.withSession(async (session) => {
      const found = new Map<string, string[]>()
      for (const [at, sql] of CONTENTS.entries()) {
        const { version } = must(await session.fingerprint(`main.t${at}`, { volatile: [] }))
        found.set(version, [...(found.get(version) ?? []), sql])
      }
      return found
    })
    const same = [...byVersion.values()].filter((contents) => contents.length > 1)
    expect(same).toEqual([])
  })

  it('is stable: a change of the engine or the rule needs a new scheme', async () => {
    await borrowing(
      duckdbIn(folder.root),
      `create table t as select 1::bigint as id, 'x' as name, 1.5::double as n, [1, null] as list, date '2020-01-01' as day
       union all select 2, null, null, null, null`,
    )
    await folder.withSession(async (session) => {
      expect(must(await session.fingerprint('main.t', { volatile: [] })).version).toBe(
        'c:duckdb-1.5/1:97be39661075c4586e74f2e0d1f4ab31',
      )
    })
  })

  const wide = `select i as id, 'text ' || i % 1000 as t, i / 7.0 as n, [i, null] as l from range(300000) r(i)`

  it('does not depend on threads or the order of rows', async () => {
    const warehouse = duckdbIn(folder.root, { threads: 4 })
    await borrowing(
      warehouse,
      `create table a as ${wide}; create table b as ${wide} order by hash(i)`,
    )
    const versions = new Set<string>()
    for (const threads of [1, 4]) {
      const session = must(await duckdbIn(folder.root, { threads }).open())
      for (const relation of ['main.a', 'main.b']) {
        versions.add(must(await session.fingerprint(relation, { volatile: [] })).version)
      }
      await session.close()
    }
    expect(versions.size).toBe(1)
  })

  it("is the same with Python's driver", async () => {
    const python = await sharedPython()
    const warehouse = duckdbIn(folder.root)
    const sql = [
      `create table wide as ${wide}`,
      ...CONTENTS.map((one, at) => `create table t${at} as ${one}`),
    ]
    await borrowing(warehouse, sql.join(';'))
    const relations = ['main.wide', ...CONTENTS.map((_, at) => `main.t${at}`)]
    const ours = await folder.withSession(async (session) => {
      const prints = []
      for (const one of relations)
        prints.push(must(await session.fingerprint(one, { volatile: [] })))
      return prints
    })
    const program = `
import duckdb, json, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("set TimeZone = 'UTC'")
for line in sys.stdin:
    print(json.dumps(connection.execute(json.loads(line)).fetchall()), flush=True)`
    const theirs = must(
      await warehouse.lend(async (loan) => {
        const worker = folder.start(join(python, 'bin', 'python'), [
          '-c',
          program,
          loan.env.DBT_DUCKDB_PATH!,
        ])
        const reader = loan.reader(async (statement) => {
          worker.child.stdin.write(`${JSON.stringify(statement)}\n`)
          return JSON.parse(await worker.line())
        })
        const prints = []
        for (const one of relations)
          prints.push(must(await reader.fingerprint(one, { volatile: [] })))
        worker.child.stdin.end()
        await worker.ended
        return prints
      }),
    )
    expect(theirs).toEqual(ours)
  })

  it('is a problem, not a crash, when the borrower ends', async () => {
    const reader = createReader(
      () => Promise.reject(new Error('the worker ended')),
      'warehouse.duckdb',
    )
    expect(codes(await reader.fingerprint('a.b', { volatile: [] }))).toEqual([
      'relation-unreadable',
    ])
    await expect(reader.inspect(['a.b'])).rejects.toThrow('warehouse.duckdb could not be inspected')
  })
})

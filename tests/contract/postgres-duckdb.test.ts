import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Stream } from '../../framework/model/stream.ts'
import type { Session } from '../../framework/ports/warehouse.ts'
import { create } from '../../framework/warehouses/duckdb/index.ts'
import { type Ended, type LoadOptions, load, stream } from '../rig/load.ts'
import { type SourceRig, type SourceSuite, serverSuite, testSite } from '../rig/postgres-source.ts'

// From PostgreSQL into DuckDB: the warehouse reads the files that the loader writes.

describe('from a server into DuckDB', () => {
  let suite: SourceSuite
  let source: SourceRig
  let root: string

  beforeAll(async () => {
    suite = await serverSuite()
  })
  afterAll(() => suite?.stop())
  beforeEach(async () => {
    source = await suite.source()
    root = mkdtempSync(join(tmpdir(), 'assets-to-duckdb-'))
    mkdirSync(join(root, '.assets'))
  })
  afterEach(async () => {
    await source?.close()
    rmSync(root, { recursive: true, force: true })
  })

  async function withSession<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const at = { file: 'assets.yaml', path: [] }
    const warehouse = create(
      { type: 'duckdb', settings: { path: 'w.duckdb' }, at },
      testSite(root, []),
    )
    if (!warehouse.ok) throw new Error(warehouse.problems[0]!.message)
    const session = await warehouse.value.open()
    if (!session.ok) throw new Error(session.problems[0]!.message)
    try {
      return await use(session.value)
    } finally {
      await session.value.close()
    }
  }

  function loaded(streams: readonly Stream[], more: Omit<LoadOptions, 'session'> = {}) {
    return withSession(async (session) => {
      const ended = await load(source.connection, streams, { session, ...more })
      for (const one of ended.values()) {
        if (one.step === 'failed') throw new Error(`${one.problem.message}\n${one.problem.detail}`)
      }
      return ended
    })
  }

  async function query(sql: string): Promise<readonly (readonly unknown[])[]> {
    const instance = await DuckDBInstance.create(join(root, 'w.duckdb'))
    const connection = await instance.connect()
    await connection.run("set TimeZone = 'UTC'")
    const rows = (await connection.runAndReadAll(sql)).getRowsJson()
    connection.closeSync()
    instance.closeSync()
    return rows
  }

  const versionOf = (ended: ReadonlyMap<string, Ended>, name: string) => {
    const one = ended.get(name)
    return one?.step === 'built' ? one.product.version : null
  }

  test("the table has Airbyte's layout and the source's values", async () => {
    await source.exec(`
      create type mood as enum ('sad', 'ok');
      create table t (
        "Small" smallint, big bigint, whole numeric(38), scaled numeric(5, 2), free numeric, float8 float8,
        yes boolean, no boolean, padded char(4), body text, doc jsonb, bytes bytea, feeling mood,
        list int[], texts text[], day date, clock time, clock_tz timetz, at timestamp, at_tz timestamptz);
      insert into t values (
        -1, 9223372036854775807, 99999999999999999999999999999999999999, 1.10, 1e20, 0.1,
        true, false, 'ab', e'a\\r\\n"b",', '{"k": [1]}', '\\x00ff', 'ok',
        '{1,NULL}', '{"a,b","c\\"d"}', '0001-01-01', '23:59:59.999999', '12:00+02', '9999-12-31 23:59:59.999999',
        '2024-02-29 12:00:00.5+02'),
      (null, null, null, null, null, null, null, null, null, '', null, '', null, '{}', null, null, null, null, null, null)`)
    const ended = await loaded([stream('t')], { run: 9 })
    expect(versionOf(ended, 'raw_t')).toMatch(/^c:duckdb-/)
    const described = await query('select column_name, column_type, "null" from (describe raw.t)')
    expect(described.map((column) => column.join(' '))).toMatchInlineSnapshot(`
      [
        "_airbyte_raw_id UUID NO",
        "_airbyte_extracted_at TIMESTAMP WITH TIME ZONE NO",
        "_airbyte_meta JSON NO",
        "_airbyte_generation_id BIGINT NO",
        "small BIGINT YES",
        "big BIGINT YES",
        "whole HUGEINT YES",
        "scaled DOUBLE YES",
        "free DOUBLE YES",
        "float8 DOUBLE YES",
        "yes BOOLEAN YES",
        "no BOOLEAN YES",
        "padded VARCHAR YES",
        "body VARCHAR YES",
        "doc VARCHAR YES",
        "bytes VARCHAR YES",
        "feeling VARCHAR YES",
        "list JSON YES",
        "texts JSON YES",
        "day DATE YES",
        "clock TIME YES",
        "clock_tz VARCHAR YES",
        "at TIMESTAMP YES",
        "at_tz TIMESTAMP WITH TIME ZONE YES",
      ]
    `)
    const values = await query(
      'select * exclude (_airbyte_raw_id) from raw.t order by small nulls last',
    )
    expect(values).toMatchInlineSnapshot(`
      [
        [
          "2024-01-02 03:04:05+00",
          "{"sync_id":9,"changes":[]}",
          "9",
          "-1",
          "9223372036854775807",
          "99999999999999999999999999999999999999",
          1.1,
          100000000000000000000,
          0.1,
          true,
          false,
          "ab  ",
          "a
      "b",",
          "{"k": [1]}",
          "\\x00ff",
          "ok",
          "[1,null]",
          "["a,b","c\\"d"]",
          "0001-01-01",
          "23:59:59.999999",
          "12:00:00+02",
          "9999-12-31 23:59:59.999999",
          "2024-02-29 10:00:00.5+00",
        ],
        [
          "2024-01-02 03:04:05+00",
          "{"sync_id":9,"changes":[]}",
          "9",
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          null,
          "",
          null,
          "\\x",
          null,
          "[]",
          null,
          null,
          null,
          null,
          null,
          null,
        ],
      ]
    `)
    const ids = await query('select count(distinct _airbyte_raw_id) from raw.t')
    expect(ids).toEqual([['2']])
  })

  test('values that no column can hold are null and listed', async () => {
    await source.exec(`
      create table t (id int, d date, ts timestamp, tz timestamptz, n numeric, w numeric(60), f float8, c time);
      insert into t values
        (1, '0044-03-15 BC', 'infinity', '294276-01-01', 'NaN', 1e38, '-Infinity', '24:00'),
        (2, '2024-01-01', '2024-01-01', '2024-01-01', 1, 1, 1, '00:00')`)
    await loaded([stream('t')])
    expect(
      await query('select id, d, ts, tz, n, w, f, c, _airbyte_meta from raw.t order by id'),
    ).toEqual([
      ['1', null, null, null, null, null, null, null, expect.any(String)],
      [
        '2',
        '2024-01-01',
        '2024-01-01 00:00:00',
        '2024-01-01 00:00:00+00',
        1,
        '1',
        1,
        '00:00:00',
        '{"sync_id":7,"changes":[]}',
      ],
    ])
    const changed = await query(
      `select _airbyte_meta->>'$.sync_id', _airbyte_meta->>'$.changes[*].field' from raw.t where id = 1`,
    )
    expect(changed).toEqual([['7', ['d', 'ts', 'tz', 'n', 'w', 'f', 'c']]])
  })

  test('a table of one column keeps its nulls and its empty texts', async () => {
    const texts = ['', '\\.', '\r', '\n', '"', 'NULL', ' ']
    const literals = texts.map((text) => `(e'${text.replaceAll('\\', '\\\\')}')`)
    await source.exec(`create table t (x text); insert into t values ${literals.join(', ')}, (null), (null);
      create view v as select x from t`)
    await loaded([stream('t'), stream('v')])
    for (const name of ['t', 'v']) {
      expect(await query(`select x from raw.${name}`)).toHaveLength(texts.length + 2)
      const rows = await query(`select x, count(*) from raw.${name} group by x`)
      expect(new Map(rows as [string, string][])).toEqual(
        new Map([...texts.map((text) => [text, '1'] as const), [null, '2']]),
      )
    }
  })

  test('an empty table is created, and stays empty', async () => {
    await source.exec('create table t (id int, at timestamp)')
    const first = await loaded([stream('t')])
    expect(await query('select column_name from (describe raw.t) offset 4')).toEqual([
      ['id'],
      ['at'],
    ])
    expect(await query('select count(*) from raw.t')).toEqual([['0']])
    const second = await loaded([stream('t')])
    expect(versionOf(second, 'raw_t')).toBe(versionOf(first, 'raw_t'))
  })

  test('equal rows have equal versions, in any order and after any number of loads', async () => {
    await source.exec(
      `create table t (id int, v text); insert into t select n, 'v' || n from generate_series(1, 1000) n`,
    )
    const first = await loaded([stream('t')])
    await source.exec('update t set v = v where id % 2 = 0')
    const second = await loaded([stream('t')])
    expect(versionOf(second, 'raw_t')).toBe(versionOf(first, 'raw_t'))
    await source.exec("update t set v = '' where id = 5")
    const third = await loaded([stream('t')])
    await source.exec('update t set v = null where id = 5')
    const fourth = await loaded([stream('t')])
    expect(new Set([first, third, fourth].map((ended) => versionOf(ended, 'raw_t'))).size).toBe(3)
  })

  test('incremental loads append and merge', async () => {
    await source.exec(
      `create table log (id int primary key, v text); insert into log values (1, 'a'), (2, 'b')`,
    )
    const append = stream('log', { sync: 'incremental_append', cursor: 'id' })
    const merge = stream('log', {
      ...{ sync: 'incremental_dedup', cursor: 'id', primaryKey: ['id'] },
      ...{ asset: 'merged', relation: 'raw.merged' },
    })
    const first = await loaded([append, merge])
    await source.exec(`insert into log values (3, 'c'); update log set v = 'B' where id = 2`)
    const second = await loaded([append, merge], { records: first })
    // An append keeps the row that it loaded, and adds the new version of the row at the cursor.
    expect(await query('select id, v from raw.log order by id, v desc')).toEqual([
      ['1', 'a'],
      ['2', 'b'],
      ['2', 'B'],
      ['3', 'c'],
    ])
    expect(await query('select id, v from raw.merged order by id')).toEqual([
      ['1', 'a'],
      ['2', 'B'],
      ['3', 'c'],
    ])
    const third = await loaded([append, merge], { records: second })
    for (const name of ['raw_log', 'merged']) {
      expect(versionOf(third, name)).toBe(versionOf(second, name))
    }
  })

  test('rows whose keys become equal are merged by their exact keys', async () => {
    await source.exec(`
      create table num (id numeric primary key, v text, u int);
      insert into num values (9007199254740992, 'even', 1), (9007199254740993, 'odd', 1), ('NaN', 'none', 1),
        (0.1, 'short', 1), (0.10000000000000001, 'long', 1), (1e400, 'large', 1), (1e-400, 'small', 1), (0, 'zero', 1);
      create table span (id int, d date, t timestamptz, c time, v text, u int, primary key (id, d, t, c));
      insert into span values
        (1, 'infinity', '2024-01-01', '00:00', 'current', 1), (1, '-infinity', '2024-01-01', '00:00', 'origin', 1),
        (1, '0044-03-15 BC', '2024-01-01', '00:00', 'caesar', 1), (1, '2024-01-01', 'infinity', '00:00', 'later', 1),
        (1, '2024-01-01', '-infinity', '00:00', 'before', 1), (1, '2024-01-01', '2024-01-01', '24:00', 'end', 1),
        (1, '2024-01-01', '2024-01-01', '00:00', 'plain', 1);
      create table other (f float8, w numeric(50), m money, v text, u int, primary key (f, w, m));
      insert into other values ('Infinity', 1e40, 90071992547409.92, 'a', 1), ('-Infinity', 1e40, 90071992547409.92, 'b', 1),
        ('NaN', 1e41, 90071992547409.93, 'c', 1), ('NaN', 1e41, 92233720368547758.07, 'd', 1),
        ('NaN', 1e41, 92233720368547758.06, 'e', 1)`)
    const incremental = { sync: 'incremental_dedup', cursor: 'u' } as const
    const streams = [
      stream('num', { ...incremental, primaryKey: ['id'] }),
      stream('span', { ...incremental, primaryKey: ['id', 'd', 't', 'c'] }),
      stream('other', { ...incremental, primaryKey: ['f', 'w', 'm'] }),
    ]
    let records = await loaded(streams)
    const texts = async (name: string) =>
      (await query(`select v from raw.${name} order by v`)).map(([v]) => v)
    const all = {
      num: ['even', 'large', 'long', 'none', 'odd', 'short', 'small', 'zero'],
      span: ['before', 'caesar', 'current', 'end', 'later', 'origin', 'plain'],
      other: ['a', 'b', 'c', 'd', 'e'],
    }
    for (const [name, values] of Object.entries(all)) expect(await texts(name)).toEqual(values)
    for (const round of all.num.keys()) {
      for (const [name, values] of Object.entries(all)) {
        // A number is the same key with any scale.
        const key = name === 'num' ? 'id = id + 0.000, ' : ''
        await source.exec(
          `update ${name} set ${key}v = v || '!', u = ${round + 2} where v = '${values[round] ?? ''}'`,
        )
      }
      records = await loaded(streams, { records })
      for (const [name, values] of Object.entries(all)) {
        const expected = values.map((one, at) => (at <= round ? `${one}!` : one))
        expect(await texts(name)).toEqual(expected.sort())
      }
    }
    await source.exec(`insert into num values (9007199254740994.5, 'new', 99)`)
    await loaded(streams, { records })
    expect(await texts('num')).toEqual([...all.num.map((value) => `${value}!`), 'new'].sort())
  })

  test('a column that becomes a key is read again, so that its exact values are kept', async () => {
    await source.exec(`create table t (id int primary key, n numeric unique not null, v text, u int);
      insert into t values (1, 9007199254740992, 'even', 1), (2, 9007199254740993, 'odd', 1)`)
    const by = (key: string) =>
      stream('t', { sync: 'incremental_dedup', cursor: 'u', primaryKey: [key] })
    const records = await loaded([by('id')])
    await source.exec(`update t set v = 'odd!', u = 2 where v = 'odd'`)
    await loaded([by('n')], { records })
    expect(await query('select v from raw.t order by id')).toEqual([['even'], ['odd!']])
  })

  test('a child of a table can repeat its key, and the newest row counts', async () => {
    await source.exec(`create table t (id int primary key, v text, u int); create table child () inherits (t);
      insert into t values (1, 'old', 1); insert into child values (1, 'new', 2)`)
    const one = stream('t', { sync: 'incremental_dedup', cursor: 'u', primaryKey: ['id'] })
    const records = await loaded([one])
    expect(await query('select v from raw.t')).toEqual([['new']])
    await source.exec(`update t set u = 3 where v = 'new'`)
    await loaded([one], { records })
    expect(await query('select v from raw.t')).toEqual([['new']])
  })

  test('a load that fails midway leaves the table unchanged', async () => {
    await source.exec(`create table n (id int); insert into n values (1);
      create view t as select 10 / id as x from n`)
    await loaded([stream('t')])
    await source.exec(
      'insert into n select 1 from generate_series(1, 200000); insert into n values (0)',
    )
    const ended = await withSession((session) =>
      load(source.connection, [stream('t')], { session }),
    )
    expect(ended.get('raw_t')!.step).toBe('failed')
    expect(
      await query(
        'select * exclude (_airbyte_raw_id, _airbyte_extracted_at, _airbyte_meta, _airbyte_generation_id) from raw.t',
      ),
    ).toEqual([['10']])
    expect(
      await query("select table_name from information_schema.tables where table_schema = 'raw'"),
    ).toEqual([['t']])
  })
})
